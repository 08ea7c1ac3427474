import { describe, expect, test } from 'vitest';
import { CorruptFileError, InvalidOptionError, UnsupportedModelError } from '../../api/errors';
import { JsonObject } from '../../formats/json';
import { json, pack, SAE } from '../../testing/fixtures';
import { memorySource } from '../../testing/memory-source';
import { readDictionaryFile } from '../dictionary-list';
import { parseSaelensConfig } from './saelens-config';

const KNOWN = ['topk', 'standard', 'jumprelu'];
const parse = (config: object, folder = 'sae') => parseSaelensConfig(new JsonObject(config, 'cfg.json'), folder, KNOWN);
const BARE = { architecture: 'topk', d_in: 3, d_sae: 4, k: 2, hook_name: 'blocks.3.hook_resid_post' };

test('what is missing is what SAELens takes it for', () => {
  expect(parse(BARE)).toEqual({
    ...{
      layer: 3,
      hooked: true,
      d: 3,
      width: 4,
      architecture: 'topk',
      k: 2,
      centred: true,
      rescaled: false,
      scaled: false,
    },
    ...{ trainedAs: 'topk', l0: null, levels: null, training: { model: null, firstToken: null } },
  });
  expect(parse({ ...BARE, architecture: undefined, activation_fn_str: 'relu' }).architecture).toBe('standard');
});

test('latents in units of their row are a key of top-k architectures; of others SAELens passes it over', () => {
  const rescaled = (architecture: string) =>
    parse({ ...BARE, architecture, rescale_acts_by_decoder_norm: true }).rescaled;
  expect(['topk', 'jumprelu', 'standard'].map(rescaled)).toEqual([true, false, false]);
});

test('facts of the training, where they are facts', () => {
  const metadata = { training_architecture: 'batchtopk', l0: 1.5, model_name: 'm', prepend_bos: false };
  const details = { matryoshka_widths: [1, 4] };
  const of = (more: object) =>
    parse({ ...BARE, metadata: { ...metadata, training_architecture_details: details, ...more } });
  expect(of({})).toMatchObject({
    ...{ trainedAs: 'batchtopk', l0: 1.5, levels: [1, 4] },
    training: { model: 'm', firstToken: false },
  });
  expect(of({ l0: 'many', model_name: 7, prepend_bos: 'no', training_architecture: [] })).toMatchObject({
    ...{ trainedAs: 'topk', l0: null },
    training: { model: null, firstToken: null },
  });
  expect(of({ training_architecture_details: { matryoshka_widths: [1, 9] } }).levels).toBeNull();
});

test('hooks and numbers of them must agree, and a number counts as its hook does', () => {
  const pre = { ...BARE, hook_name: 'blocks.4.hook_resid_pre' };
  expect(parse({ ...pre, hook_layer: 4 }).layer).toBe(3);
  expect(() => parse({ ...pre, hook_layer: 3 })).toThrow(/layers 3 and 2/);
  expect(() => parse(pre, 'sae/blocks.4.hook_resid_post')).toThrow(/layer 3.*layer 4/);
  expect(parse({ ...BARE, hook_name: undefined, hook_layer: 4 }, 'blocks.4.hook_resid_pre').layer).toBe(3);
  expect(() => parse({ ...BARE, hook_name: 'blocks.0.hook_resid_pre' })).toThrow(/embeddings/);
  expect(() => parse({ ...BARE, hook_name: undefined })).toThrow(CorruptFileError);
});

test('other activations are refused beside what else is wrong', () => {
  const error = (() => {
    try {
      return parse({
        ...BARE,
        activation_fn: 'tanh-relu',
        reshape_activations: 'hook_z',
        hook_name: 'blocks.3.hook_mlp_out',
      });
    } catch (caught) {
      return caught;
    }
  })();
  expect((error as UnsupportedModelError).fields.keys).toEqual(['activation_fn', 'reshape_activations', 'hook_name']);
});

describe('numbers beside the weights', () => {
  const ones = (value: number) => ({ scaling_factor: { shape: [4], data: new Float32Array(4).fill(value) } });
  const open = (
    config: object,
    tensors: Parameters<typeof pack>[0] = {},
    more: Record<string, Uint8Array> = {},
    k?: number,
  ) => {
    const weights = pack({
      W_enc: { shape: [3, 4], data: new Float32Array(12) },
      b_enc: { shape: [4], data: new Float32Array(4) },
      W_dec: { shape: [4, 3], data: new Float32Array(12) },
      b_dec: { shape: [3], data: new Float32Array(3) },
      ...tensors,
    });
    const files = { 'cfg.json': json({ ...SAE, ...config }), 'sae_weights.safetensors': weights, ...more };
    return readDictionaryFile(memorySource(files), 3, { d: 3, layers: 6, k });
  };

  test('a number of a layer says no place: names around it are asked, and else it is said', async () => {
    const bare = json({ ...SAE, hook_name: undefined, metadata: undefined, hook_layer: 3 });
    const weights = pack({
      W_enc: { shape: [3, 4], data: new Float32Array(12) },
      b_enc: { shape: [4], data: new Float32Array(4) },
      W_dec: { shape: [4, 3], data: new Float32Array(12) },
      b_dec: { shape: [3], data: new Float32Array(3) },
    });
    const of = (folder: string) =>
      readDictionaryFile(
        memorySource({ [`${folder}/cfg.json`]: bare, [`${folder}/sae_weights.safetensors`]: weights }),
        3,
        { d: 3, layers: 6 },
      );
    expect((await of('mine')).notices).toEqual([expect.stringMatching(/block 3 .*taken for the stream/)]);
    expect((await of('resid_post_3')).notices).toEqual([]);
    await expect(of('hook_mlp_out/3')).rejects.toThrow(/hook_mlp_out.*output of an MLP/);
    expect((await open({})).notices).toEqual([]);
  });

  test('factors of latents are none if they are ones', async () => {
    expect((await open({}, ones(1))).activation).toEqual({ kind: 'topk', k: 2 });
    await expect(open({}, ones(1.5))).rejects.toThrow(/"scaling_factor".*finetuning/);
  });

  test('a scaled input needs its factor, and no whitening', async () => {
    const average = { normalize_activations: 'expected_average_only_in' };
    await expect(open(average)).rejects.toThrow(/"expected_average_only_in".*activation_scaler\.json/);
    const scaler = (value: object) => ({ 'activation_scaler.json': json(value) });
    expect((await open(average, {}, scaler({ scaling_factor: 0.25 }))).fold.inputScale).toBe(0.25);
    await expect(open(average, {}, scaler({ scaling_factor: 0.25, has_whitening: true }))).rejects.toThrow(/whitening/);
    await expect(open(average, {}, scaler({ scaling_factor: null }))).rejects.toThrow(CorruptFileError);
    await expect(open({ normalize_activations: 'covariance_whitening' })).rejects.toThrow(UnsupportedModelError);
  });

  test('a threshold, a learnt one or a skip beside "topk" is refused; so is a k of what has none', async () => {
    for (const name of ['threshold', 'topk_threshold', 'W_skip'])
      await expect(open({}, { [name]: { shape: [4], data: new Float32Array(4) } }), name).rejects.toThrow(`"${name}"`);
    const jump = { threshold: { shape: [4], data: new Float32Array(4) } };
    await expect(open({ architecture: 'jumprelu' }, jump, {}, 2)).rejects.toThrow(InvalidOptionError);
    expect((await open({ architecture: 'jumprelu' }, jump)).k).toBe(4);
  });
});
