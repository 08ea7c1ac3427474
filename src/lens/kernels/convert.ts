import { BLOCK, TINY } from '../artifacts/quantise';
import { DisposedError } from '../errors';
import { BYTES_PER, type Converter, checkBlocks, checkNumbers, refuseNumbers, type StoredFloat, TOO_LARGE } from './converter';
import { storageBuffer, writeBytes } from './gpu-rows';
import { Recorder } from './recorder';
import { groupIndex, halving } from './snippets';

/** Stored bytes that are converted at a time; the buffers are made for so many, and a limit of 128 MiB a binding is far. */
const CHUNK_BYTES = 16 * 2 ** 20;

const TINY_BITS = new Uint32Array(Float32Array.of(TINY).buffer)[0]!;

/** `bits_at(i)`: the i-th stored number as the bits of a float32, exact. Numbers are read and checked by their bits throughout, since a device may flush
 *  subnormals and may assume that there is no NaN. */
const stored: Record<StoredFloat, string> = {
  F32: /* wgsl */ `fn bits_at(i: u32) -> u32 { return source[i]; }`,
  BF16: /* wgsl */ `fn bits_at(i: u32) -> u32 { return select(source[i >> 1u] << 16u, source[i >> 1u] & 0xffff0000u, (i & 1u) == 1u); }`,
  F16: /* wgsl */ `
fn bits_at(i: u32) -> u32 {
  let bits = (source[i >> 1u] >> (16u * (i & 1u))) & 0xffffu;
  let magnitude = bits & 0x7fffu;
  let special = select(0u, 0x38000000u, magnitude >= 0x7c00u);
  let normal = (magnitude << 13u) + 0x38000000u + special;
  let subnormal = bitcast<u32>(f32(magnitude) * 0x1p-24f);
  return select(normal, subnormal, magnitude < 0x0400u) | ((bits & 0x8000u) << 16u);
}`,
};

const head = (dtype: StoredFloat) => /* wgsl */ `
struct Args { count: u32 }
@group(0) @binding(0) var<uniform> args: Args;
@group(0) @binding(1) var<storage, read> source: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<u32>;
@group(0) @binding(3) var<storage, read_write> refused: atomic<u32>;
${groupIndex}${stored[dtype]}
fn refuse(magnitude: u32) -> u32 { return select(0u, 1u, magnitude >= ${TOO_LARGE}u); }
`;

/** A lane quantises a block of 32, as artifacts/quantise.ts does; only the division of 1 by the scale may round otherwise. */
const quantiseSource = (dtype: StoredFloat, bits: 4 | 8) => {
  const zero = bits === 4 ? 8 : 128;
  const perWord = 32 / bits;
  return /* wgsl */ `${head(dtype)}
@group(0) @binding(4) var<storage, read_write> scales: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let block = group_index(id, groups) * 256u + lane;
  if (block >= args.count) { return; }
  let first = block * ${BLOCK}u;
  var largest = 0u;
  var bad = 0u;
  for (var i = first; i < first + ${BLOCK}u; i++) {
    let x = bits_at(i);
    bad += refuse(x & 0x7fffffffu);
    largest = select(largest, x, (x & 0x7fffffffu) > (largest & 0x7fffffffu));
  }
  if (bad > 0u) { atomicAdd(&refused, bad); }
  var scale = 0.0;
  var inverse = 0.0;
  if ((largest & 0x7fffffffu) >= ${TINY_BITS}u) {
    scale = bitcast<f32>(largest) * ${-1 / zero};
    inverse = 1.0 / scale;
  }
  scales[block] = scale;
  for (var w = 0u; w < ${BLOCK / perWord}u; w++) {
    var word = 0u;
    for (var c = 0u; c < ${perWord}u; c++) {
      let x = bitcast<f32>(bits_at(first + ${perWord}u * w + c));
      word |= u32(clamp(floor(x * inverse + ${zero}.5), 0.0, ${2 * zero - 1}.0)) << (${bits}u * c);
    }
    out[${BLOCK / perWord}u * block + w] = word;
  }
}
`;
};

