import type { Chat, Message, Role } from '../../lens/api/chat';
import { CorruptFileError } from '../../lens/api/errors';
import { charactersOf, MOST_MESSAGES } from '../../lens/exchange/chat-fields';
import { MOST_CHARACTERS } from './limits';

/** Bytes of a file of messages: a character is at most three bytes of UTF-8, or six of an escape. */
export const MOST_MESSAGES_BYTES = 4_000_000;

/** A conversation as the common JSON: `{"messages": [{"role", "content"}, …]}`. A begun turn is written like any
 *  other. */
export const writeMessages = ({ messages }: Chat): string =>
  `${JSON.stringify({ messages: messages.map(({ role, content }) => ({ role, content })) }, null, 2)}\n`;

/** Reads the common JSON of messages, from anybody: a list of `role` and `content`, or an object with `messages`; content
 *  as a text or as a list of its text parts; thinking in a field of its own goes in front, between its tags; `developer`
 *  is system. Reads ShareGPT's `conversations` of `from` and `value` too. Throws CorruptFileError, which names line and
 *  turn, for what is no such thing and for what the page has no place for: tools, pictures, sound. */
export function parseMessages(text: string, file: string): Chat {
  const refuse = (says: string, turn?: number): never => {
    const line = turn === undefined ? undefined : lineOf(text, turn);
    const at = turn === undefined ? file : `${file}: ${line === undefined ? '' : `line ${line}, `}turn ${turn}`;
    throw new CorruptFileError(`${at} ${says}`, { file });
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuse(
      /\}\s*\n\s*\{/.test(text)
        ? 'holds more than one JSON value; the page reads one conversation at a time.'
        : `is not JSON (${error instanceof Error ? error.message : String(error)}).`,
    );
  }
  const list = listOf(value);
  if (!list)
    return refuse(
      'holds no conversation: neither a list of messages, nor an object with “messages” or “conversations”.',
    );
  if (!list.length) return refuse('holds no message.');
  if (list.length > MOST_MESSAGES) return refuse(`has ${list.length} messages; at most ${MOST_MESSAGES} are read.`);
  const messages = list.map((each, turn): Message => {
    if (!isObject(each)) return refuse('is no message.', turn);
    if (isObject(each.message) || Array.isArray(each.messages))
      return refuse('is a conversation of its own; the page reads one at a time.', turn);
    return messageOf(each, (says) => refuse(says, turn));
  });
  const length = charactersOf({ messages });
  if (length > MOST_CHARACTERS) return refuse(`has ${length} characters; at most ${MOST_CHARACTERS} are read.`);
  return { messages };
}

function listOf(value: unknown): unknown[] | null {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return null;
  const { messages, conversations } = value;
  return Array.isArray(messages) ? messages : Array.isArray(conversations) ? conversations : null;
}

const ROLE_OF: Readonly<Record<string, Role>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  gpt: 'assistant',
  model: 'assistant',
};

function messageOf(each: Record<string, unknown>, refuse: (says: string) => never): Message {
  const said = each.role ?? each.from;
  if (typeof said !== 'string') return refuse('has no role.');
  const role = Object.hasOwn(ROLE_OF, said) ? ROLE_OF[said]! : null;
  if (!role)
    return refuse(`has the role “${said.slice(0, 40)}”; the page knows system, user and assistant, and no tools.`);
  if (isThere(each.tool_calls) || isThere(each.function_call)) return refuse('calls a tool, which the page does not.');
  const content = contentOf(each.content ?? each.value, refuse);
  const thought = each.reasoning_content ?? each.thinking;
  if (!isThere(thought)) return { role, content };
  if (typeof thought !== 'string' || role !== 'assistant')
    return refuse('has thinking that is no text of the assistant’s.');
  return { role, content: `<think>\n${thought}\n</think>\n\n${content}` };
}

function contentOf(content: unknown, refuse: (says: string) => never): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return refuse('has no text.');
  return content
    .map((part: unknown): string => {
      if (typeof part === 'string') return part;
      if (isObject(part) && (part.type ?? 'text') === 'text' && typeof part.text === 'string') return part.text;
      const type = isObject(part) && typeof part.type === 'string' ? part.type.slice(0, 40) : 'something else';
      return refuse(`has a part that is no text (${type}); the page takes texts alone.`);
    })
    .join('');
}

const isThere = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The line on which the n-th entry of the file's list of messages begins; undefined where it cannot be told. */
function lineOf(text: string, n: number): number | undefined {
  const open: string[] = [];
  let line = 1;
  let entries = -1;
  // The outermost object's key that is being read.
  let key = '';
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]!;
    if (sign === '\n') line++;
    else if (sign === '"') {
      const begin = i + 1;
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
      if (open.length === 1 && open[0] === '{' && /^\s*:/.test(text.slice(i + 1, i + 20))) key = text.slice(begin, i);
    } else if (sign === '{' || sign === '[') {
      const own = key === 'messages' || key === 'conversations';
      const inList = open.length === 1 ? open[0] === '[' : open.length === 2 && open[0] === '{' && own;
      if (inList && ++entries === n) return line;
      open.push(sign);
    } else if (sign === '}' || sign === ']') open.pop();
  }
  return undefined;
}
