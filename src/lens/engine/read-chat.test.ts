import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Chat, Message, Role } from '../api/chat';
import { ChatTemplateError } from '../api/errors';
import { toyTokenizer } from '../testing/toy-tokenizer';
import { Tokenizer } from './tokenizer';

const CHATML =
  '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';
/** As Qwen2.5: a system prompt of its own where none is given. */
const WITH_DEFAULT = `{% if messages[0].role != 'system' %}<|im_start|>system\nBe kind.<|im_end|>\n{% endif %}${CHATML}`;
/** As Qwen3: thinking stands in the last answer alone, and is trimmed. */
const THINKING =
  "{% for m in messages %}{% set text = m.content %}{% set thought = '' %}{% if m.role == 'assistant' and '</think>' in text %}{% set thought = text.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}{% set text = text.split('</think>')[-1].lstrip('\\n') %}{% endif %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' and loop.last %}<think>\n{{ thought }}\n</think>\n\n{% endif %}{{ text }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}";
/** As Llama 2: the system prompt within the user's turn, everything trimmed, roles that must alternate. */
const INST =
  "{{ bos_token }}{% if messages[0].role == 'system' %}{% set system = '<<SYS>>\\n' + messages[0].content + '\\n<</SYS>>\\n\\n' %}{% set rest = messages[1:] %}{% else %}{% set system = '' %}{% set rest = messages %}{% endif %}{% for m in rest %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate, please.') }}{% endif %}{% if m.role == 'user' %}[INST] {{ system if loop.first else '' }}{{ m.content | trim }} [/INST]{% else %} {{ m.content | trim }} <|im_end|>{% endif %}{% endfor %}";

const chatml = toyTokenizer({ template: CHATML });
const thinking = toyTokenizer({ template: THINKING });
const inst = toyTokenizer({ template: INST, special: ['<s>', '<|im_end|>'], settings: { bos_token: '<s>' } });

const turns = (...messages: [Role, string][]): Message[] => messages.map(([role, content]) => ({ role, content }));

/** A conversation as its stretches of one span: role, turn and section, then the text. */
function stretches(tokenizer: Tokenizer, chat: Chat): string[] {
  const { ids, spans } = tokenizer.read(chat);
  expect(spans).toHaveLength(ids.length);
  const found: { span: string; ids: number[] }[] = [];
  for (const [at, id] of ids.entries()) {
    const { role, turn, section } = spans![at]!;
    const span = `${role} ${turn} ${section}`;
    if (found.at(-1)?.span === span) found.at(-1)!.ids.push(id);
    else found.push({ span, ids: [id] });
  }
  return found.map(({ span, ids: own }) => `${span}: ${tokenizer.decode(own)}`);
}

test('each token of a conversation knows who says it, in which turn, and what the template wrote', () => {
  const messages = turns(['system', 'Be brief.'], ['user', 'Who?\nYou?'], ['assistant', 'I.'], ['user', 'Why?']);
  expect(stretches(chatml, { messages })).toEqual([
    'system 0 template: <|im_start|>system\n',
    'system 0 content: Be brief.',
    'system 0 template: <|im_end|>\n',
    'user 1 template: <|im_start|>user\n',
    'user 1 content: Who?\nYou?',
    'user 1 template: <|im_end|>\n',
    'assistant 2 template: <|im_start|>assistant\n',
    'assistant 2 content: I.',
    'assistant 2 template: <|im_end|>\n',
    'user 3 template: <|im_start|>user\n',
    'user 3 content: Why?',
    'user 3 template: <|im_end|>\n',
    'assistant 4 template: <|im_start|>assistant\n',
  ]);
});

test('a system prompt that the template writes of itself is nobody’s turn', () => {
  const own = toyTokenizer({ template: WITH_DEFAULT });
  expect(stretches(own, { messages: turns(['user', 'Hi']) }).slice(0, 3)).toEqual([
    'null null template: <|im_start|>system\nBe kind.<|im_end|>\n',
    'user 0 template: <|im_start|>user\n',
    'user 0 content: Hi',
  ]);
});

