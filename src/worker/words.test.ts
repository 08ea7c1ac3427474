import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  AbortedError,
  DisposedError,
  InvalidOptionError,
  ShapeMismatchError,
  SiteUnavailableError,
  VerbalizerUnavailableError,
} from '../lens/api/errors';
import type { Lens } from '../lens/api/lens';
import type { Following, OpenRequest } from '../lens/api/request';
import type { VerbalizeOptions, VerbalizerSource, VerbalizeStep } from '../lens/api/verbalizer';
import { configured, type Ort } from '../lens/engine/runtime';
import type { EngineLens } from '../lens/lens';
import { fileFolder } from '../lens/sources/disk';
import { tinyFolder } from '../lens/testing/tiny-lens';
import type { Port } from './channel';
import { openLens } from './client';
import { EngineHost } from './host';
import type { Reply, Request } from './messages';

// Client and host with a real engine between them, in Node, on the fixtures' pair. Messages are cloned as for a worker.
// Results must equal the engine's.

const opened: EngineLens[] = [];

vi.mock('../lens/open/open', async (original) => {
  const real = await original<typeof import('../lens/open/open')>();
  const { openFolder } = await import('../lens/open/small');
  const fixtures = fileFolder(fileURLToPath(new URL('../lens/testing/fixtures', import.meta.url)));
  const plain = async () => configured((await import('onnxruntime-web/wasm')) as unknown as Ort, 'plain');
  const open = async ({ model }: OpenRequest, following: Following) => {
    const bare = model.kind === 'url' && model.url.includes('bare');
    const lens = await openFolder(tinyFolder(fixtures, !bare), { ...following, provider: 'wasm' }, plain);
    opened.push(lens);
    return lens;
  };
  return { ...real, openRequest: open };
});
// Node cannot start the client's worker.
vi.mock('./start', () => ({ startWorker: () => null }));

function port(): Port {
  const own: Port = { onmessage: null, postMessage: (message) => deliver(message), terminate: () => {} };
  const host = new EngineHost((reply: Reply) => {
    const data = structuredClone(reply);
    setTimeout(() => own.onmessage?.({ data } as MessageEvent<Reply>));
  });
  const deliver = (message: Request) => {
    const data = structuredClone(message);
    setTimeout(() => host.receive(data));
  };
  return own;
}

const TEXT = 'The fire is out.';
let lens: Lens;
let engine: EngineLens;

beforeAll(async () => {
  lens = await openLens('http://localhost/tiny/', { provider: 'wasm' }, port());
  engine = opened[0]!;
});
afterAll(() => engine.close());

async function all(steps: AsyncIterable<VerbalizeStep>): Promise<VerbalizeStep[]> {
  const out: VerbalizeStep[] = [];
  for await (const step of steps) out.push(step);
  return out;
}

test('the sources are the pair and those that need no training', async () => {
  const list = await lens.verbalizers();
  expect(list).toEqual(await engine.verbalizers());
  const { sources, notice } = list;
  expect(notice).toBeNull();
  expect(sources.map(({ source, layer, scores }) => ({ source, layer, scores }))).toEqual([
    { source: 'nla', layer: 1, scores: true },
    { source: 'selfie', layer: null, scores: false },
    { source: 'patchscopes', layer: null, scores: false },
  ]);
  expect(sources[0]!.quality?.beatsControl).toBe(true);
});

test.each<VerbalizerSource>(['nla', 'selfie', 'patchscopes'])(
  '%s: every step of a trace’s tokens and of a bare vector crosses',
  async (source) => {
    const [trace, own] = [await lens.trace(TEXT), await engine.trace(TEXT)];
    const bytes: number[] = [];
    const options: VerbalizeOptions = { source, position: [3, 5], samples: 2, maxTokens: 4, temperature: 1 };
    const steps = await all(lens.verbalize(trace, { ...options, onProgress: ({ loaded }) => bytes.push(loaded) }));
    expect(steps).toEqual(await all(engine.verbalize(own, options)));
    expect(new Set(steps.map((step) => `${step.position} ${step.sample}`)).size).toBe(4);
    expect(steps.every(({ relevancy }) => (relevancy === null) === (source === 'nla'))).toBe(true);
    const { position: _, ...bare } = options;
    // Only the view's own numbers are sent.
    const vector = new Float32Array([7, 7, ...(await trace.residual(1, 3))]).subarray(2);
    expect(await all(lens.verbalize(vector, bare))).toEqual(
      await all(engine.verbalize(await own.residual(1, 3), bare)),
    );
    if (source === 'nla') expect(bytes.at(-1)).toBeGreaterThan(100_000);
    trace.dispose();
    own.dispose();
  },
);

test('words become vectors, scores and controls, alone and as a list; vectors become codes', async () => {
  const [trace, own] = [await lens.trace(TEXT), await engine.trace(TEXT)];
  const residual = await own.residual(1, 4);
  const one = await lens.reconstruct('English prose.');
  expect(one).toEqual(await engine.reconstruct('English prose.'));
  expect(one).toHaveLength(32);
  const two = await lens.reconstruct(['English prose.', 'x']);
  expect(two).toHaveLength(2);
  expect(two).toEqual(await engine.reconstruct(['English prose.', 'x']));
  const score = await lens.score('English prose.', trace, 4);
  expect(score).toEqual(await engine.score('English prose.', own, 4));
  expect(score.fve).toBeCloseTo(1 - score.error / 0.8, 12);
  const [same] = await lens.score(['English prose.', 'x'], residual);
  expect(same!.cosine).toBeCloseTo(score.cosine, 6);
  const controls = await lens.controls(trace, 4, { others: ['x', 'y', 'z', 'w'] });
  expect(controls).toEqual(await engine.controls(own, 4, { others: ['x', 'y', 'z', 'w'] }));
  expect(controls.shuffled!.n).toBe(4);
  expect((await lens.controls(residual)).shuffled!.n).toBe(3);

  const codes = await lens.encode(1, [residual, one]);
  const { ids, values, norm } = trace.site(1);
  expect([...codes.ids.subarray(0, 4)]).toEqual([...ids.subarray(16, 20)]);
  expect([...codes.values.subarray(0, 4)]).toEqual([...values.subarray(16, 20)]);
  expect(codes.norm[0]).toBe(norm[4]);
  expect(codes.ids).toHaveLength(8);
  expect((await lens.encode(1, [])).ids).toHaveLength(0);
  trace.dispose();
  own.dispose();
});

