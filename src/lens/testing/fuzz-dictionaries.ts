import { readDictionaryFile } from '../folders/dictionary-list';
import type { DictionaryPlan } from '../folders/dictionary-plan';
import { readNpz } from '../formats/npz';
import type { Source } from '../sources/source';
import { json, pack, SAE } from './fixtures';
import { check, type FuzzCase, oneOf } from './fuzz-case';
import { memorySource } from './memory-source';
import { nestedEach } from './mutate';
import { npyOf, npzOf, zeros } from './npz';
import { TensorSpec, torchOf } from './torch-file';

const MODEL = { d: 3, layers: 6, name: 'Qwen3-1.7B' };
const [D, WIDTH] = [3, 4];

/** A plan's tensors lie within its file, and its numbers are ones that a dictionary can have. */
async function checkPlan(source: Source, plan: DictionaryPlan): Promise<void> {
  const { width, k, activation, fold, file, tensors } = plan;
  const { length } = await (plan.source ?? source).read(file.path);
  for (const tensor of Object.values(tensors)) check(tensor, length);
  if (!(k >= 1 && k <= width)) throw new Error(`k is ${k} of ${width}`);
  const numbers = [fold.inputScale, activation.kind === 'topk' ? activation.k : activation.all];
  if (!numbers.every((n) => Number.isFinite(n) && n >= 0) || fold.inputScale === 0) throw new Error(`${numbers}`);
}

const ARRAYS = {
  W_enc: zeros('<f4', [D, WIDTH]),
  W_dec: zeros('<f2', [WIDTH, D], true),
  b_enc: zeros('<f8', [WIDTH]),
  b_dec: zeros('<f4', [D]),
  threshold: zeros('<f4', [WIDTH]),
};
const NPZS = [
  npzOf(ARRAYS),
  npzOf(ARRAYS, { deflated: true }),
  npzOf({
    ...ARRAYS,
    b_dec: npyOf("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", new Uint8Array(12), { version: 3 }),
  }),
];
/** Deflate packs a thousand bytes into one; a file that says so is of its right. */
const INFLATED = 1 << 22;

const npzCase: FuzzCase = {
  make: oneOf(NPZS),
  beside: INFLATED,
  async read(bytes) {
    const source = memorySource({ f: bytes });
    const npz = await readNpz(source, 'f');
    const { length } = await npz.source.read('f');
    for (const array of npz.arrays.values()) check(array, length);
  },
};

const gemmaCase: FuzzCase = {
  make: oneOf(NPZS),
  beside: INFLATED,
  async read(bytes) {
    const source = memorySource({ 'layer_1/width_4/average_l0_2/params.npz': bytes });
    await checkPlan(source, await readDictionaryFile(source, 1, MODEL));
  },
};

const matrices = (names: Record<string, number[]>) =>
  pack(
    Object.fromEntries(
      Object.entries(names).map(([name, shape]) => [
        name,
        { shape, data: new Float32Array(shape.reduce((product, n) => product * n, 1)) },
      ]),
    ),
  );
const COMMON = { W_enc: [D, WIDTH], b_enc: [WIDTH], W_dec: [WIDTH, D], b_dec: [D] };
const { b_enc: _, ...unbiased } = COMMON;

/** A configuration of a folder, whole or damaged, beside weights that are whole. */
function configurationCase(path: string, configurations: object[], weights: Record<string, Uint8Array>): FuzzCase {
  const bases = configurations.map(json);
  return {
    make: oneOf(bases),
    nested: bases.flatMap(nestedEach),
    beside: Object.values(weights).reduce((sum, { length }) => sum + length, 0),
    async read(bytes) {
      const source = memorySource({ ...weights, [path]: bytes });
      await checkPlan(source, await readDictionaryFile(source, 3, MODEL));
    },
  };
}

