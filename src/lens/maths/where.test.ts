import { expect, test } from 'vitest';
import type { ChatSpan, Role, Section } from '../api/chat';
import { InvalidEditError } from '../api/errors';
import { parseWhere, placeOf, reaches, type TokenFacts, writeWhere } from './where';

test('the written form reads and writes, its words in one order', () => {
  for (const [text, place, written] of [
    ['all', {}],
    ['prompt', { phase: 'prompt' }],
    ['generated.thinking', { phase: 'generated', section: 'thinking' }],
    ['from-last', { phase: 'from-last' }],
    ['first16', { phase: { first: 16 } }],
    ['first1000000', { phase: { first: 1_000_000 } }],
    ['system', { role: 'system' }],
    ['user.turn2', { role: 'user', turn: 2 }],
    ['turn0', { turn: 0 }],
    ['answer.text', { section: 'answer', text: true }],
    ['text.thinking.turn1.assistant.generated', undefined, 'generated.assistant.turn1.thinking.text'],
    ['first007', { phase: { first: 7 } }, 'first7'],
  ] as const) {
    const read = parseWhere(text);
    if (place) expect(read, text).toEqual(place);
    expect(writeWhere(read)).toBe(written ?? text);
    expect(parseWhere(writeWhere(read))).toEqual(read);
  }
});

test('what is no written form is refused', () => {
  const hostile = [
    '',
    '.',
    'all.prompt',
    'prompt.all',
    'prompt.',
    '.prompt',
    'prompt..text',
    'Prompt',
    ' prompt',
    'prompt\n',
    'prompt,text',
    'later',
    'first',
    'first0',
    'first-1',
    'first1.5',
    'first1e3',
    'first1000001',
    'first99999999999999999999',
    'turn',
    'turn-1',
    'turn1000001',
    'turn٣',
    'from_last',
    '__proto__',
    'constructor',
    'toString',
    `${'text.'.repeat(100_000)}text`,
    'x'.repeat(100_000),
  ];
  for (const text of hostile) expect(() => parseWhere(text), text.slice(0, 30)).toThrow(InvalidEditError);
  for (const text of ['prompt.generated', 'first3.prompt', 'user.user', 'thinking.answer', 'turn1.turn2', 'text.text'])
    expect(() => parseWhere(text), text).toThrow('two words for one thing');
  for (const text of hostile)
    try {
      parseWhere(text);
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(400);
    }
});

const span = (role: Role | null, turn: number | null, section: Section): ChatSpan => ({ role, turn, section });

/** Default system prompt, user, a think tag, a thought, an answer; then generated: a tag, a thought, an answer, and a
 *  special token that ends the turn. */
const CONVERSATION = [
  [span(null, null, 'template'), true],
  [span('user', 0, 'template'), true],
  [span('user', 0, 'content'), false],
  [span('user', 0, 'content'), true],
  [span('assistant', 1, 'template'), false],
  [span('assistant', 1, 'thinking'), false],
  [span('assistant', 1, 'template'), false],
  [span('assistant', 1, 'content'), false],
  [span('assistant', 1, 'content'), true],
  [span('assistant', 1, 'template'), true],
] as const;
const PROMPT = 6;

function reached(where: string | number[] | undefined, spans = true): number[] {
  const place = placeOf({ where });
  const facts: TokenFacts[] = CONVERSATION.map(([of, special], position) => {
    return { position, prompt: PROMPT, special, span: spans ? of : null };
  });
  return facts.filter((token) => reaches(place, token)).map(({ position }) => position);
}

test('each word reaches the tokens that it says', () => {
  const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  for (const [where, tokens] of [
    [undefined, all],
    ['all', all],
    ['prompt', [0, 1, 2, 3, 4, 5]],
    ['generated', [6, 7, 8, 9]],
    ['first1', [6]],
    ['first3', [6, 7, 8]],
    ['first100', [6, 7, 8, 9]],
    ['from-last', [5, 6, 7, 8, 9]],
    ['system', []],
    ['user', [1, 2, 3]],
    ['assistant', [4, 5, 6, 7, 8, 9]],
    ['turn0', [1, 2, 3]],
    ['turn1', [4, 5, 6, 7, 8, 9]],
    ['turn2', []],
    ['thinking', [5]],
    ['answer', [7, 8]],
    ['text', [2, 5, 7]],
    ['user.text', [2]],
    ['generated.answer.text', [7]],
    ['from-last.assistant.text', [5, 7]],
    ['user.turn1', []],
    [[], []],
    [
      [0, 8, 400],
      [0, 8],
    ],
  ] as const)
    expect(reached(where as string | number[]), String(where)).toEqual(tokens);
});

test('a plain text has no turns: words for them reach nothing, and text spares special tokens', () => {
  for (const where of ['system', 'user', 'assistant', 'turn0', 'turn1', 'thinking', 'answer'])
    expect(reached(where, false), where).toEqual([]);
  expect(reached('text', false)).toEqual([2, 4, 5, 6, 7]);
  expect(reached('from-last.text', false)).toEqual([5, 6, 7]);
});
