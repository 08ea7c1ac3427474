import { expect, it } from 'vitest';
import type { VerbalEntry, VerbalRecord } from '../../state/words/record';
import { createWordsMarks, markOf, wordsMarks } from './chip-words';

const entry = (
  position: number,
  relative: number | null,
  state: VerbalEntry['state'] = 'done',
): [string, VerbalEntry] => {
  const score = { cosine: 0.9, error: 0.2, relative, fve: relative === null ? null : 1 - relative };
  const target = {
    kind: 'token',
    position,
    tokenId: 1,
    token: 'a',
    text: 'a',
    whole: true,
    span: null,
    norm: 1,
  } as const;
  const record = {
    id: `${position}`,
    target,
    samples: [{ text: 'a', score, done: 'stop' }],
  } as unknown as VerbalRecord;
  return [`t:${position}`, { record, state }];
};

it('marks what is done by its score', () => {
  const marks = wordsMarks(
    new Map([entry(1, 0.2), entry(2, 0.4), entry(3, 0.6), entry(4, null), entry(5, 0.2, 'writing')]),
  );
  expect([1, 2, 3, 4, 5].map((position) => marks.get(position)?.level ?? null)).toEqual([
    'high',
    'medium',
    'low',
    'unscored',
    null,
  ]);
  expect(marks.get(1)!.says).toBe('words High, FVE 0.80');
});

it('finds the mark of a chip of several tokens', () => {
  const marks = wordsMarks(new Map([entry(4, 0.2)]));
  expect(markOf(marks, { from: 2, to: 4 })?.level).toBe('high');
  expect(markOf(marks, { from: 5, to: 5 })).toBe(null);
});

it('keeps its answer while nothing about the marks is new', () => {
  const marksOf = createWordsMarks();
  const first = marksOf(new Map([entry(1, 0.2)]));
  expect(marksOf(new Map([entry(1, 0.2), entry(2, 0.2, 'writing')]))).toBe(first);
  expect(marksOf(new Map([entry(1, 0.4)]))).not.toBe(first);
});
