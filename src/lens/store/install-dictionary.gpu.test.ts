import { expect, test } from 'vitest';
import { AbortedError, AccessDeniedError, DamagedStoreError, MissingFileError, RateLimitedError } from '../api/errors';
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
import { bytesOf, completeDictionary, findLacked, installDictionary } from './install';
import { lookBeside, noticesOfLacked } from './look-beside';
import { lackedOf, type Manifest, needsAny, partsOf } from './manifest';
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

/** The source of files, one of which it names and then has not. */
async function without(files: Files, lacked: string): Promise<Source> {
  const { [lacked]: _, ...others } = files;
  const { stat } = await toySource(files);
  return { ...(await toySource(others)), stat };
}
/** The source of files, where looking for those beside a dictionary fails. */
async function silent(files: Files, errors: Record<string, Error>): Promise<Source> {
  const source = await toySource(files);
  const stat: Source['stat'] = async (path, how) => {
    if (errors[path]) throw errors[path];
    return source.stat(path, how);
  };
  return { ...source, stat };
}
/** Completes an entry of `withBeside` as an opening does; returns what it told of its progress. */
async function complete(source: Source, kept: Manifest, store: Store): Promise<Progress[]> {
  const { plan } = withBeside();
  const seen: Progress[] = [];
  const found = (await findLacked(source, plan, kept, options(store)))!;
  await completeDictionary(found, { ...options(store), onProgress: (p) => seen.push(p) });
  return seen;
}
const unnamed = async (store: Store, manifest: Manifest) => {
  const named = partsOf(manifest).map(({ sha256 }) => sha256);
  return (await store.parts.names()).filter((name) => !named.includes(name));
};

