import { type Chat, ROLES } from '../../lens/api/chat';
import { chatFrom, isFault, MOST_MESSAGES } from '../../lens/exchange/chat-fields';
import { isObject } from '../../lens/exchange/objects';
import { parsedJson } from '../base/json';
import { LONGEST_PROMPT } from './link-limit';

const LETTERS = { system: 's', user: 'u', assistant: 'a' } as const;

/** How many of the first turns a link of so many characters carries: whole ones alone, so that none is silently another.
 *  It carries half as many tokens of a begun answer. */
export function turnsCarried({ messages, ids }: Chat, longest = LONGEST_PROMPT): number {
  let room = longest;
  const fits = messages.findIndex(({ content }) => {
    room -= content.length;
    return room < 0;
  });
  const most = Math.min(fits < 0 ? messages.length : fits, MOST_MESSAGES);
  return ids && ids.length > longest / 2 ? Math.min(most, messages.length - 1) : most;
}

/** A conversation as compact JSON: its turns as letter and text; `o` begun, `i` its tokens, `t` thinking, `n` the
 *  template's name, `x` how many turns there were where not all are here. */
export function writeChat(chat: Chat, longest = LONGEST_PROMPT): string {
  const { messages, open, ids, thinking, template } = chat;
  const n = turnsCarried(chat, longest);
  const whole = n === messages.length;
  return JSON.stringify({
    m: messages.slice(0, n).map(({ role, content }) => [LETTERS[role], content]),
    ...(open && whole && { o: 1 }),
    ...(open && ids && whole && { i: ids }),
    ...(thinking && { t: 1 }),
    ...(template && { n: template }),
    ...(!whole && { x: messages.length }),
  });
}

/** Reads what `writeChat` wrote; it may come from anybody. Null and a sentence for what is no conversation. `whole`: all of
 *  it could be decoded. */
export function readChat(json: string, whole = true, longest = LONGEST_PROMPT): { chat: Chat | null; says: string[] } {
  const damaged = { chat: null, says: ['The link’s conversation is damaged: it is left out.'] };
  const value = parsedJson(json);
  if (!isObject(value) || !Array.isArray(value.m)) return damaged;
  const messages = value.m.map(turnOf);
  const { x } = value;
  const all = Number.isInteger(x) && (x as number) > messages.length ? (x as number) : messages.length;
  if (!messages.length && all > 0)
    return {
      chat: null,
      says: [`The link’s conversation was too long for a link: none of its ${all} turns is in it.`],
    };
  const { o, i, t, n } = value;
  const chat = soundChat(
    {
      messages,
      ...(o === 1 && { open: true }),
      ...(i !== undefined && { ids: i }),
      ...(t === 1 && { thinking: true }),
      ...(n !== undefined && { template: n }),
    },
    longest,
  );
  if (!chat) return damaged;
  const says: string[] = [];
  if (!whole) says.push('The link’s conversation is damaged: what can be read is shown.');
  if (all > messages.length)
    says.push(`The link carries the first ${messages.length} of the conversation’s ${all} turns.`);
  return { chat, says };
}

function turnOf(value: unknown): unknown {
  if (!Array.isArray(value)) return null;
  const [letter, content] = value as unknown[];
  return { role: ROLES.find((role) => LETTERS[role] === letter), content };
}

/** A conversation of texts of at most `longest` characters in all, or null for anything else. */
export function soundChat(value: unknown, longest: number): Chat | null {
  const read = chatFrom(value, longest);
  return isFault(read) ? null : read;
}
