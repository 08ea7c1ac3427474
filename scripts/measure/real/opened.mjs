import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A model folder as the comparison opens it: the model's own files, linked, and behind each block but the last a
 *  dictionary of a few features that mean nothing. Where a dictionary is, the lens reads the residual. */

const WIDTH = 32;
const K = 4;

/** Writes `out` anew, and returns the layers that have a dictionary.
 *  @param {string} model
 *  @param {string} out */
export function writeOpened(model, out) {
  const config = JSON.parse(readFileSync(join(model, 'config.json'), 'utf8'));
  const { hidden_size: d, num_hidden_layers: layers } = config;
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const entry of readdirSync(model, { withFileTypes: true }))
    if (entry.isFile()) symlinkSync(resolve(model, entry.name), join(out, entry.name));
  const sites = Array.from({ length: layers - 1 }, (_, layer) => layer);
  const names = sites.map((layer) => `blocks.${layer}.hook_resid_post`);
  const weights = unitWeights(d);
  for (const name of names) {
    const folder = join(out, 'sae', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'cfg.json'), JSON.stringify(configOf(d, name)));
    writeFileSync(join(folder, 'sae_weights.safetensors'), weights);
  }
  writeFileSync(join(out, 'sae/index.json'), JSON.stringify(names));
  return sites;
}

const configOf = (/** @type {number} */ d, /** @type {string} */ hook) => ({
  architecture: 'topk',
  d_in: d,
  d_sae: WIDTH,
  k: K,
  dtype: 'float32',
  apply_b_dec_to_input: false,
  normalize_activations: 'none',
  metadata: { hook_name: hook },
});

/** Feature i reads and writes channel i. */
function unitWeights(/** @type {number} */ d) {
  /** @type {[string, number[], Float32Array][]} */
  const tensors = [
    ['W_dec', [WIDTH, d], new Float32Array(WIDTH * d)],
    ['W_enc', [d, WIDTH], new Float32Array(WIDTH * d)],
    ['b_dec', [d], new Float32Array(d)],
    ['b_enc', [WIDTH], new Float32Array(WIDTH)],
  ];
  for (let i = 0; i < WIDTH; i++) {
    tensors[0][2][i * d + i] = 1;
    tensors[1][2][i * WIDTH + i] = 1;
  }
  let at = 0;
  /** @type {Record<string, object>} */
  const header = {};
  for (const [name, shape, { byteLength }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [at, at + byteLength] };
    at += byteLength;
  }
  const json = JSON.stringify(header);
  const text = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...tensors.map(([, , { buffer }]) => Buffer.from(buffer))]);
}
