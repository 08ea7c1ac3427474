import { describe, expect, test } from 'vitest';
import { ShapeMismatchError } from '../api/errors';
import { type ReadModel, readModel } from '../testing/onnx-reader';
import { SMALL as config, randomWeights } from '../testing/reference';
import { buildHead, buildPart, type PartGraph } from './decoder';
import { weightsInside } from './weights';

const stored = randomWeights(config, 1);
const weights = weightsInside(config, stored);

/** A weight's numbers as the graph's blob has them. */
function numbers(part: PartGraph, model: ReadModel, name: string): Float32Array {
  const { external } = model.weights.find((w) => w.name === name)!;
  const file = part.external.find((e) => e.path === external.location)!;
  return new Float32Array(
    file.data.slice(Number(external.offset), Number(external.offset) + Number(external.length)).buffer,
  );
}

describe('the first part, blocks 0 and 1', () => {
  const part = buildPart(config, { from: 0, to: 1, embed: true }, weights);
  const model = readModel(part.model);

  test('is ONNX of the version and operator sets it says', () => {
    expect(model.irVersion).toBe(10);
    expect(model.opsets).toEqual({ '': 21, 'com.microsoft': 1 });
  });

  test('states its inputs and outputs', () => {
    expect(model.inputs).toEqual({
      input_ids: '6:batch,sequence',
      seqlens_k: '6:batch',
      total_sequence_length: '6:',
      'past.0.key': '1:batch,1,past,16',
      'past.0.value': '1:batch,1,past,16',
      'past.1.key': '1:batch,1,past,16',
      'past.1.value': '1:batch,1,past,16',
    });
    expect(model.outputs).toEqual({
      h_out: '1:batch,sequence,6',
      'present.0.key': '1:batch,1,present,16',
      'present.0.value': '1:batch,1,present,16',
      'present.1.key': '1:batch,1,present,16',
      'present.1.value': '1:batch,1,present,16',
    });
    expect(part.inputs).toEqual(Object.keys(model.inputs));
    expect(part.outputs).toEqual(Object.keys(model.outputs));
    expect(part.layers).toEqual([0, 1]);
  });

  test('takes every name from an input, a weight or an earlier node, and makes each name once', () => {
    const known = new Set([...Object.keys(model.inputs), ...model.weights.map((w) => w.name)]);
    for (const node of model.nodes) {
      for (const name of node.inputs) expect(known).toContain(name);
      for (const name of node.outputs.filter(Boolean)) {
        expect(known).not.toContain(name);
        known.add(name);
      }
    }
    for (const name of part.outputs) expect(known).toContain(name);
  });

  test('has the operators of two blocks, with the sum of the last one bare', () => {
    const count: Record<string, number> = {};
    for (const { op } of model.nodes) count[op] = (count[op] ?? 0) + 1;
    expect(count).toEqual({
      Gather: 1,
      SimplifiedLayerNormalization: 5, // block 0's first, and q and k of both
      SkipSimplifiedLayerNormalization: 3,
      MatMul: 14,
      Reshape: 8,
      GroupQueryAttention: 2,
      Sigmoid: 2,
      Mul: 4,
      Add: 1,
    });
    expect(model.nodes.at(-1)).toMatchObject({
      op: 'Add',
      inputs: ['resid_mid.1', 'block.1.down'],
      outputs: ['h_out'],
    });
    const attention = model.nodes.find((n) => n.op === 'GroupQueryAttention')!;
    expect(attention).toMatchObject({
      domain: 'com.microsoft',
      attributes: { num_heads: 2, kv_num_heads: 1, do_rotary: 1, rotary_interleaved: 0, scale: 0.25 },
    });
    for (const node of model.nodes.filter((n) => n.op.includes('LayerNorm')))
      expect(node.attributes.epsilon).toBeCloseTo(1e-5, 9);
  });

  test('keeps weights aligned, apart and within the blob, matrices transposed', () => {
    const ranges = model.weights
      .filter((w) => w.external.location)
      .map((w) => ({
        begin: Number(w.external.offset),
        end: Number(w.external.offset) + Number(w.external.length),
        w,
      }));
    let end = 0;
    for (const range of ranges) {
      expect(range.begin % 64).toBe(0);
      expect(range.begin).toBeGreaterThanOrEqual(end);
      expect(range.end - range.begin).toBe(4 * range.w.dims.reduce((a, b) => a * b, 1));
      end = range.end;
    }
    expect(part.external).toHaveLength(1);
    expect(part.external[0]!.data.length).toBeGreaterThanOrEqual(end);
    const name = 'model.layers.1.mlp.up_proj.weight';
    const matrix = stored.float32(name, [10, 6]);
    expect(model.weights.find((w) => w.name === name)!.dims).toEqual([6, 10]);
    const held = numbers(part, model, name);
    for (let o = 0; o < 10; o++) for (let i = 0; i < 6; i++) expect(held[i * 10 + o]).toBe(matrix[o * 6 + i]);
  });

  test('has the rotary tables of its context', () => {
    const cos = numbers(part, model, 'rope.cos');
    const sin = numbers(part, model, 'rope.sin');
    expect(cos.length).toBe(8 * 8);
    expect(cos[0]).toBe(1);
    expect(sin[7 * 8]).toBeCloseTo(Math.sin(7), 6);
    expect(sin[7 * 8 + 1]).toBeCloseTo(Math.sin(7 * 10_000 ** (-2 / 16)), 6);
  });
});

test('a later part reads a residual and holds no embedding', () => {
  const model = readModel(buildPart(config, { from: 2, to: 2, embed: false }, weights).model);
  expect(model.inputs).toMatchObject({ h_in: '1:batch,sequence,6', 'past.2.key': '1:batch,1,past,16' });
  expect(Object.keys(model.inputs)).not.toContain('input_ids');
  expect(model.weights.map((w) => w.name)).not.toContain('model.embed_tokens.weight');
  expect(model.nodes[0]).toMatchObject({
    op: 'SimplifiedLayerNormalization',
    inputs: ['h_in', 'model.layers.2.input_layernorm.weight'],
  });
});

test.each([
  [true, 'model.embed_tokens.weight'],
  [false, 'lm_head.weight'],
])('the head, tied %s, reads %s as it is stored', (tied, name) => {
  const own = { ...config, tied };
  const source = randomWeights(own, 2);
  const part = buildHead(own, weightsInside(own, source));
  const model = readModel(part.model);
  expect(model.inputs).toEqual({ h_in: '1:rows,6' });
  expect(model.outputs).toEqual({ logits: '1:rows,11' });
  expect(model.nodes.map((n) => n.op)).toEqual(['SimplifiedLayerNormalization', 'Gemm']);
  expect(model.nodes[1]!.attributes).toEqual({ transB: 1 });
  expect(numbers(part, model, name)).toEqual(source.float32(name, [11, 6]));
});

test('weights of another shape than the configuration are refused by name', () => {
  const wider = { ...config, intermediate: 12 };
  expect(() => buildPart(wider, { from: 0, to: 0, embed: true }, weightsInside(wider, stored))).toThrow(
    ShapeMismatchError,
  );
  expect(() => buildPart(wider, { from: 0, to: 0, embed: true }, weightsInside(wider, stored))).toThrow(
    /mlp\.gate_proj\.weight .*\[10, 6\].*\[12, 6\]/,
  );
});
