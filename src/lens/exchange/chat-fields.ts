import { type Chat, type Message, ROLES } from '../api/chat';
import { isObject, noObject, unknownKey } from './objects';

/** Characters of a text that the page runs, or of all messages of a conversation: as many have room in a recipe, a kept run
 *  and a branch. */
export const MOST_PROMPT = 200_000;
/** Messages of a conversation. */
export const MOST_MESSAGES = 1000;
const MOST_IDS = 100_000;
const LARGEST_ID = 1 << 24;
const LONGEST_TEMPLATE = 100;

/** Why a value is no conversation: the end of a sentence about the key that the path leads to. */
export interface ChatFault {
  path: readonly (string | number)[];
  message: string;
}

/** The characters of all messages. */
export const charactersOf = ({ messages }: Pick<Chat, 'messages'>): number =>
  messages.reduce((all, { content }) => all + content.length, 0);

/** A conversation from elsewhere, whose texts have at most `longest` characters in all, with exactly the keys of one; or
 *  what is wrong with it. A key with null counts as missing, one that is not known is refused. Needs no schemas, which
 *  the page does not load at its start. */
export function chatFrom(value: unknown, longest: number): Chat | ChatFault {
  const given = fieldsOf(value, ['messages', 'open', 'ids', 'thinking', 'template']);
  if (isFault(given)) return given;
  const messages = messagesFrom(given.messages, longest);
  if (isFault(messages)) return messages;
  const { open, ids, thinking, template } = given;
  if (!isFlag(open)) return fault('must be true or false', 'open');
  if (open && messages.at(-1)!.role !== 'assistant')
    return fault('must not be true where the last message is not the assistant’s', 'open');
  if (ids !== undefined && !isIds(ids)) return fault(`must list at most ${MOST_IDS} token ids`, 'ids');
  if (ids && !open) return fault('must not be there without "open"', 'ids');
  if (!isFlag(thinking)) return fault('must be true or false', 'thinking');
  if (template !== undefined && !isText(template, LONGEST_TEMPLATE, 1))
    return fault(`must be a text of 1 to ${LONGEST_TEMPLATE} characters`, 'template');
  return {
    messages,
    ...(open !== undefined && { open }),
    ...(ids && { ids }),
    ...(thinking !== undefined && { thinking }),
    ...(template !== undefined && { template }),
  };
}

export const isFault = (read: object): read is ChatFault => 'path' in read;

const fault = (message: string, ...path: (string | number)[]): ChatFault => ({ path, message });

function messagesFrom(value: unknown, longest: number): Message[] | ChatFault {
  if (!Array.isArray(value) || value.length > MOST_MESSAGES)
    return fault(`must be a list of at most ${MOST_MESSAGES} entries`, 'messages');
  if (value.length === 0) return fault('must hold a message', 'messages');
  const messages: Message[] = [];
  let room = longest;
  // By index: a list with holes has no messages there.
  for (let turn = 0; turn < value.length; turn++) {
    const given = fieldsOf(value[turn], ['role', 'content']);
    if (isFault(given)) return fault(given.message, 'messages', turn, ...given.path);
    const role = ROLES.find((known) => known === given.role);
    if (!role) return fault(`must be one of ${ROLES.join(', ')}`, 'messages', turn, 'role');
    const { content } = given;
    if (!isText(content, room, 0))
      return fault(
        `must be a text, and all texts together have at most ${longest} characters`,
        'messages',
        turn,
        'content',
      );
    room -= content.length;
    messages.push({ role, content });
  }
  return messages;
}

/** The object's own values for the keys. */
function fieldsOf<K extends string>(value: unknown, keys: readonly K[]): Partial<Record<K, unknown>> | ChatFault {
  if (!isObject(value)) return fault(noObject(value));
  const other = Object.keys(value).find((key) => !keys.some((known) => known === key));
  if (other !== undefined) return fault(unknownKey(other));
  const found: Partial<Record<K, unknown>> = {};
  for (const key of keys) if (Object.hasOwn(value, key)) found[key] = value[key] ?? undefined;
  return found;
}

const isFlag = (value: unknown): value is boolean | undefined => value === undefined || typeof value === 'boolean';

const isText = (value: unknown, most: number, least: number): value is string =>
  typeof value === 'string' && value.length >= least && value.length <= most;

const isIds = (value: unknown): value is number[] =>
  Array.isArray(value) &&
  value.length <= MOST_IDS &&
  value.findIndex((id) => !Number.isInteger(id) || id < 0 || id > LARGEST_ID) < 0;
