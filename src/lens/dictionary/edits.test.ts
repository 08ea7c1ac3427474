import { expect, test } from 'vitest';
import type { Edit } from '../api/edit';
import { InvalidEditError, SiteUnavailableError } from '../api/errors';
import { controlOf, sourceEdits, sourceOf } from '../maths/control';
import { type PlanContext, planEdits, RowTable } from './edits';

const context: PlanContext = { d: 4, width: (layer) => (layer === 3 ? 10 : undefined), layers: () => [3] };
const plan = (edits: Edit[], vectors = new RowTable()) => planEdits(edits, context, vectors);
const add: Edit = { layer: 3, feature: 2, mode: 'add', strength: 5 };

test('an edit reaches the tokens it names', () => {
  const reach = (where: Edit['where']) =>
    [0, 1, 2, 3].filter(
      (position) =>
        plan([{ ...add, where }])
          .at(3)!
          .slots(position, position >= 2).length > 0,
    );
  expect(reach(undefined)).toEqual([0, 1, 2, 3]);
  expect(reach('all')).toEqual([0, 1, 2, 3]);
  expect(reach('prompt')).toEqual([0, 1]);
  expect(reach('generated')).toEqual([2, 3]);
  expect(reach([1, 3])).toEqual([1, 3]);
  expect(plan([{ ...add, where: 'generated' }]).actsOnPrompt(2)).toBe(false);
  expect(plan([{ ...add, where: [2] }]).actsOnPrompt(2)).toBe(false);
  expect(plan([{ ...add, where: [1] }]).actsOnPrompt(2)).toBe(true);
});

test('strength 0 leaves nothing to do, but for clamp, which it makes an ablation', () => {
  expect(
    plan([
      { ...add, strength: 0 },
      { ...add, mode: 'scale', strength: 0 },
      { ...add, mode: 'ablate', strength: 0 },
    ]).empty,
  ).toBe(true);
  expect(
    plan([{ ...add, mode: 'clamp', strength: 0 }])
      .at(3)!
      .slots(0, false),
  ).toMatchObject([{ mode: 'clamp', strength: 0, on: 'everywhere' }]);
});

test('vectors are collected once, normalised where they are relative', () => {
  const vectors = new RowTable();
  const vector = Float32Array.of(3, 0, 4, 0);
  const edits: Edit[] = [
    { layer: 3, mode: 'add', strength: 1, direction: { vector } },
    { layer: 3, mode: 'add', strength: 2, direction: { vector } },
    { layer: 3, mode: 'add', strength: 0.5, direction: { vector, relativeToNorm: true } },
  ];
  const slots = plan(edits, vectors).at(3)!.slots(0, false);
  expect(slots.map((slot) => [slot.vector, slot.relative])).toEqual([
    [0, false],
    [0, false],
    [1, true],
  ]);
  expect([...vectors.list[1]!].map((x) => Math.round(x * 10) / 10)).toEqual([0.6, 0, 0.8, 0]);
  expect(vectors.data(4)).toHaveLength(8);
});

test('bad edits are refused by name', () => {
  const bad: Partial<Edit>[] = [
    { feature: 10 },
    { feature: -1 },
    { feature: 1.5 },
    { feature: undefined },
    { strength: Number.NaN },
    { strength: 1e39 },
    { mode: 'double' as 'add' },
    { on: 'latent' as 'active' },
    { where: [-1] },
    { where: 'later' as 'all' },
    { direction: { vector: new Float32Array(3) } },
    { direction: { vector: Float32Array.of(1, 2, Number.NaN, 4) } },
    { direction: { vector: new Float32Array(4), relativeToNorm: true } },
    { mode: 'clamp', direction: { vector: new Float32Array(4) } },
    { direction: { random: 0.5 } },
  ];
  for (const fields of bad)
    expect(() => plan([{ ...add, ...fields }]), JSON.stringify(fields)).toThrow(InvalidEditError);
  expect(() => plan([{ ...add, layer: 4 }])).toThrow(SiteUnavailableError);
  expect(() => plan([{ ...add, layer: 4 }])).toThrow('There is no dictionary at layer 4. Layers with one: ');
  expect(() => plan([add, ...controlOf([add], 1)])).toThrow(/mix/);
  expect(() => plan([...controlOf([add], 1), ...controlOf([add], 2)])).toThrow(/two seeds/);
});

test('a control’s source is the variant with the same edits along their own directions', () => {
  const other = { ...add, strength: 6 };
  const control = controlOf([add], 1);
  expect(sourceOf([[], [add], control], control)).toBe(1);
  expect(sourceOf([[], [other], control], control)).toBe(-1);
  expect(sourceOf([[add], [add]], [add])).toBe(-1);
  const second = controlOf([add], 2);
  expect(sourceOf([control, second, [{ ...add, on: 'active', where: 'all' }]], second)).toBe(2);
  expect(sourceOf([sourceEdits(control)], control)).toBe(0);
});

test('a vector’s control keeps the vector, and is not taken for a feature’s', () => {
  const vector = Float32Array.of(0, 2, 0, 0);
  const along: Edit = { layer: 3, feature: 2, mode: 'add', strength: 5, direction: { vector } };
  const control = controlOf([along], 1);
  expect(plan(control).at(3)!.random).toBe(1);
  expect(plan(control).at(3)!.slots(0, false)[0]!.vector).toBe(0);
  expect(sourceOf([[add], [along], control], control)).toBe(1);
  expect(sourceOf([[add], control], control)).toBe(-1);
  expect(sourceEdits(control)[0]!.direction).toEqual({ vector });
});
