import { describe, expect, test } from 'vitest';
import {
  CorruptFileError,
  InvalidOptionError,
  ShapeMismatchError,
  UnknownKError,
  UnsupportedModelError,
} from '../../api/errors';
import { memorySource } from '../../testing/memory-source';
import { type Picklable, TensorSpec, torchOf } from '../../testing/torch-file';
import { readDictionaryFile } from '../dictionary-list';

const [d, width] = [8, 6];
const MODEL = { d, layers: 4 };
const float = (values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const storages = {
  0: new Uint8Array(4 * d * width),
  1: new Uint8Array(4 * d * width),
  2: new Uint8Array(4 * width),
  3: new Uint8Array(4 * d),
  4: new Uint8Array(4 * width),
  5: float([1.5]),
  6: new Uint8Array(Int32Array.of(3).buffer),
};
const tensor = (key: number, shape: number[], options: TensorSpec['options'] = {}) =>
  new TensorSpec(String(key), shape, options);
const scalars = { k: tensor(6, [], { type: 'IntStorage' }), threshold: tensor(5, []) };

interface Asked {
  path?: string;
  d?: number;
  layers?: number;
  k?: number;
}

const open = (value: Record<string, Picklable>, { path = 'layer_02.pt', ...more }: Asked = {}) =>
  readDictionaryFile(memorySource({ [path]: torchOf(value, storages) }, { name: 'downloads' }), 2, {
    ...MODEL,
    ...more,
  });

describe('a file with a threshold and k', () => {
  const plain = {
    W_enc: tensor(0, [d, width]),
    W_dec: tensor(1, [width, d]),
    b_enc: tensor(2, [width]),
    b_dec: tensor(3, [d]),
  };

  test('one threshold for all features: batch-top-k, and how it is read is said', async () => {
    const plan = await open({ ...plain, ...scalars });
    expect(plan).toMatchObject({
      ...{ layer: 2, width, k: width, form: 'layer-file' },
      activation: { kind: 'threshold', all: 1.5 },
      fold: { inputScale: 1, centred: true, rescaled: false },
      about: { architecture: 'batchtopk', l0: 3 },
      notices: [expect.stringContaining('b_dec is subtracted')],
    });
    expect([plan.tensors.encoder.transposed, plan.tensors.decoder.transposed]).toEqual([true, false]);
    expect((await open({ ...plain, threshold: -1, k: 3 })).activation).toEqual({ kind: 'threshold', all: 0 });
  });

  test('a threshold a feature, and matrices that lie the other way', async () => {
    const turned = {
      ...plain,
      W_enc: tensor(0, [width, d]),
      W_dec: tensor(1, [d, width]),
      threshold: tensor(4, [width]),
    };
    const { tensors, activation } = await open({ ...turned, k: 3 });
    expect([tensors.encoder.transposed, tensors.decoder.transposed]).toEqual([false, true]);
    expect([tensors.threshold?.shape, activation.kind]).toEqual([[width], 'threshold']);
  });

  test('in the names of linear layers', async () => {
    const linear = {
      'encoder.weight': tensor(0, [width, d]),
      'encoder.bias': tensor(2, [width]),
      'decoder.weight': tensor(1, [d, width]),
      b_dec: tensor(3, [d]),
    };
    const { tensors } = await open({ ...linear, ...scalars }, { path: 'v2/layer2.pt' });
    expect([tensors.encoder.transposed, tensors.decoder.transposed]).toEqual([false, true]);
  });

  test('a further tensor, a k that was asked for, a square matrix', async () => {
    await expect(open({ ...plain, ...scalars, W_skip: tensor(4, [width]) })).rejects.toThrow(/"W_skip"/);
    await expect(open({ ...plain, ...scalars }, { k: 3 })).rejects.toThrow(InvalidOptionError);
    const four = tensor(3, [2, 2], { count: d });
    const square = { ...plain, W_enc: four, W_dec: four };
    await expect(open({ ...square, ...scalars }, { d: 2 })).rejects.toThrow(/which of them are features/);
  });
});

describe('a file with a state and its scale', () => {
  const state = {
    W_enc: tensor(0, [d, width]),
    W_dec: tensor(1, [width, d]),
    b_enc: tensor(2, [width]),
    b_pre: tensor(3, [d]),
  };

  test('the input is scaled, b_pre subtracted, and k is in the file', async () => {
    const plan = await open({ state, scale: 2, k: 3, width, tokens: 100 });
    expect(plan).toMatchObject({
      activation: { kind: 'topk', k: 3 },
      fold: { inputScale: 2, centred: true, rescaled: false },
      notices: [],
    });
    expect(plan.tensors.decoderBias.shape).toEqual([d]);
  });

  test('without a scale or with another tensor it is refused', async () => {
    await expect(open({ state, k: 3 })).rejects.toThrow(/"scale"/);
    await expect(open({ state, scale: -1, k: 3 })).rejects.toThrow(UnsupportedModelError);
    await expect(open({ state: { ...state, threshold: tensor(4, [width]) }, scale: 2, k: 3 })).rejects.toThrow(
      /threshold/,
    );
    const { b_pre: _, ...three } = state;
    await expect(open({ state: three, scale: 2, k: 3 })).rejects.toThrow(CorruptFileError);
  });
});

test('a file without k asks for it, and says how large it may be', async () => {
  const scope = {
    W_enc: tensor(0, [width, d]),
    W_dec: tensor(1, [d, width]),
    b_enc: tensor(2, [width]),
    b_dec: tensor(3, [d]),
  };
  const error = await open(scope, { path: 'layer2.sae.pt' }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UnknownKError);
  expect((error as UnknownKError).fields).toEqual({ k: null, width });
  expect((await open(scope, { path: 'any-L0_4/layer2.sae.pt' })).k).toBe(4);
  await expect(open(scope, { path: 'layer2.sae.pt', layers: 2 })).rejects.toThrow(ShapeMismatchError);
});
