import { expect, test } from 'vitest';
import { chipsOf } from '../../state/reading/chips';
import type { Reading } from '../../state/reading/trace';
import { threeTurns } from '../../state/testing/conversation';
import { leftOut, placeSays } from './place';

const plain = chipsOf([...'abcd'].map((text, position) => ({ id: 1, text, position, special: false })));
const talk = chipsOf(threeTurns());
const none = { first: false, template: false };
const out = (chips: typeof plain, sinks: number[], counted = none) =>
  leftOut([{ chips, sinks: new Set(sinks) }], counted);

test('what takes no part is named: template, first token, further sinks', () => {
  expect(out(plain, [0])).toBe(', first token left out');
  expect(out(plain, [0, 2])).toBe(', first token and 1 sink left out');
  expect(out(plain, [0, 2, 3])).toBe(', first token and 2 sinks left out');
  expect(out(plain.slice(0, 1), [])).toBe('');
  expect(out(plain, [0, 2], { ...none, first: true })).toBe('');
  // Position 0 is the template's, and so may a sink be.
  expect(out(talk, [0, 2])).toBe(', template left out');
  expect(out(talk, [0, 2, 5])).toBe(', template and 1 sink left out');
  expect(out(talk, [0, 2], { ...none, template: true })).toBe(', first token and 1 sink left out');
});

test('of two texts the sinks of both', () => {
  const one = { chips: plain, sinks: new Set([0, 1]) };
  expect(leftOut([one, one], none)).toBe(', first token and 2 sinks left out');
});

test('a list says what it is over, by the site’s own sinks', () => {
  const reading = { chips: plain, count: 4, sinks: { 3: new Set([0, 2]) } } as unknown as Reading;
  const says = (layer: number, locked: number | null, anchor: number | null = null) =>
    placeSays(reading, layer, { ...none, locked, anchor, scope: null });
  expect(says(3, null)).toBe('in the text, first token and 1 sink left out');
  expect(says(4, null)).toBe('in the text, first token left out');
  expect(says(3, 2)).toBe('on “c”');
  expect(says(3, 1, 3)).toBe('on tokens 1 to 3, 1 sink left out');
});
