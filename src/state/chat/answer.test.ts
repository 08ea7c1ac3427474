import { expect, test } from 'vitest';
import type { GeneratedRow } from '../../lens/api/generate';
import { answerOf } from './answer';

/** Rows of these texts; the last has ended as `done` says. */
const rows = (texts: string[], done: GeneratedRow['done'] = null) =>
  texts.map((text, i) => ({ token: i + 10, text, done: i === texts.length - 1 ? done : null }));

test('the token that ended the turn is not said', () => {
  expect(answerOf(rows([' a', ' b', ''], 'stop'))).toEqual({ text: ' a b', ids: [10, 11] });
  expect(answerOf(rows([' a', ' b'], 'length'))).toEqual({ text: ' a b', ids: [10, 11] });
  expect(answerOf(rows([''], 'stop'))).toEqual({ text: '', ids: [] });
});

test('up to a token, with it', () => {
  expect(answerOf(rows([' a', ' b', ''], 'stop'), [], 1)).toEqual({ text: ' a', ids: [10] });
  expect(answerOf([])).toEqual({ text: '', ids: [] });
});

test('the stop sequence is left out, and what the last token has behind it', () => {
  expect(answerOf(rows(['one', '. T', 'wo'], 'sequence'), ['Two'])).toEqual({ text: 'one. ', ids: null });
  expect(answerOf(rows(['one', '.\n\nNext'], 'sequence'), ['\n\n', 'Next'])).toMatchObject({ text: 'one.' });
  // One that stood there before the last token did not end the text.
  expect(answerOf(rows(['a.', 'b', '.'], 'sequence'), ['.'])).toMatchObject({ text: 'a.b' });
});

test('of a split character the text has nothing, and the tokens all', () => {
  expect(answerOf(rows(['汉', '', '\ufffd'], 'length'))).toEqual({ text: '汉', ids: [10, 11, 12] });
  expect(answerOf(rows(['汉', '', '字'], 'length'), [], 2)).toEqual({ text: '汉', ids: [10, 11] });
});