test('thinking is told from the answer; of an earlier turn the template keeps the answer alone', () => {
  const content = '<think>\nHm.\n</think>\n\nYes.';
  const messages = turns(['user', 'Really?'], ['assistant', content], ['user', 'Sure?'], ['assistant', content]);
  expect(stretches(thinking, { messages }).slice(3)).toEqual([
    'assistant 1 template: <|im_start|>assistant\n',
    'assistant 1 content: Yes.',
    'assistant 1 template: <|im_end|>\n',
    'user 2 template: <|im_start|>user\n',
    'user 2 content: Sure?',
    'user 2 template: <|im_end|>\n',
    'assistant 3 template: <|im_start|>assistant\n<think>\n',
    'assistant 3 thinking: Hm.',
    'assistant 3 template: \n</think>\n\n',
    'assistant 3 content: Yes.',
    'assistant 3 template: <|im_end|>\n',
  ]);
});

test('a template that puts the system prompt into the user’s turn, and trims', () => {
  const messages = turns(['system', 'Be brief.'], ['user', ' Who?\n'], ['assistant', 'I.'], ['user', 'Why?']);
  expect(stretches(inst, { messages })).toEqual([
    'null null template: <s>',
    'system 0 template: [INST] <<SYS>>\n',
    'system 0 content: Be brief.',
    'user 1 template: \n<</SYS>>\n\n',
    'user 1 content: Who?',
    'user 1 template:  [/INST]',
    'assistant 2 template:  ',
    'assistant 2 content: I.',
    'assistant 2 template:  <|im_end|>',
    'user 3 template: [INST] ',
    'user 3 content: Why?',
    'user 3 template:  [/INST]',
  ]);
});

test('contents that look like the template are told from it', () => {
  const messages = turns(['user', 'user'], ['assistant', 'assistant'], ['user', '<|im_end|>\n<|im_start|>assistant\n']);
  expect(stretches(chatml, { messages }).filter((stretch) => stretch.includes('content'))).toEqual([
    'user 0 content: user',
    'assistant 1 content: assistant',
    'user 2 content: <|im_end|>\n<|im_start|>assistant\n',
  ]);
  const own = turns(['user', '[INST]'], ['assistant', ' [/INST] '], ['user', ' [/INST]<|im_end|>']);
  expect(stretches(inst, { messages: own })).toEqual([
    'null null template: <s>',
    'user 0 template: [INST] ',
    'user 0 content: [INST]',
    'user 0 template:  [/INST]',
    'assistant 1 template:  ',
    'assistant 1 content: [/INST]',
    'assistant 1 template:  <|im_end|>',
    'user 2 template: [INST] ',
    'user 2 content: [/INST]<|im_end|>',
    'user 2 template:  [/INST]',
  ]);
});

test('white space that the template keeps is said, what it adds is not, empty messages keep their place', () => {
  const messages = turns(['user', '  a\r\n'], ['assistant', ''], ['user', ' \n']);
  expect(stretches(chatml, { messages })).toEqual([
    'user 0 template: <|im_start|>user\n',
    'user 0 content:   a\r\n',
    'user 0 template: <|im_end|>\n',
    'assistant 1 template: <|im_start|>assistant\n<|im_end|>\n',
    'user 2 template: <|im_start|>user\n',
    'user 2 content:  \n',
    'user 2 template: <|im_end|>\n',
    'assistant 3 template: <|im_start|>assistant\n',
  ]);
  expect(stretches(inst, { messages: turns(['user', '  a\r\n'], ['assistant', ' b']) })).toEqual([
    'null null template: <s>',
    'user 0 template: [INST] ',
    'user 0 content: a',
    'user 0 template:  [/INST]',
    'assistant 1 template:  ',
    'assistant 1 content: b',
    'assistant 1 template:  <|im_end|>',
  ]);
});

test('a token over the border, and the tokens of one character, belong to what was said', () => {
  const merged = toyTokenizer({
    template: 'Q: {{ messages[0].content }}{% if add_generation_prompt %}{% endif %}',
    merges: [['Ġ', 'a']],
  });
  expect(stretches(merged, { messages: turns(['user', 'a龘']) })).toEqual([
    'user 0 template: Q:',
    'user 0 content:  a龘',
  ]);
});

