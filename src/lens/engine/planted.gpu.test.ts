import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countDispatches } from '../../../bench/dispatches';
import { InvalidOptionError } from '../api/errors';
import type { WeightFormat } from '../api/model';
import { tensorsOf } from '../graph/tensors';
import type { Compute } from '../kernels/compute';
import { createHostConverter } from '../kernels/convert-host';
import { createWasmCompute } from '../kernels/wasm';
import { createWebGpuCompute } from '../kernels/webgpu';
import { largestBinding, modelBytes, ropeBytes, storedBytes } from '../sizes';
import { installModel } from '../store/install';
import { storedTensors } from '../store/stored';
import { keep } from '../testing/keep';
import { openPlanted, PLANTED, PLANTED_GEMMA, type Planted, plantedFiles, worstRow } from '../testing/planted';
import { toySource, toyStore } from '../testing/toy-store';
import { type Gpu, openGpu } from './device';
import { createKv, type Kv } from './kv';
import { Model } from './model';
import { prefill } from './prefill';
import { probeActivations } from './probe';
import { ResidentWeights } from './resident';
import { loadRuntime, type Runtime } from './runtime';
import { withScope } from './scope';

// Qwen3, Qwen2.5, Llama and Gemma 3 with the sinks and outlier channels of real ones, against PyTorch in float64 on the
// same numbers, quantised ones on what they stand for.

let gpu: Gpu;
let runtime: Runtime;
let compute: Compute;
beforeAll(async () => {
  [gpu, runtime] = [await openGpu(true), await loadRuntime()];
  compute = createWebGpuCompute(gpu.device);
});
afterAll(() => gpu.device.destroy());

function load({ config, weights }: Planted, format: WeightFormat): Promise<ResidentWeights> {
  return ResidentWeights.load({
    config,
    format,
    tensors: keep(config, weights, format),
    device: gpu.device,
    contextLength: config.contextLength,
  });
}

/** Residuals behind every site and the last block, and logits, of one prefill. */
async function runAll(model: Model, ids: Int32Array): Promise<{ final: Float32Array; logits: Float32Array }> {
  const run = await prefill(model, [], { ids });
  return withScope(model.compute, async (scope) => {
    const logits = scope.rows(ids.length, model.config.vocabularySize);
    await model.logits(run.final, ids.length, logits);
    const [final, out] = (await model.compute.read([run.final, logits])) as [Float32Array, Float32Array];
    run.release();
    return { final, logits: out };
  });
}

function expectAgreement(
  planted: Planted,
  format: WeightFormat,
  { final, logits }: { final: Float32Array; logits: Float32Array },
  limit: number,
): void {
  const { config, ordinary, expected } = planted;
  const residual = format === 'f32' ? expected('f32.residuals').subarray(-final.length) : expected(`${format}.final`);
  // The outliers would hide the other channels, so we also compare the others alone.
  const found = {
    residual: worstRow(final, residual, config.d),
    ordinary: worstRow(final, residual, config.d, ordinary),
    logits: worstRow(logits, expected(`${format}.logits`), config.vocabularySize),
  };
  for (const [what, worst] of Object.entries(found)) expect(worst, `${format} ${what}`).toBeLessThan(limit);
}

