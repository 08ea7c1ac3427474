import { fromBase64Url, toBase64Url } from '../base/base64url';
import { parsedJson } from '../base/json';
import { readChat } from './link-chat';
import { cutAt, LONGEST_PACKED, type Whole } from './link-limit';

/** Packed parts of links: JSON in UTF-8, deflated, in base64url. Loaded with the first of them. */

/** With a checksum: a link that was changed on its way says so. */
const FORM = 'deflate';

/** Bytes that are unpacked of a link from anybody: an escape has six for a character, and a conversation its tokens. */
const MOST_BYTES = 12 * LONGEST_PACKED;

export async function pack(json: string): Promise<string> {
  const stream = new Blob([json]).stream().pipeThrough(new CompressionStream(FORM));
  return toBase64Url(new Uint8Array(await new Response(stream).arrayBuffer()));
}

/** What can be read of it; never rejects. `whole`: all of it. */
async function unpack(packed: string): Promise<{ json: string; whole: boolean }> {
  const { bytes, whole } = fromBase64Url(packed);
  const stream = new DecompressionStream(FORM);
  const [writer, reader] = [stream.writable.getWriter(), stream.readable.getReader()];
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let [json, length] = ['', 0];
  const reading = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return true;
      length += value.length;
      if (length > MOST_BYTES) {
        await reader.cancel();
        return false;
      }
      json += decoder.decode(value, { stream: true });
    }
  })().catch(() => false);
  const writing = (async () => {
    await writer.write(bytes);
    await writer.close();
    return true;
  })().catch(() => false);
  const ends = await Promise.all([reading, writing]);
  return { json, whole: whole && ends.every(Boolean) };
}

/** The text, as far as it can be read, with what is missing in sentences. Never rejects. */
export async function unpackText(packed: string): Promise<Required<Pick<Whole, 'text' | 'says'>>> {
  const { json, whole } = await unpack(packed);
  const [, written] = /^\[?("(?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u])*)/.exec(json) ?? [];
  const read = written === undefined ? null : parsedJson(`${written}"`);
  if (typeof read !== 'string') return { text: '', says: ['The link’s text is damaged: nothing of it can be read.'] };
  const all = whole ? parsedJson(json) : read;
  const length = Array.isArray(all) ? all[1] : read.length;
  const text = cutAt(read, LONGEST_PACKED);
  const says: string[] = [];
  if (!whole || all === null) says.push('The link’s text is damaged: what can be read is shown.');
  if (Number.isSafeInteger(length) && length > text.length)
    says.push(
      `The link carries the first ${text.length.toLocaleString('en-US')} of the text’s ${length.toLocaleString('en-US')} characters.`,
    );
  return { text, says };
}

/** The conversation, in the same way; nothing for what is none. */
export async function unpackChat(packed: string): Promise<Whole> {
  const { json, whole } = await unpack(packed);
  const { chat, says } = readChat(json, whole, LONGEST_PACKED);
  return { ...(chat && { chat }), says };
}
