import type { EditMode } from '../lens/types';
import { type EditRow, MOST_ROWS, settleWeight } from './edits';
import { defaultSampling, type Sampling, setSampling } from './sampling';

/** What a link says. Absent fields mean the default; the page's theme, the model and the provider are not in it. */
export interface Link {
  prompt?: string;
  site?: number;
  token?: number;
  feature?: number;
  colour?: 'feature' | 'fvu' | 'surprisal';
  scale?: 'maximum' | 'prompt';
  rank?: 'relative' | 'raw';
  first?: boolean;
  rows?: EditRow[];
  sampling?: Sampling;
  control?: boolean;
  draw?: number;
}

const LONGEST_PROMPT = 8000;
const MODES: Record<string, EditMode> = { a: 'add', s: 'scale', c: 'clamp', k: 'ablate' };
const LETTERS: Record<EditMode, string> = { add: 'a', scale: 's', clamp: 'c', ablate: 'k' };
const ROW = /^(\d{1,3}):(\d{1,7})([asck])(-?\d{1,3}(?:\.\d{1,4})?)(p|g|@\d{1,6}(?:\.\d{1,6}){0,15})?(z)?(x)?$/;

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/** The prompt in the shorter of two spellings: percent-encoded (`p=`), or base64url of its UTF-8 (`u=`), which Chinese needs. */
function encodePrompt(prompt: string): string {
  const bytes = new TextEncoder().encode(prompt.slice(0, LONGEST_PROMPT));
  const plain = encodeURIComponent(new TextDecoder().decode(bytes)).replaceAll('%20', '+');
  const packed = toBase64Url(bytes);
  return plain.length <= packed.length ? `p=${plain}` : `u=${packed}`;
}

function encodeRow(row: EditRow): string {
  const where = Array.isArray(row.where) ? `@${row.where.join('.')}` : row.where === 'all' ? '' : row.where[0];
  return `${row.layer}:${row.feature}${LETTERS[row.mode]}${row.weight}${where}${row.on === 'preactivation' ? 'z' : ''}${row.enabled ? '' : 'x'}`;
}

/** The fragment of a link, without its #. Defaults are left out. */
export function encodeLink(link: Link): string {
  const parts: string[] = [];
  if (link.prompt !== undefined) parts.push(encodePrompt(link.prompt));
  if (link.site !== undefined) parts.push(`s=${link.site}`);
  if (link.token !== undefined) parts.push(`t=${link.token}`);
  if (link.feature !== undefined) parts.push(`f=${link.feature}`);
  if (link.colour && link.colour !== 'feature') parts.push(`c=${link.colour}`);
  if (link.scale === 'prompt') parts.push('m=prompt');
  if (link.rank === 'raw') parts.push('r=raw');
  if (link.first) parts.push('o=1');
  if (link.rows?.length) parts.push(`e=${link.rows.map(encodeRow).join(',')}`);
  const { temperature, topP, seed, maxTokens } = link.sampling ?? defaultSampling;
  const g = [temperature, topP, seed, maxTokens].join(',');
  if (g !== Object.values(defaultSampling).join(',')) parts.push(`g=${g}`);
  if (link.control === false) parts.push('k=0');
  if (link.draw !== undefined && link.draw !== 1) parts.push(`d=${link.draw}`);
  return parts.join('&');
}

const whole = (text: string, most: number): number | undefined => (/^\d{1,9}$/.test(text) && Number(text) <= most ? Number(text) : undefined);

function decodeRow(text: string, key: number): EditRow | null {
  const match = ROW.exec(text);
  if (!match) return null;
  const [, layer, feature, letter, weight, where, bare, off] = match;
  const mode = MODES[letter!]!;
  return {
    key,
    layer: Number(layer),
    feature: Number(feature),
    mode,
    weight: settleWeight(mode, Number(weight)),
    where: where === 'p' ? 'prompt' : where === 'g' ? 'generated' : where ? where.slice(1).split('.').map(Number) : 'all',
    on: bare ? 'preactivation' : 'code',
    enabled: !off,
  };
}

function decodePacked(text: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    return new TextDecoder().decode(bytes).slice(0, LONGEST_PROMPT);
  } catch {
    return undefined;
  }
}

function decodePlain(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' ')).slice(0, LONGEST_PROMPT);
  } catch {
    return undefined;
  }
}

const oneOf = <T extends string>(text: string, known: readonly T[]): T | undefined => known.find((k) => k === text);

/** The fields that a field of the fragment sets; nothing where it is malformed. */
function decodeField(name: string, value: string): Link {
  switch (name) {
    case 'p':
      return { prompt: decodePlain(value) };
    case 'u':
      return { prompt: decodePacked(value) };
    case 's':
      return { site: whole(value, 999) };
    case 't':
      return { token: whole(value, 1_000_000) };
    case 'f':
      return { feature: whole(value, 9_999_999) };
    case 'c':
      return { colour: oneOf(value, ['feature', 'fvu', 'surprisal']) };
    case 'm':
      return { scale: oneOf(value, ['maximum', 'prompt']) };
    case 'r':
      return { rank: oneOf(value, ['relative', 'raw']) };
    case 'o':
      return { first: value === '1' };
    case 'k':
      return { control: value !== '0' };
    case 'd':
      return { draw: whole(value, 1_000_000) };
    case 'e': {
      const rows = value.split(',', MOST_ROWS).flatMap((text, i) => decodeRow(text, i + 1) ?? []);
      return rows.length ? { rows } : {};
    }
    case 'g': {
      const [temperature, topP, seed, maxTokens] = value.split(',', 4).map((part) => (part === '' ? Number.NaN : Number(part)));
      return { sampling: setSampling(defaultSampling, { temperature, topP, seed, maxTokens }) };
    }
    default:
      return {};
  }
}

/** Reads a fragment, with or without its #. Never throws: fields that are malformed, out of range or unknown are left out. */
export function decodeLink(hash: string): Link {
  const link: Link = {};
  for (const part of hash.replace(/^#/, '').split('&')) {
    const cut = part.indexOf('=');
    if (cut < 1) continue;
    for (const [key, value] of Object.entries(decodeField(part.slice(0, cut), part.slice(cut + 1)))) {
      if (value !== undefined) Object.assign(link, { [key]: value });
    }
  }
  return link;
}
