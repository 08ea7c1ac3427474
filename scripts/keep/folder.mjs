import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A small model folder as one has it on a disk or a static host: a sharded Qwen3 with sinks and outlier channels, a
 *  tokenizer that has a printable character for each id, and a SAELens dictionary with its statistics, named by
 *  `sae/index.json`. */

const LAYER = 2;
const D = 64;
const WIDTH = 64;
const VOCABULARY = 80;

export const letter = (/** @type {number} */ id) => String.fromCharCode(33 + id);

const ends = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };
const tokenizer = {
  version: '1.0',
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: ends,
  post_processor: ends,
  decoder: ends,
  model: {
    type: 'BPE',
    vocab: Object.fromEntries(Array.from({ length: VOCABULARY }, (_, id) => [letter(id), id])),
    merges: [],
  },
};

/** Numbers from -1 to 1 that are the same on every machine (mulberry32). */
function seeded(/** @type {number} */ seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

/** Tensors as a safetensors file of float32.
 *  @param {Record<string, { shape: number[], values: Float32Array }>} tensors */
function safetensors(tensors) {
  const header = /** @type {Record<string, object>} */ ({});
  let at = 0;
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [at, at + values.byteLength] };
    at += values.byteLength;
  }
  const text = JSON.stringify(header);
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, ...Object.values(tensors).map(({ values }) => Buffer.from(values.buffer))]);
}

function dictionary() {
  const next = seeded(16);
  const decoder = Float32Array.from({ length: WIDTH * D }, () => next() / 8);
  const encoder = new Float32Array(D * WIDTH);
  for (let id = 0; id < WIDTH; id++) for (let i = 0; i < D; i++) encoder[i * WIDTH + id] = decoder[id * D + i];
  return {
    W_enc: { shape: [D, WIDTH], values: encoder },
    W_dec: { shape: [WIDTH, D], values: decoder },
    b_enc: { shape: [WIDTH], values: Float32Array.from({ length: WIDTH }, () => next() / 16) },
    b_dec: { shape: [D], values: Float32Array.from({ length: D }, () => next() / 16) },
  };
}

/** Writes the folder; `planted` holds config and weights. */
export function writeFolder(/** @type {string} */ planted, /** @type {string} */ to) {
  const sae = `sae/blocks.${LAYER}.hook_resid_post`;
  mkdirSync(join(to, sae), { recursive: true });
  /** @type {{ weight_map: Record<string, string> }} */
  const { weight_map: shards } = JSON.parse(readFileSync(join(planted, 'model.safetensors.index.json'), 'utf8'));
  for (const file of ['config.json', 'model.safetensors.index.json', ...new Set(Object.values(shards))])
    copyFileSync(join(planted, file), join(to, file));
  const json = (/** @type {string} */ path, /** @type {unknown} */ value) =>
    writeFileSync(join(to, path), `${JSON.stringify(value, null, 1)}\n`);
  json('tokenizer.json', tokenizer);
  json('tokenizer_config.json', {
    tokenizer_class: 'Qwen2Tokenizer',
    add_bos_token: false,
    clean_up_tokenization_spaces: false,
  });
  json('sae/index.json', [`blocks.${LAYER}.hook_resid_post`]);
  json(`${sae}/cfg.json`, {
    architecture: 'topk',
    d_in: D,
    d_sae: WIDTH,
    k: 4,
    dtype: 'float32',
    apply_b_dec_to_input: false,
    normalize_activations: 'none',
    hook_name: `blocks.${LAYER}.hook_resid_post`,
    hook_layer: LAYER,
  });
  const measured = (/** @type {number} */ scale) => Array.from({ length: WIDTH }, (_, id) => (id + 1) * scale);
  json(`${sae}/feature_stats.json`, {
    mean: Array(D).fill(0),
    max_activation: measured(0.5),
    density: measured(0.001),
    residual_norm_median: 8.5,
  });
  writeFileSync(join(to, sae, 'sae_weights.safetensors'), safetensors(dictionary()));
}
