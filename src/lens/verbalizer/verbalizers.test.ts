import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import {
  ContextOverflowError,
  CorruptFileError,
  type LensError,
  NonFiniteError,
  ShapeMismatchError,
  UnsupportedModelError,
  VerbalizerMismatchError,
} from '../api/errors';
import type { Lens } from '../api/lens';
import type { VerbalizeStep } from '../api/verbalizer';
import { configured, type Ort } from '../engine/runtime';
import { findPair } from '../folders/nla-pair';
import { openFolder } from '../open/small';
import { fileFolder } from '../sources/disk';
import { subfolder } from '../sources/reads';
import type { Source } from '../sources/source';
import { pack } from '../testing/fixtures';
import { tinyFolder } from '../testing/tiny-lens';

// A lens with a pair that is damaged, does not fit, or is loaded in part: on the fixtures' model, in Node.

const fixtures = fileFolder(fileURLToPath(new URL('../testing/fixtures', import.meta.url)));
const plain = async () => configured((await import('onnxruntime-web/wasm')) as unknown as Ort, 'plain');
const TEXT = 'The fire is out.';
afterEach(() => vi.unstubAllGlobals());

/** The tiny model with some files' texts changed, or with whole files replaced; `read` lists the files that were read
 *  whole. */
async function opened(
  change: Record<string, ((text: string) => string) | Uint8Array> = {},
): Promise<{ lens: Lens; read: string[] }> {
  const tiny = tinyFolder(fixtures);
  const read: string[] = [];
  const changed = (file: string, bytes: Uint8Array | null): Uint8Array | null => {
    const by = change[file];
    if (by && typeof by !== 'function') return by;
    if (!bytes || !by) return bytes;
    const before = new TextDecoder().decode(bytes);
    const after = by(before);
    expect(after, file).not.toBe(before);
    return new TextEncoder().encode(after);
  };
  const folder: Source = {
    ...tiny,
    read: async (file, options) => {
      read.push(file);
      return changed(file, await tiny.read(file, options))!;
    },
    tryRead: async (file, options) => {
      const bytes = changed(file, await tiny.tryRead(file, options));
      if (bytes) read.push(file);
      return bytes;
    },
  };
  return { lens: await openFolder(folder, { provider: 'wasm' }, plain), read };
}

async function all(steps: AsyncIterable<VerbalizeStep>): Promise<VerbalizeStep[]> {
  const out: VerbalizeStep[] = [];
  for await (const step of steps) out.push(step);
  return out;
}

test('a pair that is named beside the model speaks as one in its folder does, and takes its place', async () => {
  const inside = await openFolder(tinyFolder(fixtures), { provider: 'wasm' }, plain);
  const halves = ['ar', 'av'].map((half) => subfolder(fixtures, `tiny-nla/${half}`));
  const how = { provider: 'wasm' as const, pair: () => findPair(halves) };
  const words = async (lens: Lens) => {
    const trace = await lens.trace(TEXT);
    return all(lens.verbalize(trace, { position: 2, source: 'nla', temperature: 0, maxTokens: 6 }));
  };
  const said = (await words(inside)).map(({ token }) => token);
  expect(said.length).toBeGreaterThan(1);
  for (const own of [true, false]) {
    const lens = await openFolder(tinyFolder(fixtures, own), how, plain);
    const { sources, notice } = await lens.verbalizers();
    expect([notice, sources[0]]).toMatchObject([
      null,
      { source: 'nla', layer: 1, name: 'Trained pair (tiny-nla/av, tiny-nla/ar)' },
    ]);
    expect((await words(lens)).map(({ token }) => token)).toEqual(said);
    await lens.close();
  }
  await inside.close();
  const wrong = { ...how, pair: () => findPair([halves[0]!]) };
  const lens = await openFolder(tinyFolder(fixtures, false), wrong, plain);
  expect((await lens.verbalizers()).notice).toMatch(
    /^The trained pair beside the model is left out\. There is no av in /,
  );
  await lens.close();
});

