import { expect, test } from 'vitest';
import { explanationOf } from './explanation';

const ANSWER = '<explanation>\nEnglish prose.\n\nThe token is “ fire”. a < b\n</explanation>\nmore';
const TEXT = 'English prose.\n\nThe token is “ fire”. a < b';

test('what is between the tags, trimmed', () => {
  expect(explanationOf(ANSWER, true)).toEqual({ text: TEXT, closed: true });
  expect(explanationOf(ANSWER, false)).toEqual({ text: TEXT, closed: true });
});

test('streamed character by character the text only grows, shows no piece of a tag, and is whole at the end', () => {
  let before = '';
  for (let n = 0; n <= ANSWER.length; n++) {
    const { text, closed } = explanationOf(ANSWER.slice(0, n), false);
    expect(text).not.toMatch(/<\/?e|\/exp/);
    expect(text.startsWith(before)).toBe(true);
    expect(closed).toBe(n >= ANSWER.indexOf('</explanation>') + '</explanation>'.length);
    before = text;
  }
  expect(before).toBe(TEXT);
});

test('without a closing tag, what there is: a beginning of one too, once nothing more comes', () => {
  expect(explanationOf('<explanation>\nOne.\n</expl', false).text).toBe('One.');
  expect(explanationOf('<explanation>\nOne.\n</expl', true)).toEqual({ text: 'One.\n</expl', closed: false });
});

test('without an opening tag the answer itself', () => {
  expect(explanationOf(' One.\n', true)).toEqual({ text: 'One.', closed: false });
  expect(explanationOf('One', false).text).toBe('One');
  expect(explanationOf(' <expla', false).text).toBe('');
  expect(explanationOf('One.</explanation>', true)).toEqual({ text: 'One.', closed: true });
});

test('an empty explanation is empty', () => {
  expect(explanationOf('<explanation></explanation>', true)).toEqual({ text: '', closed: true });
});
