import { expect, test } from 'vitest';
import { AbortedError } from '../api/errors';
import { UNSTATED } from '../api/site';
import { FoldSums, foldVectors } from '../folders/fold';
import { toFloat32 } from '../formats/safetensors';
import type { MatrixPieces } from '../kernels/dictionary-parts';
import { createHostConverter } from '../testing/convert-host';
import { EARLIER, toyDictionary, toySource, toyStore } from '../testing/toy-store';
import { installDictionary } from './install';
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
