import { type Chat, type Message, ROLES } from '../../lens/api/chat';
import { LONGEST_PROMPT } from './link-limit';

const MOST_IDS = 4000;
const MOST_TURNS = 1000;

const LETTERS = { system: 's', user: 'u', assistant: 'a' } as const;

/** How many of the first turns a link carries: whole ones alone, so that none is silently another. */
export function turnsCarried({ messages, ids }: Chat): number {
  let room = LONGEST_PROMPT;
  const fits = messages.findIndex(({ content }) => {
    room -= content.length;
    return room < 0;
  });
  const most = Math.min(fits < 0 ? messages.length : fits, MOST_TURNS);
  return ids && ids.length > MOST_IDS ? Math.min(most, messages.length - 1) : most;
}

/** A conversation as compact JSON: its turns as letter and text; `o` begun, `i` its tokens, `t` thinking, `n` the
 *  template's name, `x` how many turns there were where not all are here. */
export function writeChat(chat: Chat): string {
  const { messages, open, ids, thinking, template } = chat;
  const n = turnsCarried(chat);
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

/** Reads what `writeChat` wrote; it may come from anybody. Null and a sentence for what is no conversation. */
export function readChat(json: string): { chat: Chat | null; says: string[] } {
  const damaged = { chat: null, says: ['The link’s conversation is damaged: it is left out.'] };
  const value = parsed(json);
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
    LONGEST_PROMPT,
  );
  if (!chat) return damaged;
  const cut = all > messages.length;
  return {
    chat,
    says: cut ? [`The link carries the first ${messages.length} of the conversation’s ${all} turns.`] : [],
  };
}

function turnOf(value: unknown): unknown {
  if (!Array.isArray(value)) return null;
  const [letter, content] = value as unknown[];
  return { role: ROLES.find((role) => LETTERS[role] === letter), content };
}

/** A conversation of texts of at most `longest` characters in all, or null for anything else. Keys that are not known
 *  are left out. */
export function soundChat(value: unknown, longest: number): Chat | null {
  if (!isObject(value) || !Array.isArray(value.messages)) return null;
  const { messages: given, open = false, ids, thinking = false, template } = value;
  if (!given.length || given.length > MOST_TURNS) return null;
  const messages: Message[] = [];
  let length = 0;
  for (const each of given as unknown[]) {
    if (!isObject(each) || typeof each.content !== 'string') return null;
    const role = ROLES.find((known) => known === each.role);
    length += each.content.length;
    if (!role || length > longest) return null;
    messages.push({ role, content: each.content });
  }
  if (typeof open !== 'boolean' || typeof thinking !== 'boolean') return null;
  if (open && messages.at(-1)!.role !== 'assistant') return null;
  if (ids !== undefined && (!open || !isIds(ids))) return null;
  if (template !== undefined && (typeof template !== 'string' || !template || template.length > 100)) return null;
  return {
    messages,
    ...(open && { open }),
    ...(ids !== undefined && { ids: ids as number[] }),
    ...(thinking && { thinking }),
    ...(template !== undefined && { template: template as string }),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isIds = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length <= 100_000 &&
  value.every((id) => Number.isInteger(id) && (id as number) >= 0 && (id as number) <= 1 << 24);

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return null;
  }
}