const weightsOf = (read: string[], half: string) => read.filter((file) => file.startsWith(`nla/${half}/model-`)).length;

test.each<[string, Parameters<typeof opened>[0], new (...a: never[]) => LensError, RegExp]>([
  ['damaged', { 'nla/av/nla_meta.yaml': () => 'kind: [' }, CorruptFileError, /nla_meta\.yaml is not YAML/],
  [
    'with damaged controls',
    { 'nla/controls.json': (text) => text.replace('0.8', '-1') },
    CorruptFileError,
    /controls\.json: "variance"/,
  ],
  [
    'of another width',
    Object.fromEntries(
      ['av', 'ar'].map((half) => [
        `nla/${half}/nla_meta.yaml`,
        (text: string) => text.replace('d_model: 32', 'd_model: 48'),
      ]),
    ),
    VerbalizerMismatchError,
    /reads vectors of 48/,
  ],
  [
    'of two pairs',
    { 'nla/av/nla_meta.yaml': (text) => text.replace('layer_index: 1', 'layer_index: 0') },
    VerbalizerMismatchError,
    /av reads layer 0 and the ar writes layer 1/,
  ],
])('a pair %s is left out with the reason, and hides nothing else', async (_, change, kind, why) => {
  const { lens } = await opened(change);
  const { sources, notice } = await lens.verbalizers();
  expect(sources.map(({ source }) => source)).toEqual(['selfie', 'patchscopes']);
  expect(notice).toMatch(/trained pair is left out/);
  expect(notice).toMatch(why);
  const trace = await lens.trace(TEXT);
  expect((await all(lens.verbalize(trace, { position: 2, maxTokens: 2 })))[0]!.relevancy).not.toBeNull();
  for (const asked of [
    lens.score('x', trace, 2),
    lens.reconstruct('x'),
    all(lens.verbalize(trace, { position: 2, source: 'nla' })),
  ]) {
    await expect(asked).rejects.toThrow(kind);
    await expect(asked).rejects.toThrow(why);
  }
  await lens.close();
});

test('a pair whose template lies in chat_template.jinja, as transformers saves it, says the same', async () => {
  const settings = 'nla/av/tokenizer_config.json';
  const { chat_template: template, ...rest } = JSON.parse(
    new TextDecoder().decode(await tinyFolder(fixtures).read(settings)),
  );
  const said = async (change: Parameters<typeof opened>[0]) => {
    const { lens, read } = await opened(change);
    const trace = await lens.trace(TEXT);
    const steps = await all(lens.verbalize(trace, { position: 2, source: 'nla', maxTokens: 4, temperature: 0 }));
    await lens.close();
    return { ids: steps.map(({ token }) => token), read };
  };
  const apart = await said({
    [settings]: () => JSON.stringify(rest),
    'nla/av/chat_template.jinja': new TextEncoder().encode(template),
  });
  expect(apart.read).toContain('nla/av/chat_template.jinja');
  expect(apart.ids.length).toBeGreaterThan(0);
  expect(apart.ids).toEqual((await said({})).ids);
});

test('to score a text the reconstructor alone is loaded; to write one, what is missing, and its bytes are counted to the end', async () => {
  const { lens, read } = await opened();
  const info = (await lens.verbalizers()).sources[0]!;
  const trace = await lens.trace(TEXT);
  await lens.score('x', trace, 2);
  await lens.controls(trace, 2);
  expect([weightsOf(read, 'ar'), weightsOf(read, 'av')]).toEqual([2, 0]);
  const seen: { loaded: number; total: number }[] = [];
  await all(lens.verbalize(trace, { position: 2, maxTokens: 1, onProgress: (p) => seen.push(p) }));
  expect([weightsOf(read, 'ar'), weightsOf(read, 'av')]).toEqual([2, 2]);
  expect(seen.at(-1)!.total).toBeLessThan(0.7 * info.bytes);
  expect(seen.at(-1)!.loaded).toBe(seen.at(-1)!.total);
  await lens.close();

  const fresh = await opened();
  const both: { loaded: number; total: number }[] = [];
  const own = await fresh.lens.trace(TEXT);
  await all(fresh.lens.verbalize(own, { position: 2, maxTokens: 1, onProgress: (p) => both.push(p) }));
  expect([weightsOf(fresh.read, 'ar'), weightsOf(fresh.read, 'av')]).toEqual([2, 2]);
  const loaded = both.map((p) => p.loaded);
  expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
  // Shards have headers that no index counts.
  for (const { total } of both) expect(total / info.bytes).toBeCloseTo(1, 1);
  expect(both.at(-1)!.loaded).toBe(both.at(-1)!.total);
  await fresh.lens.close();
});

