import { expect, test } from 'vitest';
import { segmentsOf } from './segments';

const cut = (content: string, tagged = true, opened = false) =>
  segmentsOf([{ role: 'assistant', content }], { tagged, opened }).map(
    ({ begin, end, section }) => `${section}: ${content.slice(begin, end)}`,
  );

test('an answer is cut at the tags around thinking', () => {
  expect(cut('plain')).toEqual(['content: plain']);
  expect(cut('<think>a</think>b')).toEqual(['thinking: a', 'content: b']);
  expect(cut('a<think>b</think>c<think>d')).toEqual(['content: a', 'thinking: b', 'content: c', 'thinking: d']);
  expect(cut('<think></think>')).toEqual([]);
  expect(cut('')).toEqual(['content: ']);
});

test('text before a closing tag alone is thinking where the template opens the thought', () => {
  expect(cut('a</think>b', true, true)).toEqual(['thinking: a', 'content: b']);
  expect(cut('a</think>b', true, false)).toEqual(['content: a', 'content: b']);
  expect(cut('a<think>b</think>c', true, true)).toEqual(['content: a', 'thinking: b', 'content: c']);
  expect(cut('plain', true, true)).toEqual(['content: plain']);
});

test('other roles, and models without the tags, only say', () => {
  expect(cut('<think>a</think>b', false)).toEqual(['content: <think>a</think>b']);
  const [segment] = segmentsOf([{ role: 'user', content: '<think>a' }], { tagged: true, opened: true });
  expect(segment).toEqual({ turn: 0, begin: 0, end: 8, section: 'content' });
});
