import { expect, test } from 'vitest';
import type { SiteInfo } from '../../lens/api/site';
import type { Unit } from '../../state/reading/maximum';
import { addRow, amountShown, type EditRow } from '../../state/steering/edits';
import { actsSay, beyondSays, beyondShort, editSays, marksSay, naturalSays, unitSays } from './edit-words';

const known: Unit = { value: 13.5, source: 'statistics' };
const none: Unit = { value: 1, source: 'none' };
const row = (more: Partial<EditRow>): EditRow => ({
  ...addRow([], 3, 39, { strength: 13.5, unit: 'max' })[0]!,
  ...more,
});
const scales = { max: 13.5, norm: 135 };
const says = (more: Partial<EditRow>) => editSays(row(more), { natural: known, ...amountShown(row(more), scales) });

test('a row says what the engine is sent', () => {
  expect(says({ strength: -20.25 })).toBe('−1.50 × max 13.5 = −20.3');
  expect(says({ strength: 13.5, unit: 'norm' })).toBe('+0.10 × median norm = +13.5');
  expect(says({ strength: 398_283_940 })).toMatch(/ = \+4\.0e8$/);
  expect(says({ strength: 1.35e-8 })).toBe('+1e−9 × max 13.5 = +1.4e−8');
  expect(says({ strength: 8, unit: 'raw' })).toBe('+8.00 added');
  expect(says({ strength: 1.23456, unit: 'raw' })).toBe('+1.23456 added');
  expect(says({ strength: -3e-30, unit: 'raw' })).toBe('−3e−30 added');
  expect(says({ mode: 'clamp', strength: 6.75 })).toBe('set to 0.50 × max 13.5 = 6.75');
  expect(says({ mode: 'clamp', strength: 0.5, unit: 'raw' })).toBe('set to 0.50');
  expect(says({ mode: 'scale', strength: 1 })).toBe('activation × 2.00');
  expect(says({ mode: 'ablate', strength: 0.25 })).toBe('activation × 0.75');
});

test('removing is called removing, and nothing nothing, also of a row that is switched off', () => {
  for (const gone of [
    { mode: 'scale', strength: -1 },
    { mode: 'ablate', strength: 1 },
  ] as const)
    expect(says(gone)).toBe('removed fully');
  expect(says({ mode: 'clamp', strength: 0 })).toBe('removed fully: set to 0');
  expect(says({ mode: 'clamp', strength: 0, enabled: false })).toBe('removed fully: set to 0');
  for (const mode of ['add', 'scale', 'ablate'] as const) expect(says({ mode, strength: 0 })).toBe('no effect at 0');
  expect(says({ closed: true })).toBe('Layer 3 is not open: this edit is kept, and does nothing.');
  expect(says({ closed: true, when: '2:1 > 0' })).toMatch(/^Layer 3 or 2 is not open/);
});

test('a row says how far it is beyond what the feature does by itself', () => {
  expect(beyondSays({ way: 'above', times: 2.4 })).toBe('more than the feature does by itself (2.4 × its maximum)');
  expect(beyondSays({ way: 'above', times: 12 })).toBe('more than the feature does by itself (12 × its maximum)');
  // Digits enough that it is more.
  expect(beyondSays({ way: 'above', times: 1.0042 })).toBe(
    'more than the feature does by itself (1.004 × its maximum)',
  );
  expect(beyondSays({ way: 'below' })).toBe('below 0, where the feature by itself never is');
  expect(beyondSays(null)).toBe('');
  const short = [1.0042, 2.4, 12, 30_997.178, 3.0997e28].map((times) => beyondShort({ way: 'above', times }));
  expect(short).toEqual(['> 1 × max', '2.4 × max', '12 × max', '3e4 × max', '3e28 × max']);
});

test('bracket and marks say their unit and their middle', () => {
  const site = { normMedian: 40, center: 'mean' } as SiteInfo;
  expect(naturalSays(known, site, 1)).toBe('By itself it goes from 0 to 13.5, 34 % of the median residual norm.');
  expect(naturalSays(known, site, 2)).toContain('68 %');
  expect(naturalSays(known, site, null)).toBe('By itself it goes from 0 to 13.5.');
  expect(naturalSays(none, site, 1)).toContain('No maximum');
  expect(marksSay(21.43, 'mean')).toBe(
    'Short marks: a change of 10 % of 21.4, the median distance of this text’s residuals from the dictionary’s mean.',
  );
  expect(marksSay(21.43, 'b_dec')).toContain('from b_dec.');
  expect(unitSays('add', 'raw')).toBe('activation');
  expect(unitSays('scale', 'raw')).toBe('of the activation');
});

test('where and when an edit acts is said in one sentence, whatever brought it here', () => {
  const acts = (where: EditRow['where'], when?: string, conversation = true) => actsSay({ where, when }, conversation);
  expect(acts('all')).toBe('all tokens.');
  expect(acts([3, 4, 5])).toBe('position 3 to 5.');
  expect(acts('assistant.answer', '3:650 > 5')).toBe('the assistant’s answers, only where 3:650 is above 5.00.');
  expect(acts('first8.text', '3:650 > 5 in turn')).toBe(
    'the first 8 generated tokens, without template and special tokens, from where 3:650 is above 5.00 to the end of the turn.',
  );
  expect(acts('all', '3:650 > 5 in turn', false)).toContain('to the end of the text.');
  expect(acts('prompt', '3:650 > 5 until 0.5')).toBe(
    'the prompt, from where 3:650 is above 5.00 until it is at most 0.50.',
  );
  // A plain text has no turns.
  expect(acts('turn1', undefined, false)).toBe('turn 1. This text has no turns: it reaches nothing.');
  expect(acts('text', undefined, false)).toBe('all tokens, without template and special tokens.');
});
