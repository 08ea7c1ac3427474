import { expect, test } from 'vitest';
import type { ChatSpan, Role, Section } from '../api/chat';
import { TextFacts, type TokenKinds } from './text-facts';

const [THINK, THOUGHT, END] = [90, 91, 92];
const kinds: TokenKinds = { isSpecial: (id) => id === END, thinkTags: { open: THINK, close: THOUGHT } };
const span = (role: Role | null, turn: number | null, section: Section): ChatSpan => ({ role, turn, section });
const user = span('user', 0, 'content');
const header = span('assistant', 1, 'template');

/** Of a conversation its turn 1 goes on. */
function facts(ids: number[], spans: ChatSpan[] | null, known = kinds) {
  return new TextFacts({ ids, spans, turn: spans && 1 }, known, [END]);
}

/** Sections of a row that takes the tokens. */
function sections(text: TextFacts, ids: number[]): (Section | undefined)[] {
  const row = text.row();
  return ids.map((id) => {
    const peeked = row.spanOf(id);
    const { span } = row.push(id);
    expect(peeked).toEqual(span);
    return span?.section;
  });
}

test('a text’s tokens are the prompt; what is generated follows at the next positions', () => {
  const text = facts([5, END, 7], null);
  expect(text.tokens).toEqual([
    { position: 0, prompt: 3, special: false, span: null },
    { position: 1, prompt: 3, special: true, span: null },
    { position: 2, prompt: 3, special: false, span: null },
  ]);
  const [one, other] = [text.row(), text.row()];
  expect(one.push(THINK)).toEqual({ position: 3, prompt: 3, special: false, span: null });
  expect(one.push(END)).toEqual({ position: 4, prompt: 3, special: true, span: null });
  expect(other.push(8).position).toBe(3);
  expect(one.spanOf(8)).toBeNull();
});

test('generated tokens are the assistant’s, in the turn that is said, whatever the spans show of it', () => {
  const shown = [[user, header], [span(null, null, 'template')], [user]];
  for (const spans of shown) {
    const text = new TextFacts({ ids: spans.map((_, i) => i), spans, turn: 2 }, kinds);
    expect(text.row().push(8).span).toEqual(span('assistant', 2, 'content'));
  }
});

test('thinking lasts from its tag to the other; the tags and the end of the turn are the template’s', () => {
  const text = facts([1, 2], [user, header]);
  expect(sections(text, [THINK, 8, 9, THOUGHT, 10, END])).toEqual([
    'template',
    'thinking',
    'thinking',
    'template',
    'content',
    'template',
  ]);
  expect(sections(text, [8])).toEqual(['content']);
  const without = facts([1, 2], [user, header], { ...kinds, thinkTags: null });
  expect(sections(without, [THINK, 8])).toEqual(['content', 'content']);
});

test('a row goes on thinking where its own turn of the prompt had begun to', () => {
  const thinks = (ids: number[], spans: ChatSpan[]) => sections(facts(ids, spans), [8])[0] === 'thinking';
  expect(thinks([1, THINK, 2], [user, header, header])).toBe(true);
  expect(thinks([1, THINK, 2, THOUGHT], [user, header, header, header])).toBe(false);
  expect(thinks([1, THINK, THOUGHT, THINK], [user, header, header, header])).toBe(true);
  // The tag in what the user wrote begins nothing.
  expect(thinks([THINK, 2], [user, header])).toBe(false);
});