test('leaving the loop, or the signal, ends the worker’s run and frees what it made', async () => {
  const { compute } = engine.engine.model;
  const live = new Set<object>();
  const real = { rows: compute.rows.bind(compute), release: compute.release.bind(compute) };
  const rows = vi.spyOn(compute, 'rows').mockImplementation((...args) => {
    const made = real.rows(...args);
    live.add(made);
    return made;
  });
  const release = vi.spyOn(compute, 'release').mockImplementation((...list) => {
    for (const one of list) live.delete(one);
    real.release(...list);
  });
  const trace = await lens.trace(TEXT);
  // The first use keeps the constant part of the prompt's cache; that is no leak.
  for (const source of ['nla', 'selfie'] as const)
    await all(lens.verbalize(trace, { source, position: 1, maxTokens: 1 }));
  const kept = live.size;
  const queued = () => engine.engine.queue.run(async () => {});
  for (const source of ['nla', 'selfie', 'patchscopes'] as const) {
    const options = { source, position: [1, 2, 3], maxTokens: 40, temperature: 1 };
    let seen = 0;
    for await (const _ of lens.verbalize(trace, options)) if (++seen === 4) break;
    const stop = new AbortController();
    const stopped = (async () => {
      for await (const _ of lens.verbalize(trace, { ...options, signal: stop.signal })) stop.abort();
    })();
    await expect(stopped).rejects.toThrow(AbortedError);
    await expect(all(lens.verbalize(trace, { ...options, signal: AbortSignal.abort() }))).rejects.toThrow(AbortedError);
    await lens.tokenize(TEXT);
    await queued();
    expect(live.size, source).toBe(kept);
  }
  trace.dispose();
  rows.mockRestore();
  release.mockRestore();
});

test('what cannot be done is an error of its own class on the page’s side', async () => {
  const trace = await lens.trace(TEXT);
  const run = (target: Parameters<Lens['verbalize']>[0], options: VerbalizeOptions) =>
    all(lens.verbalize(target, options));
  const vector = new Float32Array(32).fill(1);
  await expect(run(trace, {})).rejects.toThrow(/No position .* 0 to 15/);
  await expect(run(trace, { position: 16 })).rejects.toThrow(InvalidOptionError);
  await expect(run(trace, { position: 1, samples: 17 })).rejects.toThrow(/1 to 16/);
  await expect(run(vector, { position: 1 })).rejects.toThrow(InvalidOptionError);
  await expect(
    run(
      vector.map((x, i) => (i === 3 ? Number.NaN : x)),
      {},
    ),
  ).rejects.toThrow(/NaN at 3/);
  await expect(run(new Float32Array(31), {})).rejects.toThrow(ShapeMismatchError);
  await expect(run(trace, { position: 1, layer: 0 })).rejects.toThrow(SiteUnavailableError);
  await expect(run(trace, { position: 1, source: 'selfie', layer: 0 })).rejects.toThrow(SiteUnavailableError);
  await expect(run(trace, { position: 1, source: 'words' as VerbalizerSource })).rejects.toThrow(
    /nla, selfie, patchscopes/,
  );
  await expect(lens.score('x', trace)).rejects.toThrow(InvalidOptionError);
  await expect(lens.score('x', vector, 1)).rejects.toThrow(InvalidOptionError);
  await expect(lens.controls(new Float32Array(3))).rejects.toThrow(ShapeMismatchError);
  await expect(lens.encode(0, [vector])).rejects.toThrow(SiteUnavailableError);
  await expect(lens.encode(1, [vector, new Float32Array(3)])).rejects.toThrow(ShapeMismatchError);
  await expect(lens.encode(1, [vector.fill(Number.POSITIVE_INFINITY)])).rejects.toThrow(InvalidOptionError);
  trace.dispose();
  await expect(lens.score('x', trace, 1)).rejects.toThrow(DisposedError);
  await expect(run(trace, { position: 1 })).rejects.toThrow(DisposedError);
});

test('a folder without a pair has the other sources, and says why nothing can be scored', async () => {
  const bare = await openLens('http://localhost/bare/', { provider: 'wasm' }, port());
  const { sources, notice } = await bare.verbalizers();
  expect([sources.map(({ source }) => source), notice]).toEqual([['selfie', 'patchscopes'], null]);
  const trace = await bare.trace(TEXT);
  expect((await all(bare.verbalize(trace, { position: 2, maxTokens: 2 })))[0]!.relevancy).not.toBeNull();
  await expect(bare.reconstruct('x')).rejects.toThrow(VerbalizerUnavailableError);
  await expect(bare.score('x', trace, 1)).rejects.toThrow(VerbalizerUnavailableError);
  await expect(all(bare.verbalize(trace, { position: 2, source: 'nla' }))).rejects.toThrow(VerbalizerUnavailableError);
  await opened[1]!.close();
});
