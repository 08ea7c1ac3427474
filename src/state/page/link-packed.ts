import type { Chat } from '../../lens/api/chat';
import { fromWords } from '../chat/turns';
import { turnsCarried, writeChat } from './link-chat';
import { cutAt, isSpelled, LONGEST_PACKED, type Whole } from './link-limit';

/** What a link does not spell out it carries packed, `z=` a text and `q=` a conversation. Packing takes a moment, and
 *  links are made at once: so what was packed is remembered, and until then a link spells out what it can. */

interface Written {
  text: string;
  chat: Chat | null;
}

/** By what was packed; the newest last. */
const packs = new Map<string, string>();
const MOST = 8;

/** A text as it is packed: JSON, in which half a character is an escape; of a longer one its beginning, and how long it
 *  was. Undefined where a link spells it out. */
function textToPack(text: string): string | undefined {
  if (isSpelled(text)) return undefined;
  return JSON.stringify(text.length > LONGEST_PACKED ? [cutAt(text, LONGEST_PACKED), text.length] : text);
}

const chatToPack = (chat: Chat): string | undefined =>
  turnsCarried(chat) < chat.messages.length ? writeChat(chat, LONGEST_PACKED) : undefined;

const part = (letter: 'z' | 'q', json: string | undefined): string | undefined => {
  const packed = json === undefined ? undefined : packs.get(json);
  return packed && `${letter}=${packed}`;
};

/** A text, and a conversation, as a part of a link; undefined where a link spells it out, or it is not packed yet. */
export const packedText = (text: string): string | undefined => part('z', textToPack(text));
export const packedChat = (chat: Chat): string | undefined => part('q', chatToPack(chat));

/** Packs what a link of this is to carry packed. Null where nothing waits; never rejects: where a browser cannot pack,
 *  links spell out what they can. */
export function packing({ text, chat }: Written): Promise<void> | null {
  const all = [textToPack(text), ...(chat ? [chat, fromWords(chat)].map(chatToPack) : [])];
  const waits = [...new Set(all)].filter((json) => json !== undefined && !packs.has(json)) as string[];
  return waits.length ? packAll(waits).catch(() => undefined) : null;
}

async function packAll(waits: readonly string[]): Promise<void> {
  const { pack } = await import('./link-pack');
  for (const json of waits) packs.set(json, await pack(json));
  for (const old of [...packs.keys()].slice(0, -MOST)) packs.delete(old);
}

/** What is packed in a fragment, with or without its #, and not at hand in `whole`; null where nothing is. Never
 *  rejects. */
export function unpacking(hash: string, whole: Whole = {}): Promise<Whole> | null {
  const text = whole.text === undefined ? packedIn(hash, 'z') : undefined;
  const chat = whole.chat ? undefined : packedIn(hash, 'q');
  if (text === undefined && chat === undefined) return null;
  return import('./link-pack').then(
    async ({ unpackChat, unpackText }) => {
      const read = { ...(text !== undefined && (await unpackText(text))) };
      const talk = { ...(chat !== undefined && (await unpackChat(chat))) };
      return { ...whole, ...read, ...talk, says: [...(read.says ?? []), ...(talk.says ?? [])] };
    },
    () => ({ ...whole, missed: true as const }),
  );
}

/** Whether a fragment carries anything packed. */
export const isPacked = (hash: string): boolean =>
  packedIn(hash, 'z') !== undefined || packedIn(hash, 'q') !== undefined;

const packedIn = (hash: string, letter: 'z' | 'q'): string | undefined =>
  hash
    .replace(/^#/, '')
    .split('&')
    .findLast((each) => each.startsWith(`${letter}=`))
    ?.slice(2);
