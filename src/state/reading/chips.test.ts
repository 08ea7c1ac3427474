import { expect, test } from 'vitest';
import type { Token } from '../../lens/api/text';
import { chipAt, chipsOf } from './chips';

const token = (position: number, text: string, fragment?: Token['fragment']): Token => ({
  id: position,
  text,
  position,
  special: false,
  fragment,
});

test('byte-split characters become one chip over all their positions', () => {
  const split = (index: number) => ({ text: '🙂', index, count: 3 });
  const chips = chipsOf([
    token(0, 'a'),
    token(1, '\uFFFD', split(0)),
    token(2, '\uFFFD', split(1)),
    token(3, '\uFFFD', split(2)),
    token(4, ' b'),
  ]);
  expect(chips.map((c) => [c.text, c.from, c.to])).toEqual([
    ['a', 0, 0],
    ['🙂', 1, 3],
    [' b', 4, 4],
  ]);
  expect(chipAt(chips, 2)).toBe(chips[1]);
  expect(chipAt(chips, 5)).toBeNull();
  expect(chipAt(chips, null)).toBeNull();
});

test('a run that is cut short stays apart, and no position is lost', () => {
  const chips = chipsOf([
    token(0, '\uFFFD', { text: '龘', index: 0, count: 3 }),
    token(1, '\uFFFD', { text: '龘', index: 1, count: 3 }),
  ]);
  expect(chips.map((c) => [c.from, c.to])).toEqual([
    [0, 0],
    [1, 1],
  ]);
});
