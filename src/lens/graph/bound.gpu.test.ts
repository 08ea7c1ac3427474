import * as ort from 'onnxruntime-web/jspi';
import { expect, test } from 'vitest';
import { float32ToFloat16 } from '../formats/halves';
import { openPlanted, PLANTED, PLANTED_GEMMA, type Planted, worstRow } from '../testing/planted';
import { weightsBound } from './bound';
import { buildHead, buildPart, type PartGraph, STREAM_SHAPE } from './decoder';
import { ropeTable } from './rope';
import { planParts } from './split';
import { tensorsOf } from './tensors';
import type { Activations, GraphWeights } from './weights';

// A software adapter has no half floats, so their graphs run on the wasm provider here. That tests a graph's operators
// and numbers, but no GPU's kernels. The wasm provider itself casts operators that it lacks in half floats.

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

/** Bits of half floats as a tensor of the runtime's own kind. */
function halves(bits: Uint16Array, dims: readonly number[]): ort.Tensor {
  return new ort.Tensor('float16', bits, dims);
}

function tensor(numbers: Float32Array, type: string, dims: readonly number[]): ort.Tensor {
  return type === 'float16' ? halves(float32ToFloat16(numbers), dims) : new ort.Tensor('float32', numbers, dims);
}

/** One prefill over the whole text, part by part, weights as float16, activations as asked. */
async function run(
  { config, weights, ids }: Planted,
  activations: Activations,
): Promise<{ final: Float32Array; logits: Float32Array }> {
  const { d, contextLength, headDim, kvHeads } = config;
  const shapes = new Map(tensorsOf(config).map(({ name, shape }) => [name, shape]));
  const vector = (name: string, length: number) => weights.float32(name, [length]);
  // A part of the unembedding at a time: 24 rows of it.
  const bound: GraphWeights = weightsBound(
    config,
    { contextLength, encoding: () => 'f16', vector },
    activations,
    24 * d,
  );
  const fed = (graph: PartGraph) =>
    graph.bound.map(({ name, type, dims }): [string, ort.Tensor] => {
      if (name.startsWith('rope.')) return [name, tensor(ropeTable(config, contextLength, name), type, dims)];
      return [name, tensor(weights.float32(name, shapes.get(name)!), type, dims)];
    });
  const create = ({ model, external }: PartGraph) =>
    ort.InferenceSession.create(model, { executionProviders: ['wasm'], externalData: external });
  const length = ids.length;
  let h: ort.Tensor | null = null;
  for (const spec of planParts(config.layers, [1])) {
    const graph = buildPart(config, spec, bound);
    const session = await create(graph);
    const size = kvHeads * length * headDim;
    const past = () => tensor(new Float32Array(size), activations, [1, kvHeads, length, headDim]);
    const results = await session.run({
      ...Object.fromEntries(fed(graph)),
      ...(h ? { h_in: h } : { input_ids: new ort.Tensor('int32', ids, [1, length]) }),
      [STREAM_SHAPE]: new ort.Tensor('int64', BigInt64Array.of(1n, BigInt(length), -1n), [3]),
      seqlens_k: new ort.Tensor('int32', Int32Array.of(length - 1), [1]),
      total_sequence_length: new ort.Tensor('int32', Int32Array.of(length), []),
      ...Object.fromEntries(
        graph.layers.flatMap((l) => [`past.${l}.key`, `past.${l}.value`].map((name) => [name, past()])),
      ),
    });
    h = results.h_out as ort.Tensor;
    expect(h.type).toBe('float32');
    expect(results[`present.${spec.from}.key`]!.type).toBe(activations);
    await session.release();
  }
  const graph = buildHead(config, bound);
  const session = await create(graph);
  const final = (h!.data as Float32Array).slice();
  const { logits } = await session.run({
    ...Object.fromEntries(fed(graph)),
    h_in: new ort.Tensor('float32', final, [length, d]),
  });
  await session.release();
  return { final, logits: (logits!.data as Float32Array).slice() };
}

test.each([...PLANTED, ...PLANTED_GEMMA])(
  '%s: half-float weights, activations in float32: PyTorch’s numbers on the same weights',
  async (name) => {
    const planted = await openPlanted(name);
    const { final, logits } = await run(planted, 'float32');
    expect(worstRow(final, planted.expected('f16.final'), planted.config.d)).toBeLessThan(1e-4);
    expect(worstRow(final, planted.expected('f16.final'), planted.config.d, planted.ordinary)).toBeLessThan(1e-4);
    expect(worstRow(logits, planted.expected('f16.logits'), planted.config.vocabularySize)).toBeLessThan(1e-4);
  },
);

test.each(PLANTED)('%s: half floats throughout: as close as half floats are', async (name) => {
  const planted = await openPlanted(name);
  const { final, logits } = await run(planted, 'float16');
  const found = [
    worstRow(final, planted.expected('f16.final'), planted.config.d),
    worstRow(final, planted.expected('f16.final'), planted.config.d, planted.ordinary),
    worstRow(logits, planted.expected('f16.logits'), planted.config.vocabularySize),
  ];
  // A half float's relative step is 5e-4, a float32's 6e-8. The limits below let through the error of half floats, but
  // neither float32's nor a wrong operator's.
  for (const worst of found) expect(worst).toBeLessThan(3e-3);
  expect(Math.min(...found)).toBeGreaterThan(1e-4);
});