test('a lens that is closed while a pair is loaded lets nobody wait', async () => {
  const { lens } = await opened();
  const trace = await lens.trace(TEXT);
  const waiting = lens.score('x', trace, 2);
  const closed = lens.close();
  await expect(waiting).rejects.toThrow(/closed/);
  await closed;
});

const config = (key: string, value: number) => (text: string) =>
  text.replace(new RegExp(`("${key}": ?)\\d+`), `$1${value}`);

test.each<[string, Parameters<typeof opened>[0], new (...a: never[]) => LensError, RegExp]>([
  [
    'whose vocabulary is smaller than its tokenizer',
    { 'nla/ar/config.json': (text) => config('eos_token_id', 99)(config('vocab_size', 100)(text)) },
    ShapeMismatchError,
    /vocabulary ends at 99/,
  ],
  [
    'with a damaged head',
    {
      'nla/ar/value_head.safetensors': pack({
        weight: { shape: [32, 32], data: new Float32Array(1024).fill(Number.NaN) },
      }),
    },
    CorruptFileError,
    /32 of 32 rows/,
  ],
])('a reconstructor %s is refused before its weights are read', async (_, change, kind, why) => {
  const { lens, read } = await opened(change);
  const asked = lens.reconstruct('x');
  await expect(asked).rejects.toThrow(kind);
  await expect(asked).rejects.toThrow(why);
  expect(weightsOf(read, 'ar')).toBe(0);
  await lens.close();
});

test('a reconstructor that does not fit into the computer’s memory is refused before its weights are read', async () => {
  vi.stubGlobal('navigator', { deviceMemory: 0.5 });
  const { lens, read } = await opened({ 'nla/ar/config.json': config('intermediate_size', 2 ** 20) });
  const asked = lens.reconstruct('x');
  await expect(asked).rejects.toThrow(UnsupportedModelError);
  await expect(asked).rejects.toThrow(/^The ar needs .* GB of memory on WebAssembly, .* has about 537 MB\./);
  expect(weightsOf(read, 'ar')).toBe(0);
  await lens.close();
});

test('a verbalizer whose prompt leaves no room for an answer is refused before its weights are read', async () => {
  const { lens, read } = await opened({ 'nla/av/config.json': config('max_position_embeddings', 64) });
  const asked = all(lens.verbalize(new Float32Array(32).fill(1), { source: 'nla' }));
  await expect(asked).rejects.toThrow(VerbalizerMismatchError);
  await expect(asked).rejects.toThrow(/no room for an answer/);
  expect(weightsOf(read, 'av')).toBe(0);
  await lens.close();
});

test('a text too long for the reconstructor says by how much; one beside it that fits is not run', async () => {
  const { lens } = await opened();
  const asked = lens.reconstruct(['x', 'a'.repeat(400)]);
  await expect(asked).rejects.toThrow(ContextOverflowError);
  await expect(asked).rejects.toThrow(/the reconstructor holds 384\. Shorten it by \d+/);
  await lens.close();
});

test('a reconstruction that is no vector is an error, not a score', async () => {
  // The weights are finite, but their products overflow float32.
  const head = pack({ weight: { shape: [32, 32], data: new Float32Array(1024).fill(3e38) } });
  const { lens } = await opened({ 'nla/ar/value_head.safetensors': head });
  await expect(lens.reconstruct('x')).rejects.toThrow(NonFiniteError);
  await lens.close();
});
