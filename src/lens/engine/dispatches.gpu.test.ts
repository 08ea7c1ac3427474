import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Carries, DecodeBench, PROMPT, step } from '../../../bench/decode';
import { countDispatches, type Dispatched } from '../../../bench/dispatches';
import type { Bench } from '../../../bench/entries';
import { encodeRaces, topkRace } from '../../../bench/kernels';
import { createWebGpuCompute } from '../kernels/webgpu';
import { openGpu } from './device';
import { generate } from './generate';
import { loadRuntime } from './runtime';

/** Dispatches are the lever at a few rows, so they are asserted exactly; times are the bench's, and are not. */

let bench: Bench;
let decode: DecodeBench;

beforeAll(async () => {
  const gpu = await openGpu(true);
  bench = { gpu, runtime: await loadRuntime(), compute: createWebGpuCompute(gpu.device) };
  decode = await DecodeBench.open('/models/lenslet-mini/', bench);
});

afterAll(async () => {
  await decode.release();
  bench.gpu.device.destroy();
});

async function stepOf(carries: Carries, rows: number): Promise<Dispatched> {
  const { batch, release } = await decode.start(carries, rows);
  bench.compute.takeDispatches();
  const counted = await countDispatches(() => step(batch, rows, bench.compute));
  expect(counted.ours).toHaveLength(bench.compute.takeDispatches());
  await bench.gpu.device.queue.onSubmittedWorkDone();
  release();
  return counted;
}

describe('a decode step', () => {
  const encode = (rows: string) => [`encode ${rows} float16 vec4`, 'codes vec4', 'decode float16'];
  const atEverySite = (kernels: string[]) => Array.from({ length: decode.cuts }, () => kernels).flat();
  let unhooked: Dispatched;

  beforeAll(async () => {
    unhooked = await stepOf('nothing', 3);
  });

  it('has none of ours without hooks, and as many for 8 rows as for 3', async () => {
    expect(unhooked.ours).toEqual([]);
    expect(unhooked.total).toBeGreaterThan(decode.engine.model.config.layers);
    expect((await stepOf('nothing', 8)).total).toBe(unhooked.total);
  });

  it('costs one more a cut', async () => {
    expect(decode.cuts).toBe(3);
    const cuts = await stepOf('cuts', 3);
    expect(cuts.total - unhooked.total).toBe(decode.cuts);
    expect(cuts.ours).toEqual([]);
  });

  it.each<[Carries, number, string[]]>([
    ['codes', 1, encode('few 1')],
    ['codes', 3, encode('few 4')],
    ['edits', 3, [...encode('few 4'), 'edit float16']],
    ['gated edits', 3, [...encode('few 4'), 'gate float16', 'close edits', 'edit float16']],
    ['controls', 3, [...encode('few 4'), 'edit float16', 'match two reports']],
    ['edits', 9, [...encode('many 1'), 'edit float16']],
  ])('with %s and %i rows runs exactly our listed kernels at each site', async (carries, rows, kernels) => {
    const { ours, total } = await stepOf(carries, rows);
    expect(ours).toEqual(atEverySite(kernels));
    expect(total - unhooked.total).toBe(decode.cuts + ours.length);
  });

  it('of lens.generate with 2 variants, one edited, has the shadow row in the same batch and one kernel for KL', async () => {
    const sampling = { temperature: 0, topP: 1, seed: 1 };
    const run = generate(decode.engine, {
      ids: [...PROMPT],
      ends: [],
      variants: decode.variants('edits', 2),
      maxTokens: 3,
      sampling,
    });
    await run.next();
    const { ours, total } = await countDispatches(async () => {
      await run.next();
    });
    await run.return(undefined);
    expect(ours).toEqual([...atEverySite([...encode('few 4'), 'edit float16']), 'kl']);
    expect(total - unhooked.total).toBe(decode.cuts + ours.length);
  });
});

describe('a prompt', () => {
  it.each([
    ['gates that are read in its edited run are evaluated there alone', 'all'],
    ['gates of edits behind it, in the run without edits', 'generated'],
  ])('%s', async (_, where) => {
    const edits = decode.variants('gated edits', 2)[1]!.map((edit) => ({ ...edit, where }));
    const run = generate(decode.engine, {
      ids: [...PROMPT],
      ends: [],
      variants: [[], edits],
      maxTokens: 1,
      sampling: { temperature: 0, topP: 1, seed: 1 },
    });
    const { ours } = await countDispatches(async () => {
      await run.next();
    });
    await run.return(undefined);
    expect(ours.filter((label) => label === 'gate float16')).toHaveLength(decode.cuts);
  });
});

describe('against the stock graphs, whose results are the same', () => {
  const counts = (lines: { dispatches: number }[]) => lines.map(({ dispatches }) => dispatches);

  it.each([1, 8])('top-k over 2048 is one for us, 1 flat, 2 in two levels, at %i rows', async (rows) => {
    expect(counts((await topkRace(bench, { rows, width: 2048, k: 16 }, 1)).lines)).toEqual([1, 1, 2]);
  });

  it('top-k over 32768 is one for us, 122 flat, 2 in two levels', async () => {
    expect(counts((await topkRace(bench, { rows: 1, width: 32768, k: 50 }, 1)).lines)).toEqual([1, 122, 2]);
  });

  it('encode and top-k are three with the reconstruction error; two levels cost one more than flat', async () => {
    for await (const { lines } of encodeRaces(bench, { d: 256, width: 2048, k: 16 }, [1, 8], 1)) {
      const [ours, flat, twoLevel] = lines;
      expect(ours!.kernels.map((label) => label.split(' ')[0])).toEqual(['encode', 'codes', 'decode']);
      expect(ours!.dispatches).toBe(3);
      expect(twoLevel!.dispatches - flat!.dispatches).toBe(1);
    }
  });
});
