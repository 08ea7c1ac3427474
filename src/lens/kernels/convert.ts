import { DisposedError } from '../api/errors';
import { BLOCK, TINY } from '../formats/quantise';
import {
  BYTES_PER,
  type Converter,
  checkBlocks,
  checkNumbers,
  refuseNumbers,
  type StoredFloat,
  TOO_LARGE,
} from './converter';
import { storageBuffer, writeBytes } from './gpu-rows';
import { kernel, reads, writes } from './kernel';
import { type BufferRange, Recorder } from './recorder';
import { unlessRefused } from './refusals';
import { halving, main } from './snippets';

/** Stored bytes that are converted at a time. The buffers they need stay far below a limit of 128 MiB a binding. */
const CHUNK_BYTES = 16 * 2 ** 20;

const TINY_BITS = new Uint32Array(Float32Array.of(TINY).buffer)[0]!;

/** `pair_at(i)`: stored numbers 2i and 2i + 1 as the bits of float32, exact. Numbers are read and checked by their bits
 *  throughout, since a device may flush subnormals and may assume that there is no NaN. */
const stored: Record<StoredFloat, string> = {
  F32: /* wgsl */ `fn pair_at(i: u32) -> vec2<u32> { return vec2<u32>(source[2u * i], source[2u * i + 1u]); }`,
  BF16: /* wgsl */ `
fn pair_at(i: u32) -> vec2<u32> {
  let word = source[i];
  return vec2<u32>(word << 16u, word & 0xffff0000u);
}`,
  F16: /* wgsl */ `
fn pair_at(i: u32) -> vec2<u32> {
  let word = source[i];
  let bits = vec2<u32>(word & 0xffffu, word >> 16u);
  let magnitude = bits & vec2<u32>(0x7fffu);
  let special = select(vec2<u32>(0u), vec2<u32>(0x38000000u), magnitude >= vec2<u32>(0x7c00u));
  let normal = (magnitude << vec2<u32>(13u)) + vec2<u32>(0x38000000u) + special;
  let subnormal = bitcast<vec2<u32>>(vec2<f32>(magnitude) * 0x1p-24f);
  return select(normal, subnormal, magnitude < vec2<u32>(0x0400u)) | ((bits & vec2<u32>(0x8000u)) << vec2<u32>(16u));
}`,
};

const magnitudes = /* wgsl */ `
fn magnitudes(pair: vec2<u32>) -> vec2<u32> { return pair & vec2<u32>(0x7fffffffu); }
fn refuse(pair: vec2<u32>) -> vec2<u32> {
  return select(vec2<u32>(0u), vec2<u32>(1u), magnitudes(pair) >= vec2<u32>(${TOO_LARGE}u));
}
`;

const bindings = {
  source: reads('u32'),
  out: writes('u32'),
  refused: { access: 'read_write', type: 'atomic<u32>' },
} as const;

/** A lane quantises a block of 32, as formats/quantise.ts does; only the division of 1 by the scale may round
 *  otherwise. */
const quantise = (dtype: StoredFloat, bits: 4 | 8) => {
  const zero = bits === 4 ? 8 : 128;
  const pairsPerWord = 16 / bits;
  return kernel({
    name: `quantise ${dtype} ${bits}`,
    args: ['count'],
    bindings: { ...bindings, scales: writes('f32') },
    body: () => /* wgsl */ `${stored[dtype]}${magnitudes}${main(256)} {
  let block = group_index(id, groups) * 256u + lane;
  if (block >= args.count) { return; }
  let first = block * ${BLOCK / 2}u;
  var largest = 0u;
  var size = 0u;
  var bad = vec2<u32>(0u);
  for (var i = first; i < first + ${BLOCK / 2}u; i++) {
    let pair = pair_at(i);
    let sizes = magnitudes(pair);
    bad += refuse(pair);
    largest = select(largest, pair.x, sizes.x > size);
    size = max(size, sizes.x);
    largest = select(largest, pair.y, sizes.y > size);
    size = max(size, sizes.y);
  }
  if (bad.x + bad.y > 0u) { atomicAdd(&refused, bad.x + bad.y); }
  var scale = 0.0;
  var inverse = 0.0;
  if (size >= ${TINY_BITS}u) {
    scale = bitcast<f32>(largest) * ${-1 / zero};
    inverse = 1.0 / scale;
  }
  scales[block] = scale;
  for (var w = 0u; w < ${bits}u; w++) {
    var word = 0u;
    for (var c = 0u; c < ${pairsPerWord}u; c++) {
      let numbers = bitcast<vec2<f32>>(pair_at(first + ${pairsPerWord}u * w + c));
      let q = vec2<u32>(clamp(floor(numbers * inverse + ${zero}.5), vec2<f32>(0.0), vec2<f32>(${2 * zero - 1}.0)));
      word |= (q.x | (q.y << ${bits}u)) << (${2 * bits}u * c);
    }
    out[${bits}u * block + w] = word;
  }
}
`,
  });
};

