import type { Chat } from '../../lens/api/chat';
import { LONGEST_STOP, MOST_STOPS } from '../../lens/exchange/sampling';
import { writeWhere } from '../../lens/maths/where';
import { fromBase64Url, toBase64Url } from '../base/base64url';
import { defaultSampling, type Sampling, setSampling } from '../base/sampling';
import { placeIn } from '../reading/positions';
import { type EditRow, MOST_ROWS } from '../steering/edits';
import { readChat, writeChat } from './link-chat';
import { cutAt, LONGEST_PACKED, LONGEST_PROMPT } from './link-limit';
import { packedChat, packedText } from './link-packed';
import { decodeRow, encodeRow } from './link-rows';

/** The contents of a link. Absent fields mean the default; the page's theme, the model and the provider are not in
 *  it. */
export interface Link {
  prompt?: string;
  /** The conversation that is run in place of the text. */
  chat?: Chat;
  /** False: what the tokenizer puts before a text is left out. */
  bos?: boolean;
  site?: number;
  token?: number;
  /** The other end of a selection that the token is one end of. */
  anchor?: number;
  feature?: number;
  colour?: 'feature' | 'fvu' | 'surprisal';
  scale?: 'maximum' | 'prompt';
  rank?: 'relative' | 'raw';
  over?: 'max' | 'mean' | 'count';
  dense?: boolean;
  first?: boolean;
  /** The tokens of a conversation's template take part. */
  template?: boolean;
  /** What of a conversation the lists are over, as Edit.where writes it. */
  scope?: string;
  rows?: EditRow[];
  sampling?: Sampling;
  control?: boolean;
  draw?: number;
  /** The place on show, where it is not the sheet. */
  place?: string;
  /** The parts of a fragment that could not be read, in words; never written. */
  notices?: string[];
}

const LONGEST_SCOPE = 80;

/** Percent-encoded, with + for a space. A surrogate that is alone becomes the replacement character. */
const encodePlain = (text: string): string =>
  encodeURIComponent(decodeBytes(new TextEncoder().encode(text)).text).replaceAll('%20', '+');

/** The prompt in the shorter of two spellings: percent-encoded (`p=`), or base64url of its UTF-8 (`u=`), which Chinese
 *  needs. */
function encodePrompt(prompt: string): string {
  const cut = cutAt(prompt, LONGEST_PROMPT);
  const plain = encodePlain(cut);
  const packed = toBase64Url(new TextEncoder().encode(cut));
  return plain.length <= packed.length ? `p=${plain}` : `u=${packed}`;
}

/** The numbers, and where they are set the repetition penalty and the stop sequences. */
function encodeSampling({ temperature, topP, seed, maxTokens, repetitionPenalty = 1, stop = [] }: Sampling): string {
  const more = repetitionPenalty !== 1 || stop.length > 0 ? [repetitionPenalty, ...stop.map(encodePlain)] : [];
  return [temperature, topP, seed, maxTokens, ...more].join(',');
}

/** The fragment of a link, without its #. Defaults are left out. */
export function encodeLink(link: Link): string {
  const parts: string[] = [];
  if (link.prompt !== undefined) parts.push(packedText(link.prompt) ?? encodePrompt(link.prompt));
  if (link.chat)
    parts.push(packedChat(link.chat) ?? `y=${toBase64Url(new TextEncoder().encode(writeChat(link.chat)))}`);
  if (link.bos === false) parts.push('b=0');
  if (link.site !== undefined) parts.push(`s=${link.site}`);
  if (link.token !== undefined) parts.push(`t=${link.token}${link.anchor === undefined ? '' : `-${link.anchor}`}`);
  if (link.feature !== undefined) parts.push(`f=${link.feature}`);
  if (link.colour && link.colour !== 'feature') parts.push(`c=${link.colour}`);
  if (link.scale === 'prompt') parts.push('m=prompt');
  if (link.rank === 'raw') parts.push('r=raw');
  if (link.over && link.over !== 'max') parts.push(`v=${link.over}`);
  if (link.dense) parts.push('h=1');
  if (link.first) parts.push('o=1');
  if (link.template) parts.push('j=1');
  if (link.scope !== undefined) parts.push(`i=${link.scope}`);
  if (link.rows?.length) parts.push(`e=${link.rows.map(encodeRow).join(',')}`);
  const g = encodeSampling(link.sampling ?? defaultSampling);
  if (g !== encodeSampling(defaultSampling)) parts.push(`g=${g}`);
  if (link.control === false) parts.push('k=0');
  if (link.draw !== undefined && link.draw !== 1) parts.push(`d=${link.draw}`);
  if (link.place) parts.push(`w=${link.place}`);
  return parts.join('&');
}

const whole = (text: string, most: number): number | undefined =>
  /^\d{1,9}$/.test(text) && Number(text) <= most ? Number(text) : undefined;

/** Decodes UTF-8; bytes that are not UTF-8 become the replacement character. */
function decodeBytes(bytes: Uint8Array): { text: string; whole: boolean } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), whole: true };
  } catch {
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), whole: false };
  }
}

function decodePacked(packed: string): { text: string; whole: boolean } {
  const { bytes, whole } = fromBase64Url(packed);
  const read = decodeBytes(bytes);
  return { text: read.text, whole: whole && read.whole };
}

function decodePlain(plain: string): { text: string; whole: boolean } {
  let whole = true;
  const text = plain.replaceAll('+', ' ').replaceAll(/(?:%[0-9a-f]{2})+|%/gi, (escapes) => {
    if (escapes === '%') {
      whole = false;
      return escapes;
    }
    const part = decodeBytes(Uint8Array.from(escapes.slice(1).split('%'), (hex) => Number.parseInt(hex, 16)));
    whole &&= part.whole;
    return part.text;
  });
  return { text, whole };
}

