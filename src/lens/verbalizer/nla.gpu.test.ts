import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { AbortedError } from '../api/errors';
import type { Provider } from '../api/open';
import { Model } from '../engine/model';
import type { Compute, Rows } from '../kernels/compute';
import { smallUrlSource } from '../sources/url';
import { asModelFolder, collect, testHost } from '../testing/nla';
import { NlaSource, openNla } from './nla';
import type { DeviceContext, VectorTarget } from './source';

// A pair in exactly the released layout (sharded, bfloat16, random weights), with PyTorch's numbers for it
// (training/fixtures/tiny.py).
const root = '/src/lens/testing/fixtures/tiny-nla/';
const model = { d: 32, layers: 3 };

interface Expected {
  prompt: number[];
  marker: number;
  answers: Record<string, { vector: number[]; ids: number[] }>;
  reconstructions: Record<string, { text: string; vector: number[] }>;
}

interface Instead {
  'nla_meta.yaml': string;
  'tokenizer.json': object;
  [path: string]: unknown;
}

interface Opened {
  expected: Expected;
  host: DeviceContext & { close(): void };
  nla: NlaSource;
  targets: VectorTarget[];
}

const greedy = { samples: 1, seed: 1, temperature: 0, maxTokens: 24 };
const short = { ...greedy, maxTokens: 8 };
const sampled = { samples: 3, seed: 5, temperature: 1, maxTokens: 12 };

function relative(a: Float32Array, b: readonly number[]): number {
  return Math.hypot(...b.map((x, i) => a[i]! - x)) / Math.hypot(...b);
}

/** Rows that are neither released nor kept for good. */
function counted(compute: Compute): { compute: Compute; alive: Set<Rows> } {
  const alive = new Set<Rows>();
  const rows: Compute['rows'] = (...args) => {
    const made = compute.rows(...args);
    alive.add(made);
    return made;
  };
  const release: Compute['release'] = (...list) => {
    for (const one of list) alive.delete(one);
    compute.release(...list);
  };
  return { compute: { ...compute, rows, release }, alive };
}

/** The fixture's pair on a device of its own, for the tests that `tests` adds. */
function onFixture(provider: Provider, tests: (opened: () => Opened) => void): void {
  let opened: Opened;
  beforeAll(async () => {
    const expected = (await (await fetch(`${root}expected.json`)).json()) as Expected;
    const host = await testHost(provider);
    const nla = (await openNla(asModelFolder(smallUrlSource(root)), host, model))!;
    const targets = Object.values(expected.answers).map(({ vector }, i) => ({
      position: 4 + i,
      vector: Float32Array.from(vector),
    }));
    opened = { expected, host, nla, targets };
  });
  afterAll(async () => {
    await opened.host.queue.run(() => opened.nla.release());
    opened.host.close();
  });
  tests(() => opened);
}

describe.each<Provider>(['wasm', 'webgpu'])('a pair as it is released, on %s', (provider) => {
  onFixture(provider, (opened) => {
    test('greedy answers are PyTorch’s, token by token: whatever the norm of the vector, alone and as a batch', async () => {
      const { expected, nla, targets } = opened();
      const wanted = Object.values(expected.answers).map(({ ids }) => ids);
      // A step takes its time on a software adapter: one alone, and not to its end.
      const alone = await collect(nla.verbalize([targets[0]!], short));
      expect([...alone.values()][0]!.ids).toEqual(wanted[0]!.slice(0, short.maxTokens));
      const together = await collect(nla.verbalize(targets, { ...greedy, samples: 2 }));
      for (const [i, target] of targets.entries())
        for (const s of [0, 1]) expect(together.get(`${target.position}:${s}`)!.ids, `row ${i}`).toEqual(wanted[i]);
    });

    test('without the kept prefix the answers are the same', async () => {
      const { expected, host, nla, targets } = opened();
      const whole = new NlaSource(host, nla.files, false);
      const together = await collect(whole.verbalize(targets, short));
      const wanted = Object.values(expected.answers).map(({ ids }) => ids.slice(0, short.maxTokens));
      expect([...together.values()].map(({ ids }) => ids)).toEqual(wanted);
      await host.queue.run(() => whole.release());
    });

    test('reconstructions are PyTorch’s within 1e-4: alone, and padded beside longer ones', async () => {
      const { expected, nla } = opened();
      const all = Object.values(expected.reconstructions);
      const together = await nla.reconstruct(all.map(({ text }) => text));
      for (const [i, { text, vector }] of all.entries()) {
        expect(relative(together[i]!, vector), text).toBeLessThan(1e-4);
        expect(relative((await nla.reconstruct([text]))[0]!, vector), text).toBeLessThan(1e-4);
      }
    });
  });
});

