import { describe, expect, test } from 'vitest';
import { threeTurns } from '../testing/conversation';
import { chipsOf } from './chips';
import { cutOf, sentenceAt } from './sentence';

describe.each([
  ['as Unicode has it', cutOf(Intl.Segmenter)],
  ['by its signs alone', cutOf(undefined)],
])('a sentence, %s', (_, cut) => {
  const at = (chips: ReturnType<typeof chipsOf>, position: number) =>
    sentenceAt(chips, position, cut)
      .map(({ text }) => text)
      .join('');
  const plain = (...texts: string[]) =>
    chipsOf(texts.map((text, position) => ({ id: 1, text, position, special: false })));

  test('goes from sign to sign', () => {
    const chips = plain('One', ' two', '.', ' Three', '!', ' Four');
    expect([0, 2, 3, 5].map((i) => at(chips, i))).toEqual(['One two.', 'One two.', ' Three!', ' Four']);
    const han = plain('今天', '去', '。', '好', '。”', '走');
    expect([1, 3, 5].map((i) => at(han, i))).toEqual(['今天去。', '好。”', '走']);
    expect(at(plain('a', '\n', 'b'), 2)).toBe('b');
  });

  test('stays in its turn, and in thinking or in the answer', () => {
    const chips = chipsOf(threeTurns());
    expect([4, 7, 15, 20, 23].map((i) => at(chips, i))).toEqual([
      'Hello.',
      ' Who are you?',
      ' A question',
      'I read.',
      ' You ask',
    ]);
    // A template's token has the template around it alone.
    expect(at(chips, 9)).toBe('<im_end>\n');
  });
});
