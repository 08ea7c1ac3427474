import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../prepare.mjs';
import { CHATS } from './chats.mjs';
import { compareChats, tokenizerIn } from './compare-chats.mjs';

const tokenizer = tokenizerIn(join(root, 'public/models/lenslet-mini'));

/** What a page would say that reads as it should.
 *  @returns {import('./compare-chats.mjs').Seen} */
function seen() {
  const read = CHATS.map((chat) => {
    const { ids, spans } = tokenizer.read(chat);
    return tokenizer.tokens(ids, spans);
  });
  const generated = [{ id: 5, section: /** @type {const} */ ('thinking') }];
  return {
    vocabulary: 8448,
    templates: ['default'],
    thinking: false,
    read,
    traced: structuredClone(read[2]),
    generated,
  };
}

test('the same tokens in the same places are no differences', () => {
  const { tokens, different, split, thinking, misplaced } = compareChats(seen(), tokenizer);
  expect([different, misplaced, thinking]).toEqual([0, 0, 1]);
  expect(tokens.map((count) => count > 40)).toEqual([true, true, true]);
  expect(split).toBeGreaterThan(3);
});

test('another id, another place, or a token more is a difference; so is what is generated elsewhere', () => {
  const changed = (/** @type {(of: ReturnType<typeof seen>) => unknown} */ change) => {
    const of = seen();
    change(of);
    return compareChats(of, tokenizer);
  };
  expect(changed(({ read }) => (read[0][3].id = 0)).different).toBe(1);
  expect(changed(({ read }) => (read[1][3].span = { role: 'user', turn: 9, section: 'content' })).different).toBe(1);
  expect(changed(({ traced }) => traced.push(traced[0])).different).toBe(1);
  expect(changed(({ traced }) => delete traced[0].span).different).toBe(1);
  expect(changed(({ generated }) => generated.push({ id: 6, section: 'content' })).misplaced).toBe(1);
});
