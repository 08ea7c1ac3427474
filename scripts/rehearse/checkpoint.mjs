import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BLOCK, bytes, laid, normals, placeOf, toBfloat16 } from './noise.mjs';
import { deviationOf, plantsOf, tensorsOf } from './qwen.mjs';
import { writeAt } from './write-at.mjs';

/** A checkpoint in bfloat16 with Qwen3's tensors, out of noise and what is planted in it, written from front to
 *  back.
 *  @import { Config, Plant, Tensor } from './qwen.mjs' */

const bytesOf = (/** @type {Tensor} */ { shape }) => 2 * shape.reduce((product, n) => product * n, 1);

/** safetensors' header with the length in front, padded to 8 bytes as the format's own writer does. */
export function headerOf(/** @type {Tensor[]} */ tensors) {
  /** @type {Record<string, object>} */
  const header = { __metadata__: { format: 'pt' } };
  let at = 0;
  for (const tensor of tensors) {
    header[tensor.name] = { dtype: 'BF16', shape: tensor.shape, data_offsets: [at, at + bytesOf(tensor)] };
    at += bytesOf(tensor);
  }
  const text = JSON.stringify(header);
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}

/** The tensors in files of about equal size, and the files' names; one is `model.safetensors`. */
export function shardsOf(/** @type {Tensor[]} */ tensors, /** @type {number} */ count) {
  const total = tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  const shards = Array.from({ length: count }, (_, i) => ({
    path: shardName(i + 1, count),
    tensors: /** @type {Tensor[]} */ ([]),
  }));
  let at = 0;
  for (const tensor of tensors) {
    shards[Math.min(count - 1, Math.floor((at / total) * count))].tensors.push(tensor);
    at += bytesOf(tensor);
  }
  return shards.filter((shard) => shard.tensors.length > 0);
}

const shardName = (/** @type {number} */ i, /** @type {number} */ count) =>
  count === 1
    ? 'model.safetensors'
    : `model-${String(i).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.safetensors`;

/** Writes the checkpoint into `folder`; resolves to its files' sizes by name.
 *  @param {string} folder
 *  @param {Config} config
 *  @param {{ seed: number, shards?: number, token: number }} options `token`: the sink. */
export async function writeCheckpoint(folder, config, { seed, shards = 1, token }) {
  const tensors = tensorsOf(config);
  const plants = plantsOf(config, token);
  const noise = new Noise(seed, config);
  const sizes = /** @type {Record<string, number>} */ ({});
  const files = shardsOf(tensors, shards);
  for (const shard of files)
    sizes[shard.path] = await writeShard(join(folder, shard.path), shard.tensors, noise, plants);
  if (files.length > 1) {
    const index = {
      metadata: { total_size: tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0) },
      weight_map: Object.fromEntries(files.flatMap(({ path, tensors: of }) => of.map(({ name }) => [name, path]))),
    };
    const text = `${JSON.stringify(index, null, 2)}\n`;
    await writeFile(join(folder, 'model.safetensors.index.json'), text);
    sizes['model.safetensors.index.json'] = Buffer.byteLength(text);
  }
  return sizes;
}

/** @param {string} path
 *  @param {Tensor[]} tensors
 *  @param {Noise} noise
 *  @param {Plant[]} plants */
async function writeShard(path, tensors, noise, plants) {
  const file = await open(path, 'w');
  try {
    let at = await writeAt(file, headerOf(tensors), 0);
    for (const tensor of tensors) {
      const begin = at;
      for (const bytes of noise.of(tensor)) at = await writeAt(file, bytes, at);
      for (const plant of plants.filter((one) => one.tensor === tensor.name)) {
        const { index, bits } = noise.planted(tensor, plant);
        await writeAt(file, bits, begin + 2 * index);
      }
    }
    return at;
  } finally {
    await file.close();
  }
}

/** The bytes of every tensor, from two blocks of noise. */
export class Noise {
  /** By deviation. */
  blocks = /** @type {Map<number, { numbers: Float32Array, bits: Uint16Array }>} */ (new Map());

  constructor(/** @type {number} */ seed, /** @type {Config} */ config) {
    this.seed = seed;
    this.config = config;
  }

  /** A matrix' numbers as bytes, in pieces; a vector is a norm's weight, near 1. */
  *of(/** @type {Tensor} */ { name, shape }) {
    if (shape.length === 1) yield bytes(toBfloat16(normals(shape[0], placeOf(name, this.seed, 2 ** 32), 0.05, 1)));
    else for (const view of laid(this.block(name).bits, this.begin(name), shape[0] * shape[1])) yield bytes(view);
  }

  /** Where numbers are replaced, and by what. */
  planted(/** @type {Tensor} */ { name, shape: [, columns] }, /** @type {Plant} */ plant) {
    if (plant.values) return { index: plant.at, bits: bytes(toBfloat16(Float32Array.from(plant.values))) };
    const { row, factor } = plant;
    const { numbers } = this.block(name);
    const begin = this.begin(name) + row * columns;
    const scaled = Float32Array.from({ length: columns }, (_, i) => factor * numbers[(begin + i) % BLOCK]);
    return { index: row * columns, bits: bytes(toBfloat16(scaled)) };
  }

  begin(/** @type {string} */ name) {
    return placeOf(name, this.seed, BLOCK);
  }

  block(/** @type {string} */ name) {
    const deviation = deviationOf(name, this.config);
    let block = this.blocks.get(deviation);
    if (!block) {
      const numbers = normals(BLOCK, this.seed, deviation);
      block = { numbers, bits: toBfloat16(numbers) };
      this.blocks.set(deviation, block);
    }
    return block;
  }
}
