import type { Chat, Message, Prompt, Role } from '../../lens/api/chat';
import { samePrompt } from '../reading/prompt';

/** Changes of a conversation. Each gives another one, which can be run: only the assistant's last turn is begun, and
 *  exact tokens stay only with the words that they are of. */

/** A conversation of one user's turn. */
export const begunWith = (text: string): Chat => ({ messages: [{ role: 'user', content: text }] });

/** Whether the last turn is the assistant's and whole: nothing can be generated behind it. */
export const isAnswered = (prompt: Prompt): boolean =>
  typeof prompt !== 'string' && !prompt.open && prompt.messages.at(-1)?.role === 'assistant';

/** Whether the last turn waits for an answer that was not given yet. */
export const awaitsAnswer = ({ messages }: Chat): boolean => {
  const last = messages.at(-1);
  return last?.role === 'user' && last.content !== '';
};

/** The conversation with other turns. Its last turn stays begun where it is still the last. */
function withTurns({ open, ids, ...rest }: Chat, messages: Message[], last = rest.messages.at(-1)): Chat {
  const stays = open === true && messages.at(-1) === last && last?.role === 'assistant';
  return { ...rest, messages, ...(stays && { open }), ...(stays && ids && { ids }) };
}

export function withContent(chat: Chat, turn: number, content: string): Chat {
  const was = chat.messages[turn];
  if (!was || was.content === content) return chat;
  const is = { ...was, content };
  const messages = chat.messages.with(turn, is);
  if (turn < messages.length - 1) return withTurns(chat, messages);
  const { ids: _others, ...words } = chat;
  return withTurns(words, messages, is);
}

export function withRole(chat: Chat, turn: number, role: Role): Chat {
  const was = chat.messages[turn];
  return was && was.role !== role ? withTurns(chat, chat.messages.with(turn, { ...was, role })) : chat;
}

/** One turn more, empty, at a place: of the assistant behind a user's, else of the user. */
export function withTurnAt(chat: Chat, turn: number): Chat {
  const role = chat.messages[turn - 1]?.role === 'user' ? 'assistant' : 'user';
  return withTurns(chat, chat.messages.toSpliced(turn, 0, { role, content: '' }));
}

/** Without a turn; the only one becomes an empty one of the user's. */
export function withoutTurn(chat: Chat, turn: number): Chat {
  return chat.messages.length > 1
    ? withTurns(chat, chat.messages.toSpliced(turn, 1))
    : withTurns(chat, begunWith('').messages);
}

/** A turn exchanged with the one before (-1) or behind it (1); the same where there is none. */
export function withMoved(chat: Chat, turn: number, by: 1 | -1): Chat {
  const [one, other] = [chat.messages[turn], chat.messages[turn + by]];
  return one && other ? withTurns(chat, chat.messages.with(turn, other).with(turn + by, one)) : chat;
}

/** The assistant's last turn begun, to be gone on with, or whole. `ids`: its exact tokens. */
export function withOpen({ open: _open, ids: _ids, ...chat }: Chat, open: boolean, ids?: number[]): Chat {
  const begun = open && chat.messages.at(-1)?.role === 'assistant';
  return { ...chat, ...(begun && { open }), ...(begun && ids && { ids }) };
}

/** The same for another model, whose tokens are others: a begun answer goes on from its words. */
export const fromWords = (chat: Chat): Chat => (chat.ids ? withOpen(chat, true) : chat);

/** Whether two conversations are the same but for exact tokens. */
export const sameWords = (a: Chat, b: Chat): boolean => samePrompt(fromWords(a), fromWords(b));

/** What the user says next: in the last turn where that is the user's and empty, else in one more. */
export function withSaid(chat: Chat, content: string): Chat {
  const last = chat.messages.at(-1);
  const messages = last?.role === 'user' && last.content === '' ? chat.messages.slice(0, -1) : chat.messages;
  return withTurns(chat, [...messages, { role: 'user', content }]);
}

/** The answer as the assistant's turn: behind the others, or in place of the one that it goes on with. */
export function withAnswer(chat: Chat, content: string): Chat {
  const messages = chat.open ? chat.messages.slice(0, -1) : chat.messages;
  return withTurns(chat, [...messages, { role: 'assistant', content }]);
}
