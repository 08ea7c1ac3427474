import { expect, test } from 'vitest';
import type { Chat } from '../../lens/api/chat';
import type { TokenLogprob } from '../../lens/api/text';
import { threeTurns } from '../testing/conversation';
import { settled } from '../testing/lens';
import { withBench } from '../testing/workbench';
import { refuseBranch } from './alternatives';

const on = withBench();
const shown = () => on.bench.alternatives.store.getState();
const token = (text: string): TokenLogprob => ({ id: 7, text, logprob: -1 });

test('alternatives are asked of the place before the locked token, and only while they are shown', async () => {
  await on.open('p=one+two+three&t=2');
  expect(shown().key).toBeNull();
  on.bench.view.set({ words: 'alternatives' });
  await settled();
  expect(shown().value!.list[0]!.text).toBe('after 1');
  // The token that stands there, by its own probability.
  expect(shown().value!.chosen).toEqual({ id: ' three'.length, logprob: -1 });
  on.bench.view.toggleLock(1);
  await settled();
  expect(shown().value!.list[0]!.text).toBe('after 0');
  expect(shown().answered).toBe(shown().key);
});

test('the first token has none, and nothing is asked without a locked token', async () => {
  await on.open('p=one+two&t=1');
  on.bench.view.set({ words: 'alternatives' });
  await settled();
  on.bench.view.toggleLock(0);
  await settled();
  expect(shown().value).toBeNull();
  on.bench.view.unlock();
  await settled();
  expect(shown()).toMatchObject({ key: null, value: null, error: null });
});

test('another text is asked anew at the same place', async () => {
  await on.open('p=one+two&t=1');
  on.bench.view.set({ words: 'alternatives' });
  await settled();
  const before = shown().key;
  await on.bench.show({ text: 'three four' });
  on.bench.view.toggleLock(1);
  await settled();
  expect(shown().key).not.toBe(before);
  expect(shown().answered).toBe(shown().key);
});

test('a run keeps the alternatives of its tokens', async () => {
  await on.open('p=one+two');
  await on.bench.generate();
  const { streams } = on.bench.runner.store.getState();
  expect(streams!.baseline.map(({ alternatives }) => alternatives?.[0]?.text)).toEqual([' other', ' other', ' other']);
});

test('a plain text goes on from whole characters; a conversation from the assistant’s tokens, whatever they are', () => {
  expect(refuseBranch('text', token(' a'), null)).toBeNull();
  expect(refuseBranch('text', token('‹E5 8D›'), null)).toMatch(/Part of a character/);
  const chat: Chat = {
    messages: [
      { role: 'user', content: 'Hello. Who are you?' },
      { role: 'assistant', content: '<think> A question</think>\n\nI read. You ask' },
    ],
    open: true,
  };
  expect(refuseBranch(chat, token('‹E5 8D›'), null)).toBeNull();
  const tokens = threeTurns();
  const at = (text: string) =>
    refuseBranch(chat, token(' x'), { tokens, position: tokens.findIndex((t) => t.text === text) });
  expect(at(' You')).toBeNull();
  expect(at(' question')).toBeNull();
  expect(at(' Who')).toMatch(/a word of the assistant’s/);
  expect(at('assistant')).toMatch(/a word of the assistant’s/);
});