describe.each([...PLANTED, ...PLANTED_GEMMA])('%s', (name) => {
  let planted: Planted;
  beforeAll(async () => {
    planted = await openPlanted(name);
  });

  test('weights inside the graph, on WebAssembly, behind every block', async () => {
    const { config, weights, ids, expected } = planted;
    const model = await Model.create({
      config,
      weights,
      sites: [0, 1],
      runtime,
      gpu: null,
      compute: createWasmCompute(),
    });
    expectAgreement(planted, 'f32', await runAll(model, ids), 1e-4);
    const size = ids.length * config.d;
    await withScope(model.compute, async (scope) => {
      const h = scope.rows(ids.length, config.d);
      const feed = { batch: 1, seq: ids.length, lengths: [ids.length], total: ids.length };
      const kv = createKv(scope, model.config, 1, ids.length);
      for (const [part, { spec }] of model.parts.entries()) {
        await model.run(part, part === 0 ? ids : h, kv, feed, h);
        const [read] = await model.compute.read([h]);
        expect(
          worstRow(read!, expected('f32.residuals').subarray(spec.to * size, (spec.to + 1) * size), config.d),
          `block ${spec.to}`,
        ).toBeLessThan(1e-4);
      }
    });
    await model.release();
  });

  test.each<[WeightFormat, number]>([
    ['f32', 1e-4],
    ['q8', 1e-4],
    ['q4', 1e-4],
  ])('bound weights as %s agree within %f, and two models share them', async (format, limit) => {
    const { config, ids } = planted;
    const resident = await load(planted, format);
    for (const sites of [[], [0, 1]]) {
      const model = await Model.create({ config, weights: resident, sites, runtime, gpu, compute });
      expectAgreement(planted, format, await runAll(model, ids), limit);
      await model.release();
    }
    resident.release();
  });

  test('the kept bytes are those that PyTorch dequantised', async () => {
    const { config, weights, sha256 } = planted;
    for (const format of ['q4', 'q8'] as const) {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      // In one piece each: packed bytes of all rows, then all scales.
      for (const [, kept] of [...keep(config, weights, format, 1e9)].sort(([a], [b]) => (a < b ? -1 : 1)))
        if (kept.shape.length === 2) parts.push((await kept.pieces[0]!.read()) as Uint8Array<ArrayBuffer>);
      const digest = await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer());
      expect(Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(''), format).toBe(
        sha256[format],
      );
    }
  });

  test.each<'q4' | 'q8'>(['q4', 'q8'])(
    'as %s the store and the device take the bytes that sizes.ts states',
    async (format) => {
      const { config } = planted;
      const store = await toyStore();
      const source = await toySource(await plantedFiles(name));
      const manifest = await installModel(source, format, {
        store,
        converter: createHostConverter(),
        pieceBytes: 1024,
      });
      const parts = Object.values(manifest.tensors).flatMap((tensor) => tensor.parts);
      expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(storedBytes(config, format));
      const resident = await ResidentWeights.load({
        config,
        format,
        tensors: storedTensors(store, manifest),
        device: gpu.device,
        contextLength: 48,
      });
      expect(resident.bytes).toBe(modelBytes(config, format));
      const { name: largest, bytes } = largestBinding(config, format);
      const sizes = tensorsOf(config)
        .filter(({ shape }) => shape.length === 2)
        .map((tensor) => resident.buffer({ name: tensor.name, type: 'uint8', dims: [] }).size);
      expect([resident.buffer({ name: largest, type: 'uint8', dims: [] }).size, Math.max(...sizes)]).toEqual([
        bytes,
        bytes,
      ]);
      const model = await Model.create({ config, weights: resident, sites: [1], runtime, gpu, compute });
      expect(resident.bytes).toBe(modelBytes(config, format) + ropeBytes(config, 48, 'float32'));
      await model.release();
      resident.release();
    },
  );

  test('with a cache: token by token after a prompt, texts of unequal length in one batch, and a prompt in chunks give the same', async () => {
    const { config, ids, expected } = planted;
    const { d } = config;
    const resident = await load(planted, 'q4');
    const model = await Model.create({ config, weights: resident, sites: [1], runtime, gpu, compute });
    const lengths = [33, 20];
    const prompt = Math.max(...lengths);
    await withScope(compute, async (scope) => {
      const run = async (kv: Kv, rows: Int32Array, seq: number, ends: number[]) => {
        const h = scope.rows(rows.length, d);
        for (const part of model.parts.keys())
          await model.run(
            part,
            part === 0 ? rows : h,
            kv,
            { batch: ends.length, seq, lengths: ends, total: Math.max(...ends) },
            h,
          );
        return (await compute.read([h]))[0]!;
      };
      const final = expected('q4.final');
      const expectRow = (h: Float32Array, row: number, position: number) =>
        expect(
          worstRow(h.subarray(row * d, (row + 1) * d), final.subarray(position * d, (position + 1) * d), d),
          `position ${position}`,
        ).toBeLessThan(1e-4);
      const padded = Int32Array.from(
        lengths.flatMap((length) => Array.from({ length: prompt }, (_, t) => (t < length ? ids[t]! : 3))),
      );
      const kv = createKv(scope, model.config, lengths.length, ids.length);
      const first = await run(kv, padded, prompt, lengths);
      for (const [b, length] of lengths.entries()) for (let t = 0; t < length; t++) expectRow(first, b * prompt + t, t);
      for (let step = 0; step < 3; step++) {
        const next = Int32Array.from(lengths, (length) => ids[length + step]!);
        const h = await run(
          kv,
          next,
          1,
          lengths.map((length) => length + step + 1),
        );
        for (const [b, length] of lengths.entries()) expectRow(h, b, length + step);
      }
      const alone = createKv(scope, model.config, 1, ids.length);
      let from = 0;
      for (const to of [5, 24, ids.length]) {
        const h = await run(alone, ids.slice(from, to), to - from, [to]);
        for (let t = from; t < to; t++) expectRow(h, t - from, t);
        from = to;
      }
    });
    await model.release();
    resident.release();
  });
});

