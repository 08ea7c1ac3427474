import { expect, test } from 'vitest';
import type { DecoderConfig } from '../folders/config';
import type { PiecedTensor } from '../folders/pieces';
import { EMBEDDING, encodingOf, tensorsOf } from '../graph/tensors';
import { slice } from '../kernels/compute';
import { createWebGpuCompute } from '../kernels/webgpu';
import { attentionBy } from '../testing/reference';
import { openGpu } from './device';
import { createKv } from './kv';
import { Model } from './model';
import { ResidentWeights } from './resident';
import { loadRuntime } from './runtime';
import { withScope } from './scope';

// An embedding and unembedding of Qwen3's length, shared: more rows than one dimension of a dispatch has workgroups.
// Narrower than real ones, for the time it takes.
const CONFIG: DecoderConfig = {
  vocabularySize: 151_936,
  d: 256,
  layers: 1,
  heads: 2,
  kvHeads: 1,
  headDim: 32,
  intermediate: 32,
  contextLength: 16,
  ...attentionBy(1e6),
  epsilon: 1e-6,
  tied: true,
  qkNorm: true,
  attentionBias: false,
  eos: [],
};
const PIECE = 8192;
const SCALE = 2 ** -8;

/** Every row is a stretch of one long pattern, no two the same one. */
const pattern = new Uint8Array(151_936 + CONFIG.d);
for (let i = 0, state = 1; i < pattern.length; i++) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  pattern[i] = state >>> 24;
}
const start = (row: number) => (row * 7919) % 151_936;
const number = (row: number, column: number) => SCALE * (pattern[start(row) + column]! - 128);

/** Kept as q8 with one scale for all; everything but the embedding has scale 0, so that the one block adds nothing. */
function kept(): Map<string, PiecedTensor> {
  const piece = (name: string, from: number, rows: number, columns: number) => async () => {
    const embedding = name === EMBEDDING;
    const bytes = new Uint8Array(rows * columns + rows * (columns / 32) * 4);
    if (embedding)
      for (let r = 0; r < rows; r++)
        bytes.set(pattern.subarray(start(from + r), start(from + r) + columns), r * columns);
    new Float32Array(bytes.buffer, rows * columns).fill(embedding ? SCALE : 0);
    return bytes;
  };
  return new Map(
    tensorsOf(CONFIG).map((tensor): [string, PiecedTensor] => {
      const { name, shape } = tensor;
      const ones = async () => new Uint8Array(new Float32Array(shape[0]).fill(1).buffer);
      if (shape.length === 1) return [name, { shape, encoding: 'f32', pieces: [{ rows: 1, read: ones }] }];
      const [rows, columns] = shape;
      const pieces = Array.from({ length: Math.ceil(rows / PIECE) }, (_, i) => {
        const count = Math.min(PIECE, rows - i * PIECE);
        return { rows: count, read: piece(name, i * PIECE, count, columns) };
      });
      return [name, { shape, encoding: encodingOf('q8', tensor), pieces }];
    }),
  );
}

test('rows of the embedding and logits from the first id to the last', async () => {
  const { d, vocabularySize, contextLength } = CONFIG;
  const gpu = await openGpu(true);
  const compute = createWebGpuCompute(gpu.device);
  const resident = await ResidentWeights.load({
    config: CONFIG,
    format: 'q8',
    tensors: kept(),
    device: gpu.device,
    contextLength,
  });
  const model = await Model.create({
    config: CONFIG,
    weights: resident,
    sites: [],
    runtime: await loadRuntime(),
    gpu,
    compute,
  });
  await withScope(compute, async (scope) => {
    const ids = Int32Array.of(0, 65_536, 131_073, vocabularySize - 1);
    const h = scope.rows(ids.length, d);
    await model.run(
      0,
      ids,
      createKv(scope, model.config, 1, contextLength),
      { batch: 1, seq: 4, lengths: [4], total: 4 },
      h,
    );
    const out = scope.rows(1, vocabularySize);
    compute.copy(slice(h, 3), slice(h), 1);
    const [rows] = (await compute.read([h])) as [Float32Array];
    for (const t of [1, 2, 3])
      for (let c = 0; c < d; c++)
        if (rows[t * d + c] !== number(ids[t]!, c)) expect([t, c, rows[t * d + c]]).toEqual([t, c, number(ids[t]!, c)]);
    await model.logits(h, 1, out);
    const [logits] = (await compute.read([out])) as [Float32Array];
    const last = Float64Array.from({ length: d }, (_, c) => number(vocabularySize - 1, c));
    const length = Math.sqrt(last.reduce((sum, x) => sum + x * x, 0) / d + CONFIG.epsilon);
    for (const id of [0, 1, 65_535, 65_536, 131_072, 151_000, vocabularySize - 1]) {
      const product = last.reduce((sum, x, c) => sum + (x / length) * number(id, c), 0);
      expect(Math.abs(logits[id]! - product), `logit ${id}`).toBeLessThan(1e-3);
    }
    // The row of the token itself is the one it points along.
    expect(logits.indexOf(logits.reduce((most, logit) => Math.max(most, logit)))).toBe(vocabularySize - 1);
  });
  await model.release();
  resident.release();
  gpu.device.destroy();
});
