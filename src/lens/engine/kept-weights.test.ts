import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { AbortedError, CorruptFileError, DamagedStoreError, ShapeMismatchError } from '../api/errors';
import type { WeightFormat } from '../api/model';
import { tensorsOf } from '../graph/tensors';
import { createWasmCompute } from '../kernels/wasm';
import { insideBytes, storedBytes } from '../sizes';
import { fileFolder } from '../sources/disk';
import { subfolder } from '../sources/reads';
import { keep } from '../testing/keep';
import { openPlanted, PLANTED, PLANTED_GEMMA, type Planted, worstRow } from '../testing/planted';
import { KeptWeights } from './kept-weights';
import { Model } from './model';
import { prefill } from './prefill';
import { configured, type Ort, type Runtime } from './runtime';
import { withScope } from './scope';

// Kept models on WebAssembly against PyTorch in float64, on the numbers that the kept bytes stand for.

const fixtures = fileFolder(fileURLToPath(new URL('../testing/fixtures', import.meta.url)));
const NAME = 'planted-qwen3-untied-sharded';
let runtime: Runtime;
let planted: Planted;
beforeAll(async () => {
  runtime = configured((await import('onnxruntime-web/wasm')) as unknown as Ort, 'plain');
  planted = await openPlanted(NAME, subfolder(fixtures, NAME));
});

const FORMATS: Exclude<WeightFormat, 'f32'>[] = ['f16', 'q8', 'q4'];

describe.each([...PLANTED, ...PLANTED_GEMMA])('%s', (name) => {
  test.each(FORMATS)('kept as %s, it computes with the numbers that PyTorch has', async (format) => {
    const { config, weights, ids, expected } = await openPlanted(name, subfolder(fixtures, name));
    const kept = KeptWeights.of(config, format, keep(config, weights, format));
    expect([kept.keptBytes, kept.bytes]).toEqual([storedBytes(config, format), insideBytes(config)]);
    const compute = createWasmCompute();
    const model = await Model.create({ config, weights: kept, sites: [0, 1], runtime, gpu: null, compute });
    const run = await prefill(model, [], { ids });
    await withScope(compute, async (scope) => {
      const logits = scope.rows(ids.length, config.vocabularySize);
      await model.logits(run.final, ids.length, logits);
      const [h, out] = (await compute.read([run.final, logits])) as [Float32Array, Float32Array];
      expect(worstRow(h, expected(`${format}.final`), config.d)).toBeLessThan(1e-4);
      expect(worstRow(out, expected(`${format}.logits`), config.vocabularySize)).toBeLessThan(1e-4);
    });
    run.release();
    await model.release();
  });
});

test('a part has its own tensors alone, each once, and counts the bytes that it reads', async () => {
  const { config, weights } = planted;
  const kept = KeptWeights.of(config, 'q8', keep(config, weights, 'q8'));
  const counted: [number, number][] = [];
  let read = 0;
  for (const spec of [{ from: 0, to: 1, embed: true }, { from: 2, to: 2, embed: false }, 'head'] as const) {
    const part = await kept.part(spec, { onBytes: (...at) => counted.push(at) });
    expect(counted.at(-1)![0]).toBe(counted.at(-1)![1]);
    read += counted.at(-1)![0];
    const own = tensorsOf(config).filter(({ name }) => {
      const layer = Number(/layers\.(\d+)/.exec(name)?.[1] ?? -1);
      if (spec === 'head') return /^(model\.norm|lm_head)/.test(name);
      return name === 'model.embed_tokens.weight' ? spec.embed : layer >= spec.from && layer <= spec.to;
    });
    for (const { name, shape } of own) {
      expect(() => part.float32(name, [...shape, 1]), name).toThrow(ShapeMismatchError);
      expect(part.float32(name, shape).length).toBe(shape.reduce((a, b) => a * b, 1));
      expect(() => part.float32(name, shape), 'it was let go').toThrow(CorruptFileError);
    }
    const other = tensorsOf(config).find((tensor) => !own.includes(tensor))!;
    expect(() => part.float32(other.name, other.shape)).toThrow(/another part/);
  }
  expect(read).toBe(kept.keptBytes);
});

test('damage and a signal end it before anything is built of it', async () => {
  const { config, weights } = planted;
  const UP = 'model.layers.1.mlp.up_proj.weight';
  const without = keep(config, weights, 'q8');
  without.delete(UP);
  expect(() => KeptWeights.of(config, 'q8', without)).toThrow(/up_proj/);
  expect(() => KeptWeights.of(config, 'q4', keep(config, weights, 'q8'))).toThrow(/q4 needs/);
  const tensors = keep(config, weights, 'q8');
  tensors.set(UP, {
    ...tensors.get(UP)!,
    pieces: tensors.get(UP)!.pieces.map((p) => ({ ...p, read: async () => new Uint8Array(7) })),
  });
  const kept = KeptWeights.of(config, 'q8', tensors);
  await kept.part('head');
  await expect(kept.part({ from: 1, to: 1, embed: false })).rejects.toThrow(DamagedStoreError);
  await expect(kept.part('head', { signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
});
