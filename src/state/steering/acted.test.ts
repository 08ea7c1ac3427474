import { expect, test } from 'vitest';
import { actsOnSome, drawnMark, generatedMark, promptMarks } from './acted';
import type { GenerationPlan } from './run';

const report = (acted: number[], open?: number[]) => ({
  layer: 3,
  acted: Uint8Array.from(acted),
  change: new Float32Array(acted.length),
  norm: new Float32Array(acted.length),
  ...(open && { open: Uint8Array.from(open) }),
});

test('an edit is marked where it acted, and where its gate alone was open', () => {
  expect(promptMarks(report([0, 1, 0], [0, 1, 1]), 3)).toEqual([null, 'acted', 'open']);
  expect(promptMarks(report([0, 0, 0]), 3)).toEqual([null, null, null]);
  // Marks on all tokens tell nothing apart; those of other tokens are none of these.
  expect(promptMarks(report([1, 1]), 2)).toBeNull();
  expect(promptMarks(report([1, 0]), 3)).toBeNull();
  expect(promptMarks(null, 3)).toBeNull();
});

test('what was done at a generated token is known a step later', () => {
  const rows = [{ acted: 9, gates: [true] }, { acted: 0, gates: [false, true] }, { acted: 2 }];
  expect([0, 1, 2].map((i) => generatedMark(rows, i))).toEqual([
    { edits: 0, open: true },
    { edits: 2, open: false },
    null,
  ]);
  expect([0, 1, 2].map((i) => drawnMark(generatedMark(rows, i)))).toEqual(['open', 'acted', null]);
  expect(drawnMark({ edits: 0, open: false })).toBeNull();
});

test('only edits that may spare a generated token are marked on them', () => {
  const plan = (more: object) =>
    ({ edits: [{ layer: 3, feature: 1, mode: 'add', strength: 1, ...more }] }) as unknown as GenerationPlan;
  expect(
    [{}, { where: 'generated' }, { mode: 'clamp', on: 'everywhere' }].map((more) => actsOnSome(plan(more))),
  ).toEqual([false, false, false]);
  expect(
    [{ when: '3:1 > 0' }, { where: 'first4' }, { where: [1] }, { mode: 'scale', on: 'active' }].map((more) =>
      actsOnSome(plan(more)),
    ),
  ).toEqual([true, true, true, true]);
  expect(actsOnSome(null)).toBe(false);
});