test('statistics and feature data are kept with a dictionary, and read from the store by parts', async () => {
  const store = await toyStore();
  const { files, plan } = withBeside();
  const source = await toySource(files);
  const seen: Progress[] = [];
  const manifest = await installDictionary(source, plan, { ...options(store), onProgress: (p) => seen.push(p) });
  const bytes = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  expect(bytesOf(plan, await lookBeside(source, plan, {}))).toBe(bytes);
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
  const manifest = await installDictionary(await without(files, 's/features.safetensors'), plan, options(store));
  expect([manifest.complete, lackedOf(manifest)]).toEqual([true, ['s/features.safetensors']]);
  expect(await storedDictionary(store, manifest)).toMatchObject({ layer: 10 });

  const another = await toyStore();
  const long: Source['stat'] = async (path, how) => {
    const file = await (await toySource(files)).stat(path, how);
    return file && /stats|features/.test(path) ? { ...file, size: 64_000_001 } : file;
  };
  const shorter = await installDictionary({ ...(await toySource(files)), stat: long }, plan, options(another));
  expect(shorter.meta).toMatchObject({ beside: [] });
  expect(shorter.meta!.notices).toEqual([
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
  expect(await findLacked(moved, plan, known, options(store))).toBeNull();
  const { source, read } = await noted(files);
  await complete(source, known, store);
  const now = (await store.manifests.get(known.key))!;
  expect([now.complete, now.meta!.beside, lackedOf(now)]).toEqual([
    ...[true, ['s/feature_stats.json', 's/features.safetensors'], []],
  ]);
  expect(read()).toEqual(['s/feature_stats.json', 's/features.safetensors']);
});

test('a source that does not say what lies beside a dictionary hinders nothing, and is asked again', async () => {
  const store = await toyStore();
  const { files, plan } = withBeside();
  const source = await silent(files, {
    's/features.safetensors': new RateLimitedError('429'),
    's/sparsity.safetensors': new MissingFileError('a 404 that another origin may not read'),
  });
  const manifest = await installDictionary(source, plan, options(store));
  const unasked = ['s/sparsity.safetensors', 's/features.safetensors'];
  expect(manifest).toMatchObject({ complete: true, meta: { beside: ['s/feature_stats.json'], unasked } });
  expect([lackedOf(manifest), describeStored(store, manifest).folder]).toEqual([[], 's/']);
  expect(noticesOfLacked(manifest)).toEqual([expect.stringMatching(/did not say .*s\/sparsity.* and s\/features/)]);
  await complete(await toySource(files), manifest, store);
  const now = (await store.manifests.get(manifest.key))!;
  const beside = expect.arrayContaining(['s/feature_stats.json', 's/features.safetensors']);
  expect(now).toMatchObject({ complete: true, meta: { beside, unasked: [] } });
  expect([lackedOf(now), noticesOfLacked(now)]).toEqual([[], []]);
  const stop = silent(files, { 's/feature_stats.json': new AbortedError('Stopped.') });
  await expect(lookBeside(await stop, plan, {})).rejects.toThrow(AbortedError);
});

test.each(['a refusal', 'silence', 'nothing there'])('what is kept is not given up for %s', async (answer) => {
  const store = await toyStore();
  const { files, plan } = withBeside();
  const manifest = await installDictionary(await without(files, 's/features.safetensors'), plan, options(store));
  const error = answer === 'a refusal' ? new AccessDeniedError('403') : new MissingFileError('offline');
  const beside = ['s/feature_stats.json', 's/features.safetensors'];
  const { 's/sae_weights.safetensors': weights } = files;
  const source =
    answer === 'nothing there'
      ? await toySource({ 's/sae_weights.safetensors': weights! })
      : await silent(files, Object.fromEntries(beside.map((path) => [path, error])));
  const lacked = answer === 'silence' ? ['s/features.safetensors'] : [];
  const [stats] = beside.map((path) => manifest.whole[path]?.sha256);
  for (const install of [
    () => installDictionary(source, plan, options(store)),
    () => complete(source, manifest, store),
  ]) {
    await store.manifests.put(manifest);
    await install();
    const now = (await store.manifests.get(manifest.key))!;
    expect([now.complete, lackedOf(now), describeStored(store, now).folder]).toEqual([true, lacked, 's/']);
    expect(needsAny(now, new Set([stats!])), 'it is no part of the dictionary').toBe(false);
    expect([now.read, now.total], 'its bytes count').toEqual([weights!.length + files[beside[0]!]!.length, now.read]);
  }
});

test('a file that is not what its source states is left out for good, and nothing of it is written', async () => {
  const store = await toyStore();
  const { files, plan } = withBeside();
  const altered = { ...files, 's/features.safetensors': files['s/features.safetensors']!.map((byte) => byte ^ 1) };
  const { stat } = await toySource(files);
  const source = { ...(await toySource(altered)), stat };
  const manifest = await installDictionary(source, plan, options(store));
  expect([manifest.complete, lackedOf(manifest), manifest.meta!.beside]).toEqual([true, [], ['s/feature_stats.json']]);
  expect(manifest.meta!.notices).toEqual([expect.stringMatching(/^Left out: s\/features.safetensors is not what/)]);
  expect(await unnamed(store, manifest)).toEqual([]);
  // Another file is lost: what was left out stays so.
  await store.parts.remove(manifest.whole['s/feature_stats.json']!.sha256);
  await store.whole(manifest);
  const { source: anew, read } = await noted(altered);
  await complete({ ...anew, stat }, (await store.manifests.get(manifest.key))!, store);
  expect(read()).toEqual(['s/feature_stats.json']);
  const now = (await store.manifests.get(manifest.key))!;
  expect([lackedOf(now), now.meta!.notices]).toEqual([[], manifest.meta!.notices]);
});

test('completing a dictionary counts the bytes that it lacks, and leaves the branch that it was asked for by', async () => {
  const store = await toyStore();
  const { files, plan } = withBeside();
  const manifest = await installDictionary(await without(files, 's/features.safetensors'), plan, options(store));
  const { revision } = HUB as Origin & { kind: 'hub' };
  const seen = await complete(await toySource(files, { ...HUB, asked: revision } as Origin), manifest, store);
  expect(new Set(seen.map(({ total }) => total))).toEqual(new Set([5000]));
  expect(seen.every(({ loaded }) => loaded >= 0 && loaded <= 5000)).toBe(true);
  expect(seen.at(-1)!.loaded).toBe(5000);
  const now = (await store.findStored('dictionary', { kind: 'hub', repo: 'Toy/toy' }))!;
  expect([now.key, lackedOf(now)]).toEqual([manifest.key, []]);
});
