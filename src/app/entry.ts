import type { Chat } from '../lens/api/chat';
import { soundChat } from '../state/page/link-chat';

/** What the browser keeps with an entry of its history. */
export interface Entry {
  /** Entries of the same number show the same sheet, in whatever place the reader was. */
  sheet: number;
  /** The model whose ids the entry's site, feature and edits are. */
  model: string;
  /** The whole text, where the link does not spell it out; its length, where the browser would not keep it. */
  text?: string | number;
  /** In the same way the conversation, or the number of its turns. */
  chat?: Chat | number;
  /** The thread of the conversation: going back through one leaves no copies of it. */
  thread?: string;
}

/** Null for the state of an entry that is not this page's. */
export const entryOf = (state: unknown): Entry | null =>
  typeof state === 'object' && state !== null && 'sheet' in state && 'model' in state ? (state as Entry) : null;

/** What an entry keeps beside its link: text and conversation, or how much of them the browser would not keep. */
export function keptWith(state: unknown) {
  const { text, chat } = entryOf(state) ?? {};
  return {
    text: typeof text === 'string' ? text : null,
    lost: typeof text === 'number' ? text : null,
    chat: typeof chat === 'object' ? soundChat(chat, Number.POSITIVE_INFINITY) : null,
    lostTurns: typeof chat === 'number' ? chat : null,
  };
}