const TRAINED = {
  training_architecture: 'batchtopk',
  training_architecture_details: { matryoshka_widths: [2, 4] },
  l0: 2,
  prepend_bos: true,
  model_name: 'gemma-2-2b',
};
const saelensCase = configurationCase(
  'cfg.json',
  [
    { ...SAE, architecture: 'jumprelu', k: undefined, metadata: { ...SAE.metadata, ...TRAINED } },
    { ...SAE, architecture: 'jumprelu', hook_name: 'blocks.4.hook_resid_pre', hook_layer: 4, metadata: undefined },
  ],
  { 'sae_weights.safetensors': matrices({ ...COMMON, threshold: [WIDTH] }) },
);
const scaledCase = configurationCase('activation_scaler.json', [{ scaling_factor: 0.3, has_whitening: false }], {
  'cfg.json': json({ ...SAE, normalize_activations: 'expected_average_only_in' }),
  'sae_weights.safetensors': matrices(COMMON),
});
const sparsifyCase = configurationCase(
  'layers.3/cfg.json',
  [
    {
      activation: 'topk',
      expansion_factor: 32,
      num_latents: 4,
      k: 2,
      d_in: 3,
      transcode: false,
      skip_connection: false,
    },
  ],
  {
    'layers.3/sae.safetensors': matrices({
      'encoder.weight': [WIDTH, D],
      'encoder.bias': [WIDTH],
      W_dec: [WIDTH, D],
      b_dec: [D],
    }),
  },
);
const trainer = {
  dict_class: 'MatryoshkaBatchTopKSAE',
  activation_dim: 3,
  dict_size: 4,
  k: 2,
  layer: 3,
  group_sizes: [1, 3],
  submodule_name: 'resid_post_layer_3',
  lm_name: 'gemma-2-2b',
};
const learningCase = configurationCase('config.json', [{ trainer }], {
  'ae.pt': torchOf(
    {
      W_enc: new TensorSpec('0', [D, WIDTH]),
      W_dec: new TensorSpec('1', [WIDTH, D]),
      b_enc: new TensorSpec('2', [WIDTH]),
      b_dec: new TensorSpec('3', [D]),
      k: new TensorSpec('4', [], { type: 'IntStorage' }),
      threshold: new TensorSpec('5', []),
    },
    {
      ...{ 0: new Uint8Array(48), 1: new Uint8Array(48), 2: new Uint8Array(16), 3: new Uint8Array(12) },
      ...{ 4: Uint8Array.of(2, 0, 0, 0), 5: new Uint8Array(4) },
    },
  ),
});
const gemma2Case = configurationCase(
  'resid_post/layer_3_width_16k_l0_big/config.json',
  [
    {
      architecture: 'jump_relu',
      hf_hook_point_in: 'model.layers.3.output',
      l0: 12,
      affine_connection: false,
      model_name: 'gemma-v3-270m-pt',
    },
  ],
  {
    'resid_post/layer_3_width_16k_l0_big/params.safetensors': matrices({
      w_enc: [D, WIDTH],
      w_dec: [WIDTH, D],
      b_enc: [WIDTH],
      b_dec: [D],
      threshold: [WIDTH],
    }),
  },
);
const gatedWeights = matrices({ ...unbiased, b_gate: [WIDTH], b_mag: [WIDTH], r_mag: [WIDTH] });
/** Weights of SAELens, damaged: nothing of them may pass for another architecture. */
const weightsCase: FuzzCase = {
  make: oneOf([gatedWeights, matrices({ ...COMMON, scaling_factor: [WIDTH] })]),
  async read(bytes) {
    const source = memorySource({
      'cfg.json': json({ ...SAE, architecture: 'gated', k: undefined }),
      'sae_weights.safetensors': bytes,
    });
    await checkPlan(source, await readDictionaryFile(source, 3, MODEL));
  },
};

const spec = {
  W_enc: new TensorSpec('0', [D, WIDTH]),
  W_dec: new TensorSpec('1', [WIDTH, D]),
  b_enc: new TensorSpec('2', [WIDTH]),
};
const storages = {
  ...{ 0: new Uint8Array(48), 1: new Uint8Array(48), 2: new Uint8Array(16), 3: new Uint8Array(12) },
  ...{ 4: Uint8Array.of(2, 0, 0, 0), 5: new Uint8Array(4) },
};
const b_dec = new TensorSpec('3', [D]);
const LAYER_FILES = [
  torchOf({ state: { ...spec, b_pre: b_dec }, scale: 2, k: 2, width: WIDTH }, storages),
  torchOf(
    { ...spec, b_dec, k: new TensorSpec('4', [], { type: 'IntStorage' }), threshold: new TensorSpec('5', []) },
    storages,
  ),
  torchOf(
    { ...spec, b_dec, threshold: new TensorSpec('5', [WIDTH]), width: WIDTH, tokens: 9 },
    { ...storages, 5: new Uint8Array(16) },
  ),
];
const layerFileCase: FuzzCase = {
  make: oneOf(LAYER_FILES),
  async read(bytes) {
    const source = memorySource({ 'layer_03.pt': bytes });
    await checkPlan(source, await readDictionaryFile(source, 3, MODEL));
  },
};

/** The kinds of files of dictionaries. */
export const DICTIONARY_CASES: Readonly<Record<string, FuzzCase>> = {
  npz: npzCase,
  gemmaScope: gemmaCase,
  gemmaScope2: gemma2Case,
  saelens: saelensCase,
  saelensScaler: scaledCase,
  saelensWeights: weightsCase,
  sparsify: sparsifyCase,
  dictionaryLearning: learningCase,
  layerFile: layerFileCase,
};