/** The readable part of a link's text, no longer than links may be, with notices that name what is missing. */
function decodePrompt({ text, whole }: { text: string; whole: boolean }): Link {
  const notices: string[] = [];
  if (!whole)
    notices.push(
      text === ''
        ? 'The link’s text is damaged: nothing of it can be read.'
        : 'The link’s text is damaged: what can be read is shown.',
    );
  // Somebody else's link may spell out more than the page's own do.
  if (text.length > LONGEST_PACKED)
    notices.push(`The link’s text was cut to its first ${LONGEST_PACKED.toLocaleString('en-US')} characters.`);
  return { prompt: cutAt(text, LONGEST_PACKED), notices };
}

function decodeRows(value: string): Link {
  const parts = value.split(',').filter((part) => part !== '');
  const rows = parts.slice(0, MOST_ROWS).flatMap((text, i) => decodeRow(text, i + 1) ?? []);
  const unread = Math.min(parts.length, MOST_ROWS) - rows.length;
  const notices: string[] = [];
  if (unread) notices.push(`${unread} ${unread === 1 ? 'edit' : 'edits'} of the link left out: not readable.`);
  if (parts.length > MOST_ROWS) notices.push(`The link has ${parts.length} edits: the first ${MOST_ROWS} are taken.`);
  return { rows: rows.length ? rows : undefined, notices };
}

function decodeSampling(value: string): Link {
  const parts = value.split(',');
  const [temperature, topP, seed, maxTokens, repetitionPenalty] = parts
    .slice(0, 5)
    .map((part) => (part === '' ? Number.NaN : Number(part)));
  const stops = parts.slice(5);
  const stop = stops.slice(0, MOST_STOPS).flatMap((part) => {
    // No longer than all of it escaped.
    const read = part.length <= LONGEST_STOP * 9 ? decodePlain(part) : null;
    return read?.whole && read.text.length > 0 && read.text.length <= LONGEST_STOP ? [read.text] : [];
  });
  const unread = Math.min(stops.length, MOST_STOPS) - stop.length;
  const notices: string[] = [];
  if (unread)
    notices.push(`${unread} stop ${unread === 1 ? 'sequence' : 'sequences'} of the link left out: not readable.`);
  if (stops.length > MOST_STOPS)
    notices.push(`The link has ${stops.length} stop sequences: the first ${MOST_STOPS} are taken.`);
  const patch = { temperature, topP, seed, maxTokens, repetitionPenalty, stop };
  return { sampling: setSampling(defaultSampling, patch), notices };
}

/** In its canonical spelling; nothing for all of a text, which is no scope, and for what is no written form. */
function decodeScope(value: string): string | undefined {
  const place = value.length <= LONGEST_SCOPE ? placeIn(value) : null;
  const scope = place ? writeWhere(place) : 'all';
  return scope === 'all' ? undefined : scope;
}

const oneOf = <T extends string>(text: string, known: readonly T[]): T | undefined => known.find((k) => k === text);

/** The fields that a field of the fragment sets; nothing where it is malformed. */
function decodeField(name: string, value: string): Link {
  switch (name) {
    case 'p':
      return decodePrompt(decodePlain(value));
    case 'u':
      return decodePrompt(decodePacked(value));
    case 'y': {
      const { text, whole } = decodePacked(value);
      const { chat, says } = readChat(text, whole, LONGEST_PACKED);
      return { chat: chat ?? undefined, notices: says };
    }
    case 'b':
      return { bos: value !== '0' };
    case 's':
      return { site: whole(value, 999) };
    case 't': {
      const [token, anchor] = value.split('-', 2).map((part) => whole(part, 1_000_000));
      return { token, anchor: token === undefined ? undefined : anchor };
    }
    case 'f':
      return { feature: whole(value, 9_999_999) };
    case 'c':
      return { colour: oneOf(value, ['feature', 'fvu', 'surprisal']) };
    case 'm':
      return { scale: oneOf(value, ['maximum', 'prompt']) };
    case 'r':
      return { rank: oneOf(value, ['relative', 'raw']) };
    case 'v':
      return { over: oneOf(value, ['max', 'mean', 'count']) };
    case 'h':
      return { dense: value === '1' };
    case 'o':
      return { first: value === '1' };
    case 'j':
      return { template: value === '1' };
    case 'i':
      return { scope: decodeScope(value) };
    case 'k':
      return { control: value !== '0' };
    case 'd':
      return { draw: whole(value, 1_000_000) };
    case 'w':
      return { place: /^[a-z]{1,20}$/.test(value) ? value : undefined };
    case 'e':
      return decodeRows(value);
    case 'g':
      return decodeSampling(value);
    default:
      return {};
  }
}

/** Reads a fragment, with or without its #, but for what is packed in it, which takes a moment: see link-packed.ts. Never
 *  throws: fields that are malformed, out of range or unknown are left out; of a text what can be read is kept. Lost
 *  words and edits are named in the notices. */
export function decodeLink(hash: string): Link {
  const link: Link = {};
  const said: string[] = [];
  for (const part of hash.replace(/^#/, '').split('&')) {
    const cut = part.indexOf('=');
    if (cut < 1) continue;
    const { notices = [], ...fields } = decodeField(part.slice(0, cut), part.slice(cut + 1));
    said.push(...notices);
    for (const [key, value] of Object.entries(fields)) {
      if (value !== undefined) Object.assign(link, { [key]: value });
    }
  }
  return said.length ? { ...link, notices: said } : link;
}