test('texts that the tokenizer brings into normal form keep their places', () => {
  const messages = turns(['user', 'cafe\u0301'], ['assistant', 'A\u030a!']);
  expect(stretches(chatml, { messages }).filter((stretch) => stretch.includes('content'))).toEqual([
    'user 0 content: caf\u00e9',
    'assistant 1 content: \u00c5!',
  ]);
});

test('a begun message goes on where the assistant begins: thinking up to its closing tag', () => {
  const messages = turns(['user', 'Hi'], ['assistant', '<think>\nWell</think>Yes']);
  expect(stretches(thinking, { messages, open: true, thinking: true }).slice(3)).toEqual([
    'assistant 1 template: <|im_start|>assistant\n<think>',
    'assistant 1 thinking: \nWell',
    'assistant 1 template: </think>',
    'assistant 1 content: Yes',
  ]);
  const begun = turns(['user', 'Hi'], ['assistant', ' Yes ']);
  expect(stretches(thinking, { messages: begun, open: true }).slice(3)).toEqual([
    'assistant 1 template: <|im_start|>assistant\n<think>\n\n</think>\n\n',
    'assistant 1 content:  Yes ',
  ]);
  expect(stretches(thinking, { messages: turns(['user', 'Hi'], ['assistant', '']), open: true }).slice(3)).toEqual([
    'assistant 1 template: <|im_start|>assistant\n<think>\n\n</think>\n\n',
  ]);
});

test('a begun message is thinking from its first token where the template opens the thought', () => {
  const opens = toyTokenizer({ template: CHATML.replace('assistant\n{% endif %}', 'assistant\n<think>\n{% endif %}') });
  const messages = turns(['user', 'Hi'], ['assistant', 'Hm</think>Yes']);
  const end = 'assistant 1 template: <|im_end|>\n';
  for (const [tokenizer, section] of [
    [opens, 'thinking'],
    [chatml, 'content'],
  ] as const) {
    const said = [`assistant 1 ${section}: Hm`, 'assistant 1 template: </think>', 'assistant 1 content: Yes'];
    expect(stretches(tokenizer, { messages, open: true }).slice(-3)).toEqual(said);
    expect(stretches(tokenizer, { messages }).slice(-4)).toEqual([...said, end]);
  }
});

test('the exact tokens of a begun message stand in place of its text', () => {
  const messages = turns(['user', 'Hi'], ['assistant', '\ufffd']);
  const [first] = chatml.encode('龘');
  const { ids, text } = chatml.read({ messages, open: true, ids: [first!, 65] });
  expect(ids.slice(-2)).toEqual([first, 65]);
  expect(text.endsWith('<|im_start|>assistant\n\ufffd')).toBe(false);
  expect(text).toContain('<|im_start|>assistant\n');
  expect(stretches(chatml, { messages, open: true, ids: [65, chatml.endOfTurn()!] }).slice(-2)).toEqual([
    `assistant 1 content: ${chatml.text(65)}`,
    'assistant 1 template: <|im_end|>',
  ]);
});

test.each<[string, Chat]>([
  ['no messages', { messages: [] }],
  ['an unknown role', { messages: [{ role: 'tool' as Role, content: '' }] }],
  ['no text', { messages: [{ role: 'user', content: 7 as never }] }],
  ['nothing', null as never],
  ['a number', 7 as never],
  ['no list', {} as never],
  ['ids that are no list', { messages: turns(['user', 'x'], ['assistant', '']), open: true, ids: '12' as never }],
  ['thinking that is none', { messages: turns(['user', 'x']), thinking: 1n as never }],
  ['a template that is no name', { messages: turns(['user', 'x']), template: 1n as never }],
  ['no message', { messages: [null as never] }],
  ['a user’s turn that is begun', { messages: turns(['user', 'x']), open: true }],
  ['ids of a whole turn', { messages: turns(['user', 'x'], ['assistant', 'y']), ids: [1] }],
  ...[-1, 1.5, chatml.size, '1' as never, undefined as never].map((id): [string, Chat] => [
    `the id ${id}`,
    { messages: turns(['user', 'x'], ['assistant', 'y']), open: true, ids: [id] },
  ]),
])('a conversation with %s is refused', (_, chat) => {
  expect(() => chatml.read(chat)).toThrow(ChatTemplateError);
});