// The graph of a Llama on WebGPU has tests of its own.
test('a pair of Llamas: scaled frequencies, a first token before prompt and text, and the second of two ends', async () => {
  const told = await (await fetch(`${root}llama.json`)).json();
  const { answers, reconstructions, instead } = told as Expected & { instead: Record<'av' | 'ar', Instead> };
  const files: Record<string, string> = {};
  for (const role of ['av', 'ar'] as const) {
    const own = await (await fetch(`${root}${role}/tokenizer.json`)).json();
    const { 'nla_meta.yaml': meta, 'tokenizer.json': changed, ...rest } = instead[role];
    files[`nla/${role}/nla_meta.yaml`] = meta;
    files[`nla/${role}/tokenizer.json`] = JSON.stringify({ ...own, ...changed });
    for (const [path, content] of Object.entries(rest)) files[`nla/${role}/${path}`] = JSON.stringify(content);
  }
  const host = await testHost('wasm');
  const nla = (await openNla(asModelFolder(smallUrlSource(root), files), host, model))!;
  const targets = Object.values(answers).map(({ vector }, position) => ({
    position,
    vector: Float32Array.from(vector),
  }));
  const said = await collect(nla.verbalize(targets, greedy));
  for (const [i, { ids }] of Object.values(answers).entries()) expect(said.get(`${i}:0`)!.ids).toEqual(ids);
  expect([...said.values()].map(({ done }) => done)).toEqual(['length', 'length', 'stop']);
  for (const { text, vector } of Object.values(reconstructions))
    expect(relative((await nla.reconstruct([text]))[0]!, vector), text).toBeLessThan(1e-4);
  await host.queue.run(() => nla.release());
  host.close();
});

