import { expect, test } from 'vitest';
import { parseWhere } from '../../lens/maths/where';
import { conversation, threeTurns } from '../testing/conversation';
import { chipsOf } from './chips';
import { namesTurns, tokensSay } from './place-words';
import { scopeSays, scopesOf, withOwn } from './scopes';
import { partsOf } from './turns';

test('a list can be over who speaks, thinking and answers, and each turn', () => {
  const scopes = scopesOf(partsOf(chipsOf(threeTurns()))!);
  expect(scopes).toEqual([
    { where: 'user', says: 'the user’s turns' },
    { where: 'assistant', says: 'the assistant’s turns' },
    { where: 'thinking', says: 'the assistant’s thinking' },
    { where: 'answer', says: 'the assistant’s answers' },
    { where: 'turn0', says: 'turn 0, user' },
    { where: 'turn1', says: 'turn 1, assistant' },
    { where: 'turn1.thinking', says: 'turn 1, thinking' },
    { where: 'turn1.answer', says: 'turn 1, answer' },
  ]);
  const begun = [...threeTurns(), ...conversation(['user', 2, 'template', '<im_start>'])];
  expect(scopesOf(partsOf(chipsOf(begun))!)).toEqual(scopes);
  // What came by a link stands among them.
  expect(withOwn(scopes, 'turn1')).toBe(scopes);
  expect(withOwn(scopes, 'user.text').at(-1)).toEqual({
    where: 'user.text',
    says: 'the user’s turns, without template and special tokens',
  });
  expect(scopeSays('nobody')).toBe('nobody');
});

test('every place is said in plain words', () => {
  const said = (where: string) => tokensSay(parseWhere(where));
  const expected: Record<string, string> = {
    all: 'all tokens',
    prompt: 'the prompt',
    generated: 'what is generated',
    first1: 'the first generated token',
    first16: 'the first 16 generated tokens',
    'from-last': 'the prompt’s last token and what is generated',
    system: 'the system’s turns',
    turn2: 'turn 2',
    'assistant.turn2': 'turn 2, if it is the assistant’s',
    thinking: 'the assistant’s thinking',
    'assistant.answer': 'the assistant’s answers',
    'turn2.answer': 'the answer of turn 2',
    'user.thinking': 'the thinking in the user’s turns',
    text: 'all tokens, without template and special tokens',
    'first16.assistant.text':
      'the first 16 generated tokens, in the assistant’s turns, without template and special tokens',
  };
  expect(Object.fromEntries(Object.keys(expected).map((where) => [where, said(where)]))).toEqual(expected);
  expect(['generated.text', 'user', 'turn1', 'answer'].map((where) => namesTurns(parseWhere(where)))).toEqual([
    false,
    true,
    true,
    true,
  ]);
});
