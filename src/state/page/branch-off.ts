import type { Chat, Message } from '../../lens/api/chat';
import type { Lens } from '../../lens/api/lens';
import type { Token, TokenLogprob } from '../../lens/api/text';
import type { StreamKind } from '../base/view';
import { answerOf } from '../chat/answer';
import type { Origin } from '../chat/branches';
import type { Streams } from '../steering/run';

/** A token that an alternative is put in the place of: one of a generated text, or one of what was read. */
export type Place = { stream: StreamKind; index: number } | { position: number };

/** A conversation that goes on from a place with another token. */
export interface Offshoot {
  chat: Chat;
  from: Origin;
}

/** A token's name where its bytes are no whole characters, as lists show it. */
const BYTES = /^‹[0-9A-F]{2}(?: [0-9A-F]{2})*›$/;

/** What a token of a list adds to a text. */
export const wordOf = ({ text }: Pick<TokenLogprob, 'text'>): string => (BYTES.test(text) ? '' : text);

/** The tokens of the begun answer; an empty list without one, null where they cannot be told from its words. */
export async function begunIds(lens: Lens, chat: Chat): Promise<number[] | null> {
  const { open, ids, messages, ...rest } = chat;
  if (!open) return [];
  if (ids) return ids;
  if (messages.length < 2) return null;
  const [before, all] = await Promise.all([
    lens.tokenize({ ...rest, messages: messages.slice(0, -1) }),
    lens.tokenize(chat),
  ]);
  return before.every(({ id }, i) => all[i]?.id === id) ? all.slice(before.length).map(({ id }) => id) : null;
}

/** What a begun answer of these tokens says, by the tokenizer; null where that cannot be told. A last character that they
 *  cut is left out. */
export async function wordsOf(lens: Lens, chat: Chat, ids: readonly number[]): Promise<string | null> {
  const tokens = await lens.tokenize({ ...chat, open: true, ids: [...ids] }).catch(() => null);
  const own = ids.length ? (tokens?.slice(-ids.length) ?? []) : [];
  return own.length === ids.length && own.every(({ id }, i) => id === ids[i])
    ? textOf(own).replace(/\ufffd{1,3}$/, '')
    : null;
}

/** The offshoot in the words of its tokens: a character that the tokens before the place begin and the one put there
 *  completes is whole only in all of them. */
export async function worded(lens: Lens, { chat, from }: Offshoot): Promise<Offshoot> {
  const content = chat.ids ? await wordsOf(lens, chat, chat.ids) : null;
  if (content === null) return { chat, from };
  return { chat: { ...chat, messages: chat.messages.with(-1, { role: 'assistant', content }) }, from };
}

/** From a generated text of `chat`: what stands before the token, and the alternative in its place, as a begun answer. */
export function offStream(
  chat: Chat,
  begun: readonly number[] | null,
  rows: NonNullable<Streams[StreamKind]>,
  index: number,
  token: TokenLogprob,
): Offshoot {
  const { messages, open, ids: _ids, ...rest } = chat;
  const head = open ? messages.slice(0, -1) : messages;
  const before = answerOf(rows, [], index);
  const content = (open ? messages.at(-1)!.content : '') + before.text + wordOf(token);
  const ids = begun && before.ids && [...begun, ...before.ids, token.id];
  return {
    chat: { ...rest, messages: [...head, { role: 'assistant', content }], open: true, ...(ids && { ids }) },
    from: {
      turn: head.length,
      token: index + 1,
      position: null,
      was: rows[index]?.text ?? '',
      now: token.text,
    },
  };
}

/** From a token of the conversation itself; null where that is no word of the assistant's. What comes behind it goes. */
export function offPosition(
  chat: Chat,
  tokens: readonly Token[],
  position: number,
  token: TokenLogprob,
): Offshoot | null {
  const at = tokens[position];
  const turn = at?.span?.turn ?? null;
  if (!at || turn === null || at.span?.role !== 'assistant' || turn >= chat.messages.length) return null;
  const own = tokens.filter(({ span }) => span?.turn === turn);
  const first = beginOf(own, chat.messages[turn]!);
  if (first === null || position < first) return null;
  const said = own.filter((each) => each.position >= first && each.position < position);
  const { messages, open: _open, ids: _ids, ...rest } = chat;
  const content = textOf(said) + wordOf(token);
  return {
    chat: {
      ...rest,
      messages: [...messages.slice(0, turn), { role: 'assistant', content }],
      open: true,
      ids: [...said.map(({ id }) => id), token.id],
    },
    from: { turn, token: null, position, was: at.fragment?.text ?? at.text, now: token.text },
  };
}

/** Position of the turn's first token that is not the template's header: where its words begin, with the tag of a
 *  thinking that the words begin with. */
function beginOf(own: readonly Token[], { content }: Message): number | null {
  const word = own.find(({ span }) => span?.section !== 'template');
  if (!word) return null;
  const tag = own.find(({ text }) => text === '<think>');
  return tag && tag.position < word.position && content.trimStart().startsWith('<think>')
    ? tag.position
    : word.position;
}

/** The text of tokens; a character that the last of them does not complete is left out. */
export function textOf(tokens: readonly Token[]): string {
  let text = '';
  for (let i = 0; i < tokens.length; ) {
    const { fragment, text: alone } = tokens[i]!;
    if (!fragment) {
      text += alone;
      i++;
    } else {
      const parts = tokens.slice(i, i + fragment.count - fragment.index);
      if (fragment.index === 0 && parts.length === fragment.count) text += fragment.text;
      i += parts.length;
    }
  }
  return text;
}
