import { expect, test } from 'vitest';
import { inBox, retyped } from './line-ends';

test('a box shows each line end as one sign', () => {
  expect(inBox('a\r\nb\rc\nd\r\r\n\n')).toBe('a\nb\nc\nd\n\n\n');
});

test.each([
  ['a letter in the middle', 'a\r\nb\r\nc', 'a\nbx\nc', 'a\r\nbx\r\nc'],
  ['a letter in front', 'a\rb', 'xa\nb', 'xa\rb'],
  ['a letter behind', 'a\r\n', 'a\nx', 'a\r\nx'],
  ['a line end', 'a\r\nb', 'a\nx\nb', 'a\r\nx\nb'],
  ['a line end behind a lone carriage return', 'a\r', 'a\n\n', 'a\n\n'],
  ['nothing', 'a\r\nb\r', 'a\nb\n', 'a\r\nb\r'],
  ['a line end taken away', 'a\r\nb\r\nc', 'ab\nc', 'ab\r\nc'],
  ['a letter taken away between two line ends', 'a\rx\nb', 'a\n\nb', 'a\n\nb'],
  ['all of it', 'a\r\nb', 'x\ny', 'x\ny'],
  ['everything taken away', 'a\r\nb\r', '', ''],
  ['no carriage return', 'a\nb', 'a\nbc', 'a\nbc'],
])('line ends stay when what is typed is %s', (_, text, typed, after) => {
  expect(retyped(text, typed)).toBe(after);
});

test('the text always holds what its box holds, and loses no line end that was not typed over', () => {
  let seed = 3;
  const random = (most: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % most;
  };
  const signs = ['\r\n', '\r', '\n', 'a', 'b', '🙂'];
  const some = (most: number) => Array.from({ length: random(most) }, () => signs[random(signs.length)]).join('');
  for (let i = 0; i < 5000; i++) {
    const text = some(12);
    const before = inBox(text);
    const from = random(before.length + 1);
    const to = from + random(before.length - from + 1);
    const typed = before.slice(0, from) + inBox(some(4)) + before.slice(to);
    const after = retyped(text, typed);
    expect(inBox(after), JSON.stringify([text, typed, after])).toBe(typed);
    if (typed === before) expect(after).toBe(text);
  }
});