test('the probe of activations: a model agrees with itself on its weights, and not with other numbers', async () => {
  const planted = await openPlanted('planted-qwen3-tied');
  const models: Model[] = [];
  const residents: ResidentWeights[] = [];
  for (const format of ['q8', 'q8', 'q4'] as const) {
    residents.push(await load(planted, format));
    models.push(
      await Model.create({ config: planted.config, weights: residents.at(-1)!, sites: [0, 1], runtime, gpu, compute }),
    );
  }
  expect(await probeActivations(models[0]!, models[1]!, planted.ids)).toEqual({
    ok: true,
    residual: 0,
    logit: 0,
    sentence: null,
  });
  const other = await probeActivations(models[0]!, models[2]!, planted.ids);
  expect(other.ok).toBe(false);
  expect(other.sentence).toMatch(
    /^Half floats differ from float32 by \d.* % of the residual at token \d+ behind block [012]: activations are float32\.$/,
  );
  for (const model of models) await model.release();
  for (const resident of residents) resident.release();
});

test('weights on the GPU are refused where there is none, and half floats where weights are inside', async () => {
  const { config, weights } = await openPlanted('planted-qwen3-tied');
  const shared = { config, sites: [], runtime, compute };
  const resident = await load({ config, weights } as Planted, 'q8');
  await expect(Model.create({ ...shared, weights: resident, gpu: null })).rejects.toThrow(InvalidOptionError);
  await expect(Model.create({ ...shared, weights, gpu, activations: 'float16' })).rejects.toThrow(InvalidOptionError);
  resident.release();
});

test('Gemma 3 is refused half floats: its sink is beyond their range', async () => {
  const planted = await openPlanted(PLANTED_GEMMA[0]!);
  const { config } = planted;
  expect(Math.max(...planted.expected('f32.residuals').subarray(-config.d * planted.ids.length))).toBeGreaterThan(
    65_504,
  );
  const resident = await load(planted, 'q8');
  const options = { config, weights: resident, sites: [], runtime, gpu, compute };
  await expect(Model.create({ ...options, activations: 'float16' })).rejects.toThrow(/Half floats cannot hold/);
  resident.release();
});

// Without a bias between them, norm, queries, keys and values are one dispatch; norm, gate, up and their product are
// another. These fusions work with bound weights as with weights inside. Without them, a block of q4 would take as many
// dispatches as a block of float32.
test.each([
  ['planted-qwen3-tied', 'q4', 29],
  ['planted-qwen2-untied', 'q4', 35],
  ['planted-qwen3-tied', 'f32', 53],
] as const)('dispatches of a token: %s as %s', async (name, format, dispatches) => {
  const planted = await openPlanted(name);
  const resident = await load(planted, format);
  const model = await Model.create({ config: planted.config, weights: resident, sites: [], runtime, gpu, compute });
  await withScope(compute, async (scope) => {
    const [h, kv] = [scope.rows(1, planted.config.d), createKv(scope, model.config, 1, 8)];
    const feed = (length: number) => ({ batch: 1, seq: 1, lengths: [length], total: length });
    await model.run(0, Int32Array.of(7), kv, feed(1), h);
    const { total } = await countDispatches(() => model.run(0, Int32Array.of(9), kv, feed(2), h));
    expect(total).toBe(dispatches);
    await gpu.device.queue.onSubmittedWorkDone();
  });
  await model.release();
  resident.release();
});