/** A lane makes two halves. */
const halvesSource = (dtype: StoredFloat) => /* wgsl */ `${head(dtype)}${halving}
fn half_at(i: u32) -> u32 {
  if (i >= args.count) { return 0u; }
  let x = bits_at(i);
  if (refuse(x & 0x7fffffffu) == 1u) { atomicAdd(&refused, 1u); }
  return halved(x);
}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let word = group_index(id, groups) * 256u + lane;
  if (2u * word >= args.count) { return; }
  out[word] = half_at(2u * word) | (half_at(2u * word + 1u) << 16u);
}
`;

/** The converter as WGSL on `device`, which needs no feature and no limit above WebGPU's defaults. Buffers are made on first use and kept until `destroy`. */
export function createConverter(device: GPUDevice, chunkBytes = CHUNK_BYTES): Converter {
  const recorder = new Recorder(device);
  const refused = storageBuffer(device, 4, 'refused');
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

  /** Numbers a chunk: whole blocks, and so whole words. */
  const chunkOf = (dtype: StoredFloat) => Math.max(BLOCK, Math.floor(chunkBytes / BYTES_PER[dtype] / BLOCK) * BLOCK);

  /** The numbers [begin, end) to the GPU. */
  function send(bytes: Uint8Array, dtype: StoredFloat, begin: number, end: number): { buffer: GPUBuffer; bytes: number } {
    const part = bytes.subarray(begin * BYTES_PER[dtype], end * BYTES_PER[dtype]);
    const size = Math.ceil(part.length / 4) * 4;
    const source = buffer('source', size);
    writeBytes(device, source, 0, part);
    recorder.clear(refused, 4);
    return { buffer: source, bytes: size };
  }

  const flag = { buffer: refused, bytes: 4 };

  return {
    quantise(bytes, dtype, rows, columns, bits) {
      return inTurn(async () => {
        const count = rows * columns;
        checkBlocks(columns);
        checkNumbers(bytes, dtype, count);
        const packed = new Uint8Array((count * bits) / 8);
        const scales = new Float32Array(count / BLOCK);
        let bad = 0;
        for (let from = 0; from < count; from += chunkOf(dtype)) {
          const to = Math.min(count, from + chunkOf(dtype));
          const blocks = (to - from) / BLOCK;
          const source = send(bytes, dtype, from, to);
          const out = { buffer: buffer('packed', blocks * 4 * bits), bytes: blocks * 4 * bits };
          const scale = { buffer: buffer('scales', blocks * 4), bytes: blocks * 4 };
          recorder.dispatch({
            key: `quantise ${dtype} ${bits}`,
            source: () => quantiseSource(dtype, bits),
            args: [blocks],
            buffers: [source, out, flag, scale],
            groups: Math.ceil(blocks / 256),
          });
          const [some, theirs, count32] = await recorder.read([out, scale, flag]);
          packed.set(new Uint8Array(some!), (from * bits) / 8);
          scales.set(new Float32Array(theirs!), from / BLOCK);
          bad += new Uint32Array(count32!)[0]!;
        }
        refuseNumbers(bad, count);
        return { packed, scales };
      });
    },
    halves(bytes, dtype, count) {
      return inTurn(async () => {
        checkNumbers(bytes, dtype, count);
        const halves = new Uint8Array(count * 2);
        let bad = 0;
        for (let from = 0; from < count; from += chunkOf(dtype)) {
          const to = Math.min(count, from + chunkOf(dtype));
          const words = Math.ceil((to - from) / 2);
          const source = send(bytes, dtype, from, to);
          const out = { buffer: buffer('halves', words * 4), bytes: words * 4 };
          recorder.dispatch({
            key: `halves ${dtype}`,
            source: () => halvesSource(dtype),
            args: [to - from],
            buffers: [source, out, flag],
            groups: Math.ceil(words / 256),
          });
          const [some, count32] = await recorder.read([out, flag]);
          halves.set(new Uint8Array(some!, 0, (to - from) * 2), from * 2);
          bad += new Uint32Array(count32!)[0]!;
        }
        refuseNumbers(bad, count);
        return halves;
      });
    },
    destroy() {
      destroyed = true;
      recorder.destroy();
      for (const one of [refused, ...kept.values()]) one.destroy();
      kept.clear();
    },
  };
}
