import { expect, test } from 'vitest';
import { AbortedError, DamagedStoreError } from '../api/errors';
import type { Origin } from '../api/model';
import type { Progress } from '../api/open';
import { UNSTATED } from '../api/site';
import { readStatistics } from '../folders/beside';
import { FoldSums, foldVectors } from '../folders/fold';
import { toFloat32 } from '../formats/safetensors';
import { createHostConverter } from '../kernels/convert-host';
import type { MatrixPieces } from '../kernels/dictionary-parts';
import type { Source } from '../sources/source';
import { json } from '../testing/fixtures';
import { EARLIER, type Files, HUB, toyDictionary, toySource, toyStore } from '../testing/toy-store';
import { bytesOf, completeDictionary, installDictionary } from './install';
import { lackedOf } from './manifest';
import type { Store } from './store';
import { describeStored, storedDictionary } from './stored';

const options = (store: Store) => ({ store, converter: createHostConverter(), pieceBytes: 1024 });

test('a dictionary is kept as halves in the order of its file', async () => {
  const store = await toyStore();
  const { files, plan } = toyDictionary();
  const source = await toySource(files);
  const manifest = await installDictionary(source, plan, options(store));
  const kept = await storedDictionary(store, manifest);
  expect(kept).toMatchObject({
    layer: 10,
    d: 32,
    width: 128,
    k: 8,
    encoder: { transposed: false },
    decoder: { transposed: true },
  });
  const { decoder, decoderBias } = plan.tensors;
  const file = files[plan.file.path]!;
  expect(kept.decoderBias).toEqual(toFloat32(file.subarray(decoderBias.begin, decoderBias.end), 'F32', 'b_dec'));
  const numbers: number[] = [];
  for (const piece of kept.decoder.pieces) numbers.push(...toFloat32(await piece.read(), 'F16', 'W_dec'));
  const original = toFloat32(file.subarray(decoder.begin, decoder.end), 'F32', 'W_dec');
  expect(numbers.length).toBe(original.length);
  for (let i = 0; i < numbers.length; i++) expect(Math.abs(numbers[i]! - original[i]!)).toBeLessThan(2 ** -13);
  expect(await store.findStored('dictionary', { kind: 'hub', repo: 'Toy/toy' }, 'layer10')).toEqual(manifest);
});

test('a kept dictionary is folded when it is opened, on the halves that are kept; an earlier entry is a plain top-k', async () => {
  const store = await toyStore();
  const { files, plan } = toyDictionary();
  const notices = ['Trained elsewhere.'];
  const asked = {
    ...plan,
    fold: { inputScale: 2, centred: true, rescaled: true },
    activation: { kind: 'threshold', all: 0.5 } as const,
    about: { ...plan.about, architecture: 'jumprelu' },
    notices,
  };
  const manifest = await installDictionary(await toySource(files), asked, options(store));
  const kept = await storedDictionary(store, manifest);
  expect(kept).toMatchObject({ activation: 'threshold', about: { architecture: 'jumprelu' }, notices });
  const { d, width } = plan;
  const whole = async ({ pieces }: MatrixPieces) => {
    const numbers: number[] = [];
    for (const piece of pieces) numbers.push(...toFloat32(await piece.read(), 'F16', 'W'));
    return Float32Array.from(numbers);
  };
  const [encoder, decoder] = [await whole(kept.encoder), await whole(kept.decoder)];
  const plain = await storedDictionary(store, { ...manifest, meta: { ...manifest.meta!, ...EARLIER } });
  const sums = new FoldSums(plan, asked.fold, plain.decoderBias);
  sums.encoder({ numbers: encoder, first: 0, transposed: false });
  sums.decoder({ numbers: decoder, first: 0, transposed: true });
  const { encoderBias, decoderBias } = plain;
  expect(kept).toMatchObject(foldVectors({ ...asked, width }, { encoderBias, decoderBias }, sums, ''));
  const n = Math.hypot(...Array.from({ length: d }, (_, i) => decoder[i * width + 7]!));
  expect(kept.encoderScale![7]).toBe(Math.fround(n));
  expect(describeStored(store, manifest).sha256).toBe(Object.values(manifest.hashes)[0]);
  const copied = describeStored(store, { ...manifest, meta: { ...manifest.meta!, copied: true } });
  expect(copied.sha256).toBeNull();
  expect(plain).toMatchObject({
    activation: 'topk',
    encoderScale: null,
    threshold: null,
    about: UNSTATED,
    notices: [],
  });

  const stop = new AbortController();
  stop.abort();
  await expect(storedDictionary(store, manifest, { signal: stop.signal })).rejects.toBeInstanceOf(AbortedError);
});

