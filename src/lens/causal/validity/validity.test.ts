import { expect, test } from 'vitest';
import { continuationOf, type Piece } from '../predicates/continuation';
import { judgeOf } from '../predicates/judge-of';
import type { Outcome } from '../predicates/outcome';
import { BROKEN, brokenCheck, brokenTexts } from './broken';
import { checkSet, validity } from './check-set';

const many = (n: number, value: number | null) => Array<number | null>(n).fill(value);

test('sensitivity and specificity are counts, and undecided has not fired', () => {
  const of = checkSet([...many(15, 1), ...many(3, null), ...many(2, 0)], [...many(18, 0), ...many(3, null), 1, 0.4]);
  expect(of).toEqual({
    sensitivity: { k: 15, n: 20 },
    specificity: { k: 22, n: 23 },
    undecided: { positive: 3, negative: 3 },
  });
  expect(validity(of)).toEqual({ youden: 15 / 20 + 22 / 23 - 1, refused: null });
});

test('a rule below the bar of .5, or checked on too few texts, is refused with what to do', () => {
  const at = (hits: number) => validity(checkSet([...many(hits, 1), ...many(20 - hits, 0)], many(20, 0)));
  expect(at(10)).toEqual({ youden: 0.5, refused: null });
  expect(at(9).refused).toMatch(/finds 9 of 20 texts .* passes over 20 of 20 texts .*: write a rule/);
  expect(validity(checkSet(many(19, 1), many(20, 0))).refused).toMatch(/^19 texts that are the behaviour/);
  expect(validity(checkSet(many(20, 1), [])).refused).toMatch(/^0 texts that are not/);
  expect(validity(checkSet([], [])).youden).toBe(null);
});

const piecesOf = (text: string): Piece[] =>
  Array.from(text.match(/\s?\S+/g) ?? [], (word) => ({
    id: word.charCodeAt(1) * 256 + word.length,
    bytes: new TextEncoder().encode(word),
    special: false,
  }));
const REAL = [
  'The old man looked at the harbour and said nothing for a while',
  'She put both letters into the drawer and went down to the kitchen',
  '今天 下午 我们 在 河边 看见 两只 白色 的 鸟',
].map(piecesOf);
const words = (pieces: readonly Piece[]) => pieces.map(({ bytes }) => new TextDecoder().decode(bytes)).sort();

test('60 broken texts are made, of every kind, and the same from the same seed', () => {
  const special: Piece = { id: 0, bytes: new TextEncoder().encode('<end>'), special: true };
  const broken = brokenTexts([[], [special], [...REAL[0]!, special], REAL[1]!], [REAL[2]!], 3);
  expect(broken.length).toBe(BROKEN);
  expect(broken).toEqual(brokenTexts([REAL[0]!, REAL[1]!], [REAL[2]!], 3));
  expect(broken).not.toEqual(brokenTexts([REAL[0]!, REAL[1]!], [REAL[2]!], 4));
  const of = (made: string) => broken.filter((one) => one.made === made).map(({ pieces }) => pieces);
  expect([of('shuffled').length, of('repeated').length, of('strongest').length]).toEqual([30, 29, 1]);
  for (const pieces of of('shuffled')) {
    const source = REAL.find((real) => words(real).join() === words(pieces).join());
    expect(source).toBeDefined();
    expect(pieces).not.toEqual(source);
  }
  for (const pieces of of('repeated')) expect(new Set(pieces).size).toBe(1);
  expect(new Set(of('repeated').map(([token]) => token!.id)).size).toBeGreaterThan(5);
  expect(brokenTexts([[]], [REAL[0]!], 1)).toEqual([]);
});

test('a rule that noise satisfies makes the guard obligatory, and one that asks for variety does not', () => {
  const noHan: Outcome = { type: 'not', of: { type: 'script', script: 'Han', share: 0, compare: '>', letters: 1 } };
  const strict: Outcome = {
    type: 'and',
    of: [noHan, { type: 'varied' }, { type: 'contains', any: ['harbour and'], fold: true, least: 1 }],
  };
  const check = (outcome: Outcome) =>
    brokenCheck(brokenTexts(REAL, [], 3).map(({ pieces }) => judgeOf(outcome).judge(continuationOf(pieces))));
  expect(check(noHan)).toEqual({ k: 40, n: 60, needsGuard: true });
  expect(check(strict).needsGuard).toBe(false);
  expect(brokenCheck([...many(3, 1), ...many(57, 0)]).needsGuard).toBe(false);
  expect(brokenCheck([...many(4, 1), ...many(56, 0)]).needsGuard).toBe(true);
});
