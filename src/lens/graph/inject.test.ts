import { describe, expect, test } from 'vitest';
import { readModel } from '../testing/onnx-reader';
import { SMALL as config, randomWeights } from '../testing/reference';
import { buildLinearHead, buildPart } from './decoder';
import type { Injection } from './inject';
import { weightsInside } from './weights';

const weights = weightsInside(config, randomWeights(config, 1));
const first = { from: 0, to: 1, embed: true };
const nodes = (injection: Injection) => readModel(buildPart(config, first, weights, injection).model).nodes;

test('a part that does not hold the place keeps its bytes', () => {
  const plain = buildPart(config, first, weights);
  for (const at of [2, 7]) expect(buildPart(config, first, weights, { at, mode: 'add' })).toEqual(plain);
  const later = { from: 2, to: 2, embed: false };
  expect(buildPart(config, later, weights, { at: 'embedding', mode: 'overwrite' })).toEqual(
    buildPart(config, later, weights),
  );
});

test('the inputs are a mask and rows, of any batch and length', () => {
  const part = buildPart(config, first, weights, { at: 'embedding', mode: 'overwrite' });
  const { inputs } = readModel(part.model);
  expect(inputs).toMatchObject({
    inject_mask: '9:mask_batch,mask_sequence,1',
    inject_rows: '1:rows_batch,rows_sequence,6',
  });
  expect(part.inputs).toEqual(Object.keys(inputs));
});

describe('the place', () => {
  test('over the embedding: everything reads the injected rows', () => {
    const all = nodes({ at: 'embedding', mode: 'overwrite' });
    const where = all.find(({ op }) => op === 'Where')!;
    expect(where.inputs).toEqual(['inject_mask', 'inject_rows', 'embed']);
    expect(all.filter(({ inputs }) => inputs.includes('embed'))).toEqual([where]);
    expect(all.filter(({ inputs }) => inputs.includes(where.name)).map(({ name }) => name)).toEqual([
      'block.0.norm',
      'block.0.mlp_norm',
    ]);
  });

  test('behind a block inside the part: the next block reads them, in its norm and in its sum', () => {
    const all = nodes({ at: 0, mode: 'overwrite' });
    const where = all.find(({ op }) => op === 'Where')!;
    expect(where).toMatchObject({ inputs: ['inject_mask', 'inject_rows', 'block.0.sum'], outputs: ['resid_post.0'] });
    expect(all.find(({ name }) => name === 'block.0.sum')!.inputs).toEqual(['resid_mid.0', 'block.0.down']);
    expect(all.filter(({ inputs }) => inputs.includes('resid_post.0')).map(({ name }) => name)).toEqual([
      'block.1.norm',
      'block.1.mlp_norm',
    ]);
  });

  test('behind the part’s last block: they are what comes out', () => {
    const all = nodes({ at: 1, mode: 'overwrite' });
    expect(all.at(-1)).toMatchObject({
      op: 'Where',
      inputs: ['inject_mask', 'inject_rows', 'block.1.sum'],
      outputs: ['h_out'],
    });
    expect(all.filter(({ outputs }) => outputs.includes('h_out'))).toHaveLength(1);
  });
});

test('to add is to overwrite with the sum', () => {
  const all = nodes({ at: 0, mode: 'add' });
  expect(all.find(({ op, inputs }) => op === 'Add' && inputs.includes('inject_rows'))!.inputs).toEqual([
    'block.0.sum',
    'inject_rows',
  ]);
  expect(all.find(({ op }) => op === 'Where')!.inputs).toEqual(['inject_mask', 'resid_post.0.added', 'block.0.sum']);
});

test('the linear head is one product with W as stored, transposed, and nothing else', () => {
  const weight = Float32Array.from({ length: 36 }, (_, i) => i);
  const head = buildLinearHead(6, weight);
  const model = readModel(head.model);
  expect(model.inputs).toEqual({ h_in: '1:rows,6' });
  expect(model.outputs).toEqual({ projected: '1:rows,6' });
  expect(model.nodes.map(({ op, inputs, attributes }) => [op, inputs, attributes])).toEqual([
    ['Gemm', ['h_in', 'weight'], { transB: 1 }],
  ]);
  expect(new Float32Array(head.external[0]!.data.slice(0, 144).buffer)).toEqual(weight);
});
