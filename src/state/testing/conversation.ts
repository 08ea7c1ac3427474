import type { ChatSpan, Role, Section } from '../../lens/api/chat';
import type { Token } from '../../lens/api/text';

/** Tokens of a conversation, written by hand: each [role, turn, section, texts]. */
export type Written = readonly [role: Role | null, turn: number | null, section: Section, ...texts: string[]];

export const conversation = (...written: Written[]): Token[] =>
  written
    .flatMap(([role, turn, section, ...texts]) =>
      texts.map((text) => ({ text, special: /^<.*>$/.test(text), span: { role, turn, section } satisfies ChatSpan })),
    )
    .map((token, position) => ({ id: position, position, ...token }));

/** Three turns, of which the last thinks before it answers, and is begun. Positions 0 to 23. */
export const threeTurns = (): Token[] =>
  conversation(
    ['user', 0, 'template', '<im_start>', 'user', '\n'],
    ['user', 0, 'content', 'Hello', '.', ' Who', ' are', ' you', '?'],
    ['user', 0, 'template', '<im_end>', '\n'],
    ['assistant', 1, 'template', '<im_start>', 'assistant', '\n', '<think>'],
    ['assistant', 1, 'thinking', ' A', ' question'],
    ['assistant', 1, 'template', '</think>', '\n\n'],
    ['assistant', 1, 'content', 'I', ' read', '.', ' You', ' ask'],
  );
