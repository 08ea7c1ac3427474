import { expect, test } from 'vitest';
import { segmentsOf } from './segments';

const cut = (content: string, tagged = true) =>
  segmentsOf([{ role: 'assistant', content }], tagged).map(
    ({ begin, end, section }) => `${section}: ${content.slice(begin, end)}`,
  );

test('an answer is cut at the tags around thinking', () => {
  expect(cut('plain')).toEqual(['content: plain']);
  expect(cut('<think>a</think>b')).toEqual(['thinking: a', 'content: b']);
  expect(cut('a<think>b</think>c<think>d')).toEqual(['content: a', 'thinking: b', 'content: c', 'thinking: d']);
  expect(cut('a</think>b')).toEqual(['thinking: a', 'content: b']);
  expect(cut('<think></think>')).toEqual([]);
  expect(cut('')).toEqual(['content: ']);
});

test('other roles, and models without the tags, only say', () => {
  expect(cut('<think>a</think>b', false)).toEqual(['content: <think>a</think>b']);
  const [segment] = segmentsOf([{ role: 'user', content: '<think>a' }], true);
  expect(segment).toEqual({ turn: 0, begin: 0, end: 8, section: 'content' });
});
