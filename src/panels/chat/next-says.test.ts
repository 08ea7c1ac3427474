import { expect, test } from 'vitest';
import type { Chat } from '../../lens/api/chat';
import { nextSays, nextWords, stageOf } from './next-says';

const idle = { plan: null, streams: null, coming: null, stale: false, status: 'idle' as const };
const asked: Chat = { messages: [{ role: 'user', content: 'How many?' }] };

test('what can be done is said of the turn that waits, by its number', () => {
  expect(stageOf(asked, idle)).toBe('waits');
  expect(nextWords({ stage: 'waits', turn: 3, drafted: false })).toBe('Turn 3 waits for an answer.');
  expect(nextSays({ stage: 'waits', turn: 3, drafted: false })).toBeNull();
  expect(nextSays({ stage: 'waits', turn: 3, drafted: true })).toBe(
    'Turn 3 waits for an answer: press Answer, then send.',
  );
});

test('a begun answer goes on, and behind a whole one the user speaks', () => {
  const answered: Chat = { messages: [...asked.messages, { role: 'assistant', content: 'Seven' }] };
  expect(stageOf({ ...answered, open: true }, idle)).toBe('begun');
  expect(stageOf(answered, idle)).toBe('said');
  expect(nextWords({ stage: 'said', turn: 1, drafted: false })).toBe('Say something. Enter sends it.');
});