test('a text that is put into a user’s turn reads as it did, and knows its turn', () => {
  const { text, ids, chat, spans } = thinking.read('Hi', { chat: true });
  const written = '<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n';
  expect([text, chat]).toEqual(['Hi', null]);
  expect([ids, spans!.length]).toEqual([thinking.encode(written), ids.length]);
  expect(thinking.read('Hi').spans).toBeNull();
});

test('ids go up to the model’s vocabulary, which may end behind the tokenizer’s', () => {
  const config = { tokenizer_class: 'Qwen2Tokenizer', chat_template: CHATML };
  const json = JSON.parse(readFileSync('public/models/lenslet-mini/tokenizer.json', 'utf8')) as unknown;
  const { size } = new Tokenizer(json, config);
  const tokenizer = new Tokenizer(json, config, null, size + 2);
  const messages = turns(['user', 'Hi'], ['assistant', '']);
  const read = (id: number) => tokenizer.read({ messages, open: true, ids: [id] }).ids.at(-1);
  expect(read(size + 1)).toBe(size + 1);
  expect(() => read(size + 2)).toThrow(`this model’s ids go from 0 to ${size + 1}.`);
});

test('generated tokens belong behind the last message, whatever the template shows of it', () => {
  // As a Mistral: a later system prompt is dropped, and nothing is written where the assistant begins.
  const drops = toyTokenizer({
    template:
      "{% for m in messages %}{% if m.role != 'system' or loop.first %}[{{ m.content }}]{% endif %}{% endfor %}",
  });
  const messages = turns(['user', 'a'], ['system', 'b']);
  expect(drops.read({ messages }).turn).toBe(2);
  expect(chatml.read({ messages }).turn).toBe(2);
  expect(chatml.read({ messages: [...messages, ...turns(['assistant', 'c'])], open: true }).turn).toBe(2);
  expect(chatml.read('x', { chat: true }).turn).toBe(1);
  expect(chatml.read('x').turn).toBeNull();
});

test('a conversation that was just read is not rendered again; one that differs is', () => {
  const tokenizer = toyTokenizer({ template: THINKING });
  const chat: Chat = { messages: turns(['user', 'a'], ['assistant', 'b']), open: true };
  const first = tokenizer.read(chat);
  expect(tokenizer.read(structuredClone(chat)).spans).toBe(first.spans);
  chat.messages[1]!.content = 'c';
  const others: Chat[] = [
    chat,
    { ...chat, thinking: true },
    { ...chat, ids: [66] },
    { messages: chat.messages },
    { messages: chat.messages.slice(0, 1) },
  ];
  const texts = others.map((other) => tokenizer.read(other).text);
  expect(texts).toEqual(others.map((other) => toyTokenizer({ template: THINKING }).read(other).text));
  expect(() => tokenizer.read({ ...chat, template: 'rag' })).toThrow(ChatTemplateError);
});

test('a content that the template drops is not found where the assistant begins', () => {
  const drops = toyTokenizer({
    template: CHATML.replace('{{ m.content }}', "{{ '' if m.content == 'assistant' else m.content }}"),
  });
  const said = stretches(drops, { messages: turns(['user', 'a'], ['user', 'assistant']) });
  expect(said.filter((stretch) => stretch.includes('content:'))).toEqual(['user 0 content: a']);
});

test('where nothing that was said can be found, only the place where the assistant begins is known', () => {
  const counts = toyTokenizer({
    template: '{{ messages[0].content | length }}{% if add_generation_prompt %}<|im_start|>{% endif %}',
  });
  expect(stretches(counts, { messages: turns(['user', 'abc']) })).toEqual([
    'null null template: 3',
    'assistant 1 template: <|im_start|>',
  ]);
});

test('tokens carry their spans', () => {
  const { ids, spans } = chatml.read({ messages: turns(['user', 'Hi']) });
  const tokens = chatml.tokens(ids, spans);
  expect(tokens.map(({ span }) => span)).toEqual(spans);
  expect('span' in chatml.tokens(ids)[0]!).toBe(false);
});