// On a software adapter these tests would take minutes.
describe('a pair as it is released, on wasm alone', () => {
  onFixture('wasm', (opened) => {
    test('says what it is without loading weights', async () => {
      const { nla } = opened();
      expect(nla.info).toMatchObject({ source: 'nla', layer: 1, scores: true, variance: null, quality: null });
      // Stated by the shards' indices, and the head's file.
      expect(nla.info.bytes).toBeGreaterThan(140_000);
      expect(nla.info.bytes).toBeLessThan(155_000);
    });

    test('the constant part of the prompt is run once, the marker and what follows it for each vector', async () => {
      const { expected, nla, targets } = opened();
      await collect(nla.verbalize([targets[0]!], short));
      const run = vi.spyOn(Model.prototype, 'run');
      await collect(nla.verbalize(targets, { ...short, maxTokens: 1 }));
      const fed = run.mock.calls.map(([, , , { batch, seq }]) => ({ batch, seq }));
      run.mockRestore();
      expect(fed).toEqual(targets.map(() => ({ batch: 1, seq: expected.prompt.length - expected.marker })));
    });

    test('samples differ from each other and by seed, and are the same in any batch', async () => {
      const { nla, targets } = opened();
      const together = await collect(nla.verbalize(targets, sampled));
      expect(together.size).toBe(9);
      expect(new Set([0, 1, 2].map((s) => together.get(`4:${s}`)!.ids.join())).size).toBe(3);
      const alone = await collect(nla.verbalize([targets[1]!], { ...sampled, samples: 2 }));
      for (const s of [0, 1]) expect(alone.get(`5:${s}`)).toEqual(together.get(`5:${s}`));
      const other = await collect(nla.verbalize([targets[1]!], { ...sampled, seed: 6 }));
      expect(other.get('5:0')!.ids).not.toEqual(alone.get('5:0')!.ids);
      // A bare vector has draws of its own.
      const bare = await collect(nla.verbalize([{ ...targets[1]!, position: null }], sampled));
      expect(bare.get('null:0')!.ids).not.toEqual(alone.get('5:0')!.ids);
    });

    test('each row ends once, at its last token', async () => {
      const { nla, targets } = opened();
      const last = new Map<number, unknown[]>();
      for await (const { position, done } of nla.verbalize(targets, { ...greedy, maxTokens: 5 }))
        last.set(position!, [...(last.get(position!) ?? []), done]);
      for (const all of last.values()) expect(all).toEqual([null, null, null, null, 'length']);
    });

    test('more texts than a batch holds come back in order', async () => {
      const { expected, nla } = opened();
      const { letter, Chinese } = expected.reconstructions;
      const made = await nla.reconstruct([...Array<string>(40).fill(letter!.text), Chinese!.text]);
      expect(relative(made[39]!, letter!.vector)).toBeLessThan(1e-4);
      expect(relative(made[40]!, Chinese!.vector)).toBeLessThan(1e-4);
    });

    test('controls are the scores of the empty, the generic and other tokens’ texts', async () => {
      const { expected, nla } = opened();
      const { empty, letter, prose } = expected.reconstructions;
      const gold = Float32Array.from(prose!.vector);
      const controls = await nla.controls(gold, { others: [letter!.text, empty!.text] });
      const [own, ofEmpty, ofLetter] = await nla.score([prose!.text, empty!.text, letter!.text], gold);
      expect(own!.cosine).toBeCloseTo(1, 5);
      expect(own).toMatchObject({ relative: null, fve: null });
      expect(controls.constant).toBeNull();
      expect(controls.empty.cosine).toBeCloseTo(ofEmpty!.cosine, 5);
      expect(controls.generic.cosine).toBeLessThan(0.999);
      expect(controls.shuffled).toMatchObject({ n: 2, fve: null, low: null, high: null });
      expect(controls.shuffled!.cosine).toBeCloseTo((ofEmpty!.cosine + ofLetter!.cosine) / 2, 5);
      // A folder that brings no texts has no shuffled control.
      expect((await nla.controls(gold)).shuffled).toBeNull();
    });

    test('nothing stays behind a run that ended, was left or was stopped, nor behind a released pair', async () => {
      const { host, targets } = opened();
      const { compute, alive } = counted(host.compute);
      const own = (await openNla(asModelFolder(smallUrlSource(root)), { ...host, compute }, model))!;
      await collect(own.verbalize([targets[0]!], { ...greedy, maxTokens: 2 }));
      const kept = alive.size; // The prefix's cache, and the row for runs that inject nothing.
      expect(kept).toBeLessThan(10);
      for await (const _ of own.verbalize(targets, greedy)) break;
      expect(alive.size).toBe(kept);
      const control = new AbortController();
      const stopped = (async () => {
        for await (const _ of own.verbalize(targets, { ...greedy, signal: control.signal })) control.abort();
      })();
      await expect(stopped).rejects.toThrow(AbortedError);
      await own.reconstruct(['x', 'y']);
      expect(alive.size).toBe(kept);
      await host.queue.run(() => own.release());
      expect(alive.size).toBe(0);
    });

    test('a load that is stopped leaves nothing, and the next one works', async () => {
      const { expected, host, targets } = opened();
      const { compute, alive } = counted(host.compute);
      const own = (await openNla(asModelFolder(smallUrlSource(root)), { ...host, compute }, model))!;
      const control = new AbortController();
      const seen: number[] = [];
      const onProgress = ({ loaded, total }: { loaded: number; total: number }) => {
        seen.push(loaded / total);
        control.abort();
      };
      await expect(
        collect(own.verbalize([targets[0]!], { ...greedy, signal: control.signal, onProgress })),
      ).rejects.toThrow(AbortedError);
      expect(seen.length).toBeGreaterThan(0);
      await host.queue.run(async () => {});
      expect(alive.size).toBe(0);
      const shares: number[] = [];
      const again = await collect(
        own.verbalize([targets[0]!], { ...greedy, onProgress: ({ loaded, total }) => shares.push(loaded / total) }),
      );
      expect([...again.values()][0]!.ids).toEqual(Object.values(expected.answers)[0]!.ids);
      expect(shares).toEqual([...shares].sort((a, b) => a - b));
      expect(shares.at(-1)).toBeCloseTo(1, 1);
      await host.queue.run(() => own.release());
    });
  });
});