/** The toy in a folder of its own, with statistics and feature data beside it. */
function withBeside() {
  const { files, plan } = toyDictionary();
  const file = { ...plan.file, path: 's/sae_weights.safetensors' };
  const stats = { mean: Array.from({ length: plan.d }, (_, i) => i), residual_norm_median: 5, fvu: 0.25 };
  const beside = { 's/feature_stats.json': json(stats), 's/features.safetensors': new Uint8Array(5000).fill(7) };
  const all: Files = { [file.path]: files[plan.file.path]!, ...beside };
  return { files: all, plan: { ...plan, form: 'saelens' as const, file } };
}
/** A source, and the files that are read from it: whole, or in parts as weights are. */
async function noted(files: Files): Promise<{ source: Source; read: () => string[] }> {
  const source = await toySource(files);
  const whole: string[] = [];
  const read: Source['read'] = (path, how) => {
    whole.push(path);
    return source.read(path, how);
  };
  return { source: { ...source, read }, read: () => [...whole, ...source.reads.map(({ path }) => path)].sort() };
}

test('statistics and feature data are kept with a dictionary, and read from the store by parts', async () => {
  const store = await toyStore();
  const { files, plan } = withBeside();
  const source = await toySource(files);
  const seen: Progress[] = [];
  const manifest = await installDictionary(source, plan, { ...options(store), onProgress: (p) => seen.push(p) });
  const bytes = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  expect(await bytesOf(source, plan, {})).toBe(bytes);
  expect([manifest.read, manifest.total, seen.at(-1)!.loaded]).toEqual([bytes, bytes, bytes]);
  const { source: kept, folder, d, width } = describeStored(store, manifest);
  const stats = await readStatistics(kept, folder!, { d, width, notices: [] });
  expect(stats).toMatchObject({ normMedian: 5, fvu: 0.25, mean: Float32Array.from({ length: d }, (_, i) => i) });
  for (let again = 0; again < 2; again++) {
    const part = await kept.tryReadPart('s/features.safetensors', 4990, 6000);
    expect([part!.bytes.length, part!.size, part!.bytes[3]]).toEqual([10, 5000, 7]);
  }
  // A part that is lost hides nothing: the entry opens, and installing it again fetches that part alone.
  const data = manifest.whole['s/features.safetensors']!;
  await store.parts.remove(data.sha256);
  await expect(kept.tryReadPart('s/features.safetensors', 0, 10)).rejects.toBeInstanceOf(DamagedStoreError);
  const left = (await store.manifests.get(manifest.key))!;
  expect([left.complete, lackedOf(left), await store.whole(left)]).toEqual([true, ['s/features.safetensors'], true]);
  const { source: anew, read } = await noted(files);
  expect(lackedOf(await installDictionary(anew, plan, options(store)))).toEqual([]);
  expect(read()).toEqual(['s/features.safetensors']);
});

test('what cannot be had beside a dictionary leaves it whole; too long a file is left out and said', async () => {
  const store = await toyStore();
  const { files, plan } = withBeside();
  const { 's/features.safetensors': data, ...others } = files;
  const altered = { ...others, 's/features.safetensors': data!.map((byte) => byte ^ 1) };
  const stat: Source['stat'] = async (path, how) => (await (await toySource(files)).stat(path, how)) ?? null;
  const manifest = await installDictionary({ ...(await toySource(altered)), stat }, plan, options(store));
  expect([manifest.complete, lackedOf(manifest)]).toEqual([true, ['s/features.safetensors']]);
  expect(await storedDictionary(store, manifest)).toMatchObject({ layer: 10 });

  const another = await toyStore();
  const long: Source['stat'] = async (path, how) => {
    const file = await (await toySource(files)).stat(path, how);
    return file && /stats|features/.test(path) ? { ...file, size: 64_000_001 } : file;
  };
  const without = await installDictionary({ ...(await toySource(files)), stat: long }, plan, options(another));
  expect(without.meta).toMatchObject({ beside: [] });
  expect(without.meta!.notices).toEqual([
    ...['feature_stats.json', 'features.safetensors'].map((name) =>
      expect.stringContaining(`Left out: s/${name} has 64000001 bytes`),
    ),
  ]);
});

test('an entry of an earlier version gets what lies beside it, if its files are still the same', async () => {
  const store = await toyStore();
  const { files, plan } = withBeside();
  const { 's/sae_weights.safetensors': weights } = files;
  const earlier = await installDictionary(
    await toySource({ 's/sae_weights.safetensors': weights! }),
    plan,
    options(store),
  );
  const known = { ...earlier, meta: { ...earlier.meta!, beside: null } };
  await store.manifests.put(known);
  expect(describeStored(store, known).folder).toBeNull();

  const moved = await toySource(files, { ...HUB, kind: 'hub', revision: 'b'.repeat(40) } as Origin);
  await completeDictionary(moved, plan, known, options(store));
  expect((await store.list()).map(({ key }) => key)).toEqual([known.key]);
  const { source, read } = await noted(files);
  await completeDictionary(source, plan, known, options(store));
  const complete = (await store.manifests.get(known.key))!;
  expect([complete.complete, complete.meta!.beside, lackedOf(complete)]).toEqual([
    ...[true, ['s/feature_stats.json', 's/features.safetensors'], []],
  ]);
  expect(read()).toEqual(['s/feature_stats.json', 's/features.safetensors']);
});
