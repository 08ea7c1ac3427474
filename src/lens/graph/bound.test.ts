import { describe, expect, test } from 'vitest';
import type { WeightFormat } from '../api/model';
import type { DecoderConfig } from '../folders/config';
import { readModel } from '../testing/onnx-reader';
import { SMALL } from '../testing/reference';
import { weightsBound } from './bound';
import { buildHead, buildPart, type PartGraph } from './decoder';
import { encodingOf, tensorsOf } from './tensors';
import type { Activations } from './weights';

const QWEN3: DecoderConfig = {
  ...SMALL,
  d: 64,
  heads: 4,
  kvHeads: 2,
  headDim: 32,
  intermediate: 96,
  vocabularySize: 40,
  layers: 2,
  contextLength: 100,
};
const QWEN2: DecoderConfig = { ...QWEN3, qkNorm: false, attentionBias: true, headDim: 16, tied: false };
const CONTEXT = 24; // fewer positions than the model has

function bound(config: DecoderConfig, format: WeightFormat, activations: Activations) {
  const shapes = new Map(tensorsOf(config).map((tensor) => [tensor.name, tensor]));
  const source = {
    contextLength: CONTEXT,
    encoding: (name: string) => encodingOf(format, shapes.get(name)!),
    vector: (_: string, length: number) => new Float32Array(length).fill(1),
  };
  return weightsBound(config, source, activations);
}

const FORMATS: WeightFormat[] = ['q4', 'q8', 'f16', 'f32'];
const ACTIVATIONS: Activations[] = ['float32', 'float16'];

describe.each(FORMATS)('as %s', (format) => {
  describe.each(ACTIVATIONS)('in %s', (activations) => {
    test.each([
      ['Qwen3, tied', QWEN3],
      ['Qwen2, untied', QWEN2],
    ])('%s: the parts together read every matrix, once each, at its shape', (_, config) => {
      const weights = bound(config, format, activations);
      const parts = [
        buildPart(config, { from: 0, to: 0, embed: true }, weights),
        buildPart(config, { from: 1, to: 1, embed: false }, weights),
        buildHead(config, weights),
      ];
      const seen = new Map<string, number[][]>();
      for (const part of parts) {
        const model = readModel(part.model);
        expect(part.inputs).toEqual(Object.keys(model.inputs));
        for (const { name, dims } of part.bound) seen.set(name, [...(seen.get(name) ?? []), dims]);
        expectSound(part);
        // Only norms and biases are inside: no matrix enters the runtime's memory.
        for (const { dims, external } of model.weights) if (external.location) expect(dims).toHaveLength(1);
      }
      for (const { name, shape, vocabulary } of tensorsOf(config)) {
        if (shape.length === 1) continue;
        const uses = vocabulary && config.tied ? 2 : 1;
        expect(seen.get(name), name).toHaveLength(uses);
        const [bytes, numbers] = [
          { q4: 0.5, q8: 1, f16: 2, f32: 4 }[encodingOf(format, { shape, vocabulary })],
          shape[0] * shape[1],
        ];
        const size = format === 'q4' || format === 'q8' ? bytes : 1;
        for (const dims of seen.get(name)!)
          expect(
            dims.reduce((a, b) => a * b, 1),
            name,
          ).toBe(numbers * size);
      }
      expect(seen.get('rope.cos')).toEqual([0, 1].map(() => [CONTEXT, config.headDim / 2]));
    });
  });
});

/** Every name is known before it is used, and made once. */
function expectSound(part: PartGraph): void {
  const model = readModel(part.model);
  const known = new Set([...Object.keys(model.inputs), ...model.weights.map(({ name }) => name)]);
  for (const node of model.nodes) {
    for (const name of node.inputs.filter(Boolean)) expect(known).toContain(name);
    for (const name of node.outputs.filter(Boolean)) {
      expect(known).not.toContain(name);
      known.add(name);
    }
  }
  for (const name of part.outputs) expect(known).toContain(name);
}

test('half-float activations begin and end at the borders: stream and logits are float32, the cache is float16', () => {
  const weights = bound(QWEN3, 'q4', 'float16');
  const model = readModel(buildPart(QWEN3, { from: 1, to: 1, embed: false }, weights, { at: 1, mode: 'add' }).model);
  expect(model.inputs).toMatchObject({
    h_in: '1:batch,sequence,64',
    'past.1.key': '10:batch,2,past,32',
    inject_rows: '1:rows_batch,rows_sequence,64',
  });
  expect(model.outputs).toMatchObject({ h_out: '1:batch,sequence,64', 'present.1.value': '10:batch,2,present,32' });
  expect(model.inputs['model.layers.1.self_attn.q_proj.weight.scales']).toBe(`10:${(128 * 64) / 32}`);
  expect(model.weights.every(({ type }) => type === 10 || type === 7)).toBe(true);
  expect(model.nodes.filter(({ op }) => op === 'Cast').map(({ inputs, outputs }) => [...inputs, ...outputs])).toEqual([
    ['h_in', 'h_in.inside'],
    ['inject_rows', 'inject_rows.inside'],
    ['h_out.inside', 'h_out'],
  ]);
  const head = readModel(buildHead(QWEN3, weights).model);
  expect([head.inputs.h_in, head.outputs.logits]).toEqual(['1:rows,64', '1:rows,40']);
});

test('quantised matrices are read without quantising activations, and without zero points', () => {
  const { nodes } = readModel(buildPart(QWEN3, { from: 0, to: 1, embed: true }, bound(QWEN3, 'q4', 'float32')).model);
  const products = nodes.filter(({ op }) => op === 'MatMulNBits');
  expect(products).toHaveLength(14);
  for (const { inputs, attributes } of products) {
    expect(inputs).toHaveLength(3);
    expect(attributes).toMatchObject({ bits: 4, block_size: 32, accuracy_level: 0 });
  }
  expect(nodes.find(({ op }) => op === 'GatherBlockQuantized')!.attributes).toEqual({
    gather_axis: 0,
    quantize_axis: 2,
    block_size: 32,
    bits: 8,
  });
  expect(nodes.some(({ op }) => op === 'Cast')).toBe(false);
});
