import { expect, test } from 'vitest';
import { verdictSays } from './RunTable';

const verdict = { steered: 0.7361, control: 0.8021, draws: 8, beyond: false, acted: 12, of: 12 };

test('not above the control is said of the measure, with both figures, never of the texts', () => {
  expect(verdictSays(verdict)).toBe(
    'Mean KL 0.736, not above the largest of 8 random draws (0.802): in size no more than chance. KL says how far, not where to: read the texts, or count over many.',
  );
});

test('above the control', () => {
  expect(verdictSays({ ...verdict, control: 0.0002, beyond: true })).toBe(
    'Mean KL 0.736, more than each of 8 random draws of the same change (at most <.001). KL says how far, not where to: read the texts.',
  );
});

test('an edit that acted nowhere has nothing to compare', () => {
  expect(verdictSays({ ...verdict, acted: 0, steered: 0, beyond: false })).toBe(
    'The edit acted on 0 of 12 generated tokens: nothing to compare.',
  );
  expect(verdictSays({ ...verdict, acted: 0, beyond: true, control: 0.5 })).toMatch(/^Mean KL 0\.736, more than each/);
});
