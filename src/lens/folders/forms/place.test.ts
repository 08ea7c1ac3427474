import { expect, test } from 'vitest';
import { json, pack } from '../../testing/fixtures';
import { memorySource } from '../../testing/memory-source';
import { npzOf, zeros } from '../../testing/npz';
import { TensorSpec, torchOf } from '../../testing/torch-file';
import { readDictionaryFile } from '../dictionary-list';
import { namedForStream } from './place';

const MODEL = { d: 3, layers: 6 };
const TAKEN = [expect.stringMatching(/block 1 .*taken for the stream/)];

test('the nearest name that says a place decides', () => {
  const of = (name: string, folder = '') => namedForStream(memorySource({}, { name }), folder, 'f');
  for (const name of ['gemma-scope-2b-pt-res', 'resid_post', 'a/resid_post_layer_3/trainer_0', 'my-mlp/x-res/layer_1'])
    expect(of(name), name).toBe(true);
  for (const name of ['0a1b2c', 'downloads', 'results', 'attic', 'trainer_0']) expect(of(name), name).toBe(false);
  expect(of('gemma-scope-2b-pt-mlp', 'resid_post/layer_1/')).toBe(true);
  for (const [name, why] of [
    ['gemma-scope-2b-pt-att/layer_1', /attention/],
    ['gemma-scope-2b-pt-mlp', /output of an MLP/],
    ['gemma-scope-2b-pt-transcoders', /input of an MLP/],
    ['clt_width_1m', /input of an MLP/],
    ['crosscoder', /several blocks/],
    ['blocks.3.hook_resid_mid', /another place/],
    ['x-res/mlp_out_layer3', /output of an MLP/],
  ] as const)
    expect(() => of('x', `${name}/`), name).toThrow(why);
});

const params = npzOf({
  ...{ W_enc: zeros('<f4', [3, 4]), W_dec: zeros('<f4', [4, 3]), b_enc: zeros('<f4', [4]) },
  ...{ b_dec: zeros('<f4', [3]), threshold: zeros('<f4', [4]) },
});

test('Gemma Scope: a folder around its own says the site; where none does, the reader is told', async () => {
  const of = (folder: string, name = 'picked') => {
    const path = `${folder}layer_1/width_16k/average_l0_8/params.npz`;
    return readDictionaryFile(memorySource({ [path]: params }, { name }), 1, MODEL);
  };
  await expect(of('gemma-scope-2b-pt-mlp/')).rejects.toThrow(/gemma-scope-2b-pt-mlp.*output of an MLP/);
  await expect(of('gemma-scope-2b-pt-transcoders/')).rejects.toThrow(/input of an MLP/);
  expect((await of('', 'a0b1c2')).notices).toEqual(TAKEN);
  expect((await of('', 'google/gemma-scope-2b-pt-res')).notices).toEqual([]);
});

const wide = new Float64Array(12);
const matrices = (names: readonly string[], shapes: number[][]) =>
  pack(
    Object.fromEntries(
      names.map((name, i) => [
        name,
        {
          dtype: 'F64',
          shape: shapes[i]!,
          data: wide.slice(
            0,
            shapes[i]!.reduce((a, b) => a * b, 1),
          ),
        },
      ]),
    ) as unknown as Parameters<typeof pack>[0],
  );

test('Gemma Scope 2: its configuration or a folder says the site; float64 is rounded', async () => {
  const weights = matrices(['w_enc', 'w_dec', 'b_enc', 'b_dec', 'threshold'], [[3, 4], [4, 3], [4], [3], [4]]);
  const of = (folder: string, config: object | null) =>
    readDictionaryFile(
      memorySource({
        [`${folder}/params.safetensors`]: weights,
        ...(config && { [`${folder}/config.json`]: json(config) }),
      }),
      1,
      MODEL,
    );
  const plan = await of('layer_1_width_16k', null);
  expect(plan.notices).toEqual(TAKEN);
  expect([plan.tensors.encoder.dtype, plan.source !== undefined]).toEqual(['F32', true]);
  expect((await of('layer_1_width_16k', { hf_hook_point_in: 'model.layers.1.output' })).notices).toEqual([]);
  expect((await of('resid_post/layer_1_width_16k', null)).notices).toEqual([]);
  await expect(of('mlp_out/layer_1_width_16k', null)).rejects.toThrow(/output of an MLP/);
});

test('sparsify: float64 is rounded', async () => {
  const source = memorySource({
    'layers.1/cfg.json': json({ d_in: 3, num_latents: 4, k: 2 }),
    'layers.1/sae.safetensors': matrices(
      ['encoder.weight', 'W_dec', 'encoder.bias', 'b_dec'],
      [[4, 3], [4, 3], [4], [3]],
    ),
  });
  const { tensors, source: copy } = await readDictionaryFile(source, 1, MODEL);
  expect([tensors.decoder.dtype, copy !== undefined]).toEqual(['F32', true]);
});

test('dictionary_learning without a submodule: names around it say the place, and else the reader is told', async () => {
  const tensors = {
    ...{ 'encoder.weight': new TensorSpec('0', [4, 3]), 'encoder.bias': new TensorSpec('1', [4]) },
    ...{ 'decoder.weight': new TensorSpec('2', [3, 4]), bias: new TensorSpec('3', [3]) },
  };
  const bytes = (n: number) => new Uint8Array(4 * n);
  const weights = torchOf(tensors, { 0: bytes(12), 1: bytes(4), 2: bytes(12), 3: bytes(3) });
  const of = (folder: string, more: object = {}) => {
    const trainer = { dict_class: 'AutoEncoder', activation_dim: 3, dict_size: 4, layer: 1, ...more };
    const files = { [`${folder}/config.json`]: json({ trainer }), [`${folder}/ae.pt`]: weights };
    return readDictionaryFile(memorySource(files), 1, MODEL);
  };
  await expect(of('mlp_out_layer1/trainer_0', { submodule_name: null })).rejects.toThrow(/mlp_out_layer1.*MLP/);
  await expect(of('attn_out_layer1/trainer_0')).rejects.toThrow(/attention/);
  expect((await of('run/trainer_0')).notices).toEqual(TAKEN);
  expect((await of('resid_post_layer_1/trainer_0')).notices).toEqual([]);
  expect((await of('run/trainer_0', { submodule_name: 'resid_post_layer_1' })).notices).toEqual([]);
  const levels = async (group_sizes: number[]) => (await of('resid/t', { group_sizes })).about.levels;
  expect(await levels([1, 3])).toEqual([1, 4]);
  expect([await levels([0.5, 3.5]), await levels([-1, 5]), await levels([0, 4])]).toEqual([null, null, null]);
});
