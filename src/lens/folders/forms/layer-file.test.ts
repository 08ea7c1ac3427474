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
import { NO_FOLD } from '../dictionary-plan';

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
  7: float([Number.NaN]),
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

  test('a threshold a feature: JumpReLU, whose code does not subtract b_dec; and matrices that lie the other way', async () => {
    const turned = {
      ...plain,
      W_enc: tensor(0, [width, d]),
      W_dec: tensor(1, [d, width]),
      threshold: tensor(4, [width]),
    };
    const { tensors, activation, fold, notices, about } = await open(turned);
    expect([tensors.encoder.transposed, tensors.decoder.transposed]).toEqual([false, true]);
    expect([tensors.threshold?.shape, activation.kind]).toEqual([[width], 'threshold']);
    expect([fold, about.architecture]).toEqual([NO_FOLD, 'jumprelu']);
    expect(notices).toEqual([expect.stringContaining('b_dec is not subtracted')]);
    await expect(open({ ...turned, k: 3 })).rejects.toThrow(/a JumpReLU or a batch-top-k/);
  });

  test('what may be of two kinds is refused: names of linear layers, neither a threshold nor a state', async () => {
    const linear = {
      'encoder.weight': tensor(0, [width, d]),
      'encoder.bias': tensor(2, [width]),
      'decoder.weight': tensor(1, [d, width]),
      b_dec: tensor(3, [d]),
    };
    await expect(open({ ...linear, ...scalars }, { path: 'v2/layer2.pt' })).rejects.toThrow(/ae\.pt and config\.json/);
    await expect(open({ ...plain, k: 3 })).rejects.toThrow(/no threshold, and no state/);
  });

  test('another number, text or flag is refused as another tensor is; facts of the training are none', async () => {
    const others: Record<string, Picklable>[] = [
      { scale: 2 },
      { apply_b_dec_to_input: 0 },
      { activation: 'relu' },
      { cfg: { k: 3 } },
    ];
    for (const more of others) {
      const error = await open({ ...plain, threshold: 1, k: 3, ...more }).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(UnsupportedModelError);
      expect((error as UnsupportedModelError).message).toContain(`"${Object.keys(more)[0]}`);
    }
    expect((await open({ ...plain, threshold: 1, layer: 2, width, tokens: 9, model: 'm' })).width).toBe(width);
    await expect(open({ ...plain, threshold: 1, width: 7 })).rejects.toThrow(/contradicts itself: "width" is 7.*6/);
    expect((await open({ ...plain, threshold: 1, k: -3 })).about.l0).toBeNull();
    expect((await open({ ...plain, threshold: scalars.threshold, k: tensor(7, []) })).about.l0).toBeNull();
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
    await expect(open({ state, scale: 2, k: 3, threshold: 1 })).rejects.toThrow(/"threshold"/);
    await expect(open({ state: { ...state, threshold: tensor(4, [width]) }, scale: 2, k: 3 })).rejects.toThrow(
      /threshold/,
    );
    const { b_pre: _, ...three } = state;
    await expect(open({ state: three, scale: 2, k: 3 })).rejects.toThrow(CorruptFileError);
  });
});

test('k and values of a Qwen-Scope file: what it says counts, and nothing is passed over', async () => {
  const scope = {
    W_enc: tensor(0, [width, d]),
    W_dec: tensor(1, [d, width]),
    b_enc: tensor(2, [width]),
    b_dec: tensor(3, [d]),
  };
  const path = 'layer2.sae.pt';
  expect((await open({ ...scope, k: 3 }, { path })).k).toBe(3);
  expect((await open({ ...scope, k: scalars.k }, { path })).k).toBe(3);
  await expect(open({ ...scope, k: 3 }, { path, k: 5 })).rejects.toThrow(InvalidOptionError);
  await expect(open({ ...scope, k: 3 }, { path: `any-L0_4/${path}` })).rejects.toThrow(/k 3, and .* 4/);
  await expect(open({ ...scope, scale: 2, k: 3 }, { path })).rejects.toThrow(/"scale"/);
  for (const k of [-3, 0, 7, tensor(7, [])])
    await expect(open({ ...scope, k }, { path })).rejects.toThrow(/"k" must be a whole number from 1 to 6/);
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
