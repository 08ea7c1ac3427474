import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { type Candidate, looks, payments, pick, selectedRank } from './selection';

const selection = { candidates: 2, signs: 2, doses: 2 };
const candidate = (development: number[][], onTest: number[][]): Candidate => ({ development, test: onTest });
const flat = (x: number): number[][] => [
  [x, x],
  [x, x],
];

test('what is strongest on the development prompts is picked, and its statistic on the test prompts counts', () => {
  const one = candidate(
    [
      [0.1, 0.2],
      [0.5, 0.3],
    ],
    [
      [9, 9],
      [0.4, 9],
    ],
  );
  expect(pick([candidate(flat(0.4), flat(8)), one], selection)).toEqual({
    candidate: 1,
    sign: 1,
    dose: 0,
    development: 0.5,
    test: 0.4,
  });
});

test('every control draw is picked likewise', () => {
  // On the first candidate, sign and dose the control does nothing; by its own pick it reaches the edit.
  const draw = [
    candidate(flat(0), flat(0)),
    candidate(
      [
        [0, 0],
        [0, 1],
      ],
      [
        [0, 0],
        [0, 0.7],
      ],
    ),
  ];
  const { p, reached, picks } = selectedRank(
    0.6,
    [draw, draw, [candidate(flat(0), flat(0)), candidate(flat(0), flat(0))]],
    selection,
  );
  expect({ p, reached }).toEqual({ p: 3 / 4, reached: 2 });
  expect(picks[0]).toMatchObject({ candidate: 1, sign: 1, dose: 1 });
});

test('ties on the development prompts are against the edit', () => {
  const tied = [candidate(flat(1), flat(0.1)), candidate(flat(1), flat(0.9))];
  expect(pick(tied, selection).test).toBe(0.1);
  expect(selectedRank(0.5, [tied], selection).reached).toBe(1);
});

test('controls with fewer candidates, signs or doses than the claim are refused', () => {
  const draw = [candidate(flat(0), flat(0))];
  expect(() => selectedRank(1, [draw], selection)).toThrow(InvalidOptionError);
  expect(() => selectedRank(1, [draw], { ...selection, candidates: 1, doses: 3 })).toThrow(InvalidOptionError);
  expect(() => selectedRank(1, [draw], { ...selection, candidates: 1, signs: 1 })).toThrow(InvalidOptionError);
  expect(() => selectedRank(1, [], selection)).toThrow(InvalidOptionError);
  expect(() => pick([candidate(flat(0), flat(Number.NaN))], { ...selection, candidates: 1 })).toThrow(
    InvalidOptionError,
  );
});

test('what p is multiplied by', () => {
  const best = { candidates: 20, signs: 2, doses: 3 };
  expect((['selected', 'tuned', 'fixed'] as const).map((payment) => looks(best, payment))).toEqual([1, 20, 120]);
});

test('draws and rows of each payment, cheapest first', () => {
  const best = { candidates: 20, signs: 2, doses: 3 };
  expect(payments(best, { development: 8, test: 16 }, 1, 0.05)).toEqual([
    { payment: 'selected', draws: 19, rows: 19 * (120 * 8 + 16) },
    { payment: 'tuned', draws: 399, rows: 399 * (6 * 8 + 16) },
    { payment: 'fixed', draws: 2399, rows: 2399 * 16 },
  ]);
  // Where the search was dear and the test is cheap, more draws are cheaper.
  expect(payments(best, { development: 400, test: 16 }, 1, 0.05)[0]!.payment).toBe('fixed');
  // Nothing was chosen: all three are the plain test.
  expect(payments({ candidates: 1, signs: 1, doses: 1 }, { development: 8, test: 16 }, 2, 0.05)[0]).toEqual({
    payment: 'selected',
    draws: 39,
    rows: 39 * 16,
  });
});
