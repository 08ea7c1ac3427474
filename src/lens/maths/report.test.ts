import { expect, test } from 'vitest';
import type { Edit } from '../api/edit';
import { editReport, latentOf } from './report';

const norm = Float32Array.of(10, 20, 30);
const z = Float32Array.of(0, 4, 2);
const report = (edit: Partial<Edit>, length = 1) => {
  const tokens = [0, 1, 2].map((position) => ({ position, prompt: 3, special: position === 0, span: null }));
  const whole: Edit = { layer: 3, feature: 1, mode: 'add', strength: 2, ...edit };
  const { acted, change } = editReport(whole, { tokens, z, norm, length, open: null });
  return [[...acted], [...change]];
};

test('each mode acts where its definition says, by as much', () => {
  expect(report({})).toEqual([
    [1, 1, 1],
    [2, 2, 2],
  ]);
  expect(report({ mode: 'scale' })).toEqual([
    [0, 1, 1],
    [0, 8, 4],
  ]);
  expect(report({ mode: 'ablate', strength: 0.5 })).toEqual([
    [0, 1, 1],
    [0, 2, 1],
  ]);
  // At z = 2 the latent already is what it is clamped to.
  for (const on of [undefined, 'everywhere'] as const)
    expect(report({ mode: 'clamp', on })).toEqual([
      [1, 1, 0],
      [2, 2, 0],
    ]);
  expect(report({ mode: 'clamp', on: 'active' })).toEqual([
    [0, 1, 0],
    [0, 2, 0],
  ]);
  expect(report({ mode: 'clamp', on: 'preactivation' })).toEqual([
    [1, 1, 0],
    [2, 2, 0],
  ]);
  expect(report({ where: [1] })).toEqual([
    [0, 1, 0],
    [0, 2, 0],
  ]);
  expect(report({ where: 'text' })[0]).toEqual([0, 1, 1]);
  expect(report({ where: 'generated' })[0]).toEqual([0, 0, 0]);
  for (const mode of ['add', 'scale', 'ablate'] as const) expect(report({ mode, strength: 0 })[0]).toEqual([0, 0, 0]);
  expect(report({ mode: 'clamp', strength: 0 })).toEqual(report({ mode: 'ablate', strength: 1 }));
});

test('a vector moves by its own length, or by a share of the residual norm', () => {
  expect(report({ direction: { vector: Float32Array.of(3, 4) } }, 5)[1]).toEqual([10, 10, 10]);
  expect(report({ strength: 0.5, direction: { vector: Float32Array.of(3, 4), relativeToNorm: true } })[1]).toEqual([
    5, 10, 15,
  ]);
});

test('a latent is read off the codes', () => {
  const codes = {
    layer: 3,
    k: 2,
    ids: Uint32Array.of(7, 1, 5, 0xffffffff, 1, 7),
    values: Float32Array.of(9, 4, 3, 0, 2, 1),
    fvu: norm,
    norm,
    centred: norm,
    active: new Uint32Array(0),
    peak: new Float32Array(0),
  };
  expect([...latentOf(codes, 1)]).toEqual([4, 0, 2]);
  expect([...latentOf(codes, 8)]).toEqual([0, 0, 0]);
});

test('an edit acts where its gate is open, and tells where that is', () => {
  const tokens = [0, 1, 2].map((position) => ({ position, prompt: 3, special: false, span: null }));
  const open = Uint8Array.of(1, 1, 0);
  const edit: Edit = { layer: 3, feature: 1, mode: 'ablate', strength: 0.5, where: [1, 2], when: '3:1 > 0' };
  const gated = editReport(edit, { tokens, z, norm, length: 1, open });
  expect([gated.acted, gated.change, gated.open]).toEqual([Uint8Array.of(0, 1, 0), Float32Array.of(0, 2, 0), open]);
  expect(editReport(edit, { tokens, z, norm, length: 1, open: null })).not.toHaveProperty('open');
});