/** A lane makes two halves. */
const halves = (dtype: StoredFloat) =>
  kernel({
    name: `halves ${dtype}`,
    args: ['count'],
    bindings,
    body: () => /* wgsl */ `${stored[dtype]}${magnitudes}${halving}${main(256)} {
  let word = group_index(id, groups) * 256u + lane;
  if (2u * word >= args.count) { return; }
  var pair = pair_at(word);
  if (2u * word + 1u == args.count) { pair.y = 0u; }
  let bad = refuse(pair);
  if (bad.x + bad.y > 0u) { atomicAdd(&refused, bad.x + bad.y); }
  out[word] = halved(pair.x) | (halved(pair.y) << 16u);
}
`,
  });

/** The converter as WGSL on `device`, which needs no feature and no limit above WebGPU's defaults. Buffers are made on
 *  first use and kept until `destroy`; its operations share them, which makes it long. */
export function createConverter(device: GPUDevice, chunkBytes = CHUNK_BYTES): Converter {
  const recorder = new Recorder(device);
  const refused: BufferRange = { buffer: storageBuffer(device, 4, 'refused'), bytes: 4 };
  const kept = new Map<string, GPUBuffer>();
  let last: Promise<unknown> = Promise.resolve();
  let destroyed = false;

  function buffer(label: string, bytes: number): GPUBuffer {
    const found = kept.get(label);
    if (found && found.size >= bytes) return found;
    found?.destroy();
    const made = storageBuffer(device, bytes, label);
    kept.set(label, made);
    return made;
  }

  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const run = last.then(() => {
      if (destroyed) throw new DisposedError('The converter was closed.');
      return task();
    });
    last = run.catch(() => {});
    return run;
  }

  const rangeOf = (label: string, bytes: number): BufferRange => ({ buffer: buffer(label, bytes), bytes });

  /** Sends all numbers, chunk by chunk. `convert` dispatches a chunk and returns the ranges to read; `take` gets their
   *  data. */
  async function inChunks(
    bytes: Uint8Array,
    dtype: StoredFloat,
    convert: (source: BufferRange, numbers: number) => BufferRange[],
    take: (parts: ArrayBuffer[], from: number) => void,
  ): Promise<void> {
    const size = BYTES_PER[dtype];
    /** Whole blocks, and so whole words. */
    const step = Math.max(BLOCK, Math.floor(chunkBytes / size / BLOCK) * BLOCK);
    const count = bytes.length / size;
    let bad = 0;
    for (let from = 0; from < count; from += step) {
      const part = bytes.subarray(from * size, (from + step) * size);
      const parts = await unlessRefused(device, 'convert the weights', () => {
        const source = rangeOf('source', Math.ceil(part.length / 4) * 4);
        writeBytes(device, source.buffer, 0, part);
        recorder.clear(refused.buffer, 4);
        return recorder.read([...convert(source, part.length / size), refused]);
      });
      take(parts, from);
      bad += new Uint32Array(parts.at(-1)!)[0]!;
    }
    refuseNumbers(bad, count);
  }

  return {
    quantise(bytes, dtype, rows, columns, bits) {
      return inTurn(async () => {
        const count = rows * columns;
        checkBlocks(columns);
        checkNumbers(bytes, dtype, count);
        const packed = new Uint8Array((count * bits) / 8);
        const scales = new Float32Array(count / BLOCK);
        const convert = (source: BufferRange, numbers: number) => {
          const blocks = numbers / BLOCK;
          const [out, scale] = [rangeOf('packed', blocks * 4 * bits), rangeOf('scales', blocks * 4)];
          recorder.dispatch(quantise(dtype, bits), {
            args: { count: blocks },
            bindings: { source, out, refused, scales: scale },
            groups: Math.ceil(blocks / 256),
          });
          return [out, scale];
        };
        await inChunks(bytes, dtype, convert, ([words, scale], from) => {
          packed.set(new Uint8Array(words!), (from * bits) / 8);
          scales.set(new Float32Array(scale!), from / BLOCK);
        });
        return { packed, scales };
      });
    },
    halves(bytes, dtype, count) {
      return inTurn(async () => {
        checkNumbers(bytes, dtype, count);
        const all = new Uint8Array(count * 2);
        const convert = (source: BufferRange, numbers: number) => {
          const words = Math.ceil(numbers / 2);
          const out = rangeOf('halves', words * 4);
          recorder.dispatch(halves(dtype), {
            args: { count: numbers },
            bindings: { source, out, refused },
            groups: Math.ceil(words / 256),
          });
          return [out];
        };
        // With an odd count, the last word holds one number too many.
        await inChunks(bytes, dtype, convert, ([words], from) => {
          all.set(new Uint8Array(words!).subarray(0, all.length - from * 2), from * 2);
        });
        return all;
      });
    },
    destroy() {
      destroyed = true;
      recorder.destroy();
      for (const one of [refused.buffer, ...kept.values()]) one.destroy();
      kept.clear();
    },
  };
}
