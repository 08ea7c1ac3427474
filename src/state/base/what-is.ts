import { LensError } from '../../lens/api/errors';
import { RECIPE_FORMAT } from '../../lens/exchange/recipe';
import { gunzipHead, isGzip } from './gzip';

/** The kinds of file that somebody may bring to the page. `other`: none that it takes. */
export type FileKind = 'recipe' | 'conversation' | 'notebook' | 'log' | 'labels' | 'dictionary' | 'other';

/** What a file is. */
export interface WhatIs {
  kind: FileKind;
  /** With its article: "a PNG picture". */
  called: string;
  /** Its beginning does not tell: what would is further on. */
  unsure?: true;
}

/** A file of another kind than was asked for. */
export class WrongFileError extends LensError {}
Object.defineProperty(WrongFileError.prototype, 'name', { value: 'WrongFileError' });

/** So many bytes of a file's beginning tell what it is. */
export const HEAD = 65_536;

const CALLED: Record<Exclude<FileKind, 'other'>, string> = {
  recipe: 'a recipe',
  conversation: 'a conversation',
  notebook: 'a notebook',
  log: 'a log of verbalizations',
  labels: 'a file of labels',
  dictionary: 'a dictionary',
};

/** First bytes of binary files, as Latin-1, with their place if that is not the beginning. */
const SIGNS: readonly (readonly [sign: string, called: string, at?: number])[] = [
  ['\x89PNG\r\n', 'a PNG picture'],
  ['\xff\xd8\xff', 'a JPEG picture'],
  ['GIF8', 'a GIF picture'],
  ['WEBP', 'a WebP picture', 8],
  ['ftypavif', 'an AVIF picture', 4],
  ['ftyphei', 'a HEIC picture', 4],
  ['ftyp', 'a video', 4],
  ['\x1a\x45\xdf\xa3', 'a video'],
  ['II*\0', 'a TIFF picture'],
  ['MM\0*', 'a TIFF picture'],
  ['%PDF-', 'a PDF document'],
  ['OggS', 'a sound'],
  ['ID3', 'a sound'],
  ['WAVE', 'a sound', 8],
  ['GGUF', 'a model in GGUF, which Lenslet does not open'],
  ['\x93NUMPY', 'a NumPy array'],
  ['PAR1', 'a Parquet table'],
  ['SQLite format 3', 'an SQLite database'],
  ['7z\xbc\xaf\x27\x1c', 'a 7z archive'],
  ['Rar!', 'a RAR archive'],
  ['BZh', 'a bzip2 archive'],
  ['\xfd7zXZ', 'an xz archive'],
  ['\x28\xb5\x2f\xfd', 'a Zstandard archive'],
  ['ustar', 'a tar archive', 257],
  ['\0asm', 'a WebAssembly module'],
  ['\x7fELF', 'a program'],
  ['wOF2', 'a font'],
  ['\xd0\xcf\x11\xe0', 'an Office document'],
];

const TEXTS: ReadonlyMap<string, string> = new Map([
  ['csv', 'a CSV table'],
  ['tsv', 'a table'],
  ['md', 'a Markdown text'],
  ['py', 'a Python program'],
  ['yaml', 'a YAML file'],
  ['yml', 'a YAML file'],
]);

/** Says what a file is from its first bytes (`HEAD` of them, or all it has), and from its name where the bytes leave it
 *  open. Believes nothing else: who opens the file checks it. */
export function whatIs(head: Uint8Array, name: string): WhatIs {
  const bytes = head.subarray(0, HEAD);
  if (!bytes.length) return { kind: 'other', called: 'an empty file' };
  return binary(bytes, name.toLowerCase()) ?? text(bytes, name.toLowerCase());
}

/** The same of a file; of one that is gzipped by what it holds. */
export async function whatFile(file: File): Promise<WhatIs> {
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  if (!isGzip(head)) return whatIs(head, file.name);
  const held = await gunzipHead(file, HEAD);
  return held.length ? whatIs(held, file.name.replace(/\.gz$/i, '')) : { kind: 'other', called: 'a damaged gzip file' };
}

/** The sentence that refuses a file of another kind than `wanted`; null where it is, or may be, of that kind. */
export function refusedAs(found: WhatIs, name: string, wanted: Exclude<FileKind, 'other' | 'dictionary'>) {
  if (found.kind === wanted || found.unsure) return null;
  const place = found.kind === 'other' ? '' : ` ${goesSays(found.kind)}`;
  return `${name} is not ${CALLED[wanted]}: it is ${found.called}.${place}`;
}

/** Where a file of a kind is given to the page. */
export function goesSays(kind: FileKind): string {
  switch (kind) {
    case 'recipe':
      return 'A recipe is imported under Steering.';
    case 'conversation':
      return 'A conversation is imported beside its turns.';
    case 'notebook':
      return 'A notebook is imported in the Notebook.';
    case 'log':
      return 'A log is imported in the Log.';
    case 'labels':
      return 'Labels are imported on the card of a feature whose dictionary has none.';
    case 'dictionary':
      return 'Open it beside its model: pick the model’s folder under Models, and there the dictionary’s.';
    case 'other':
      return 'The page takes recipes, conversations, notebooks, logs and files of labels, and folders of models.';
  }
}

const latin = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, Math.min(to, bytes.length)));

function binary(bytes: Uint8Array, name: string): WhatIs | null {
  const starts = (sign: string, at = 0) => latin(bytes, at, at + sign.length) === sign;
  if (starts('PK\x03\x04') || starts('PK\x05\x06')) return zip(bytes, name);
  if (starts('\x1f\x8b')) {
    return /\.jsonl?\.gz$/.test(name)
      ? { kind: 'labels', called: 'a file of labels' }
      : { kind: 'other', called: 'a gzip archive' };
  }
  // A pickle of the protocols 2 to 5, as torch wrote it before it wrote archives.
  if (bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5) return { kind: 'dictionary', called: 'a PyTorch file' };
  if (isSafetensors(bytes)) return { kind: 'dictionary', called: 'a safetensors file' };
  const sign = SIGNS.find(([each, , at]) => starts(each, at));
  if (sign) return { kind: 'other', called: sign[1] };
  if (starts('\xff\xfe') || starts('\xfe\xff')) return { kind: 'other', called: 'a text in UTF-16, not UTF-8' };
  if (bytes.includes(0))
    return { kind: 'other', called: name.endsWith('.onnx') ? 'an ONNX model' : 'a file of bytes that are no text' };
  return null;
}

function zip(bytes: Uint8Array, name: string): WhatIs {
  // The first file of an archive of torch's is the pickle, behind a header of 30 bytes.
  if (/\.(pt|pth|bin|ckpt)$/.test(name) || latin(bytes, 30, 300).includes('/data.pkl'))
    return { kind: 'dictionary', called: 'a PyTorch file' };
  const office = /\.(docx|xlsx|pptx|odt|ods)$/.test(name);
  return { kind: 'other', called: office ? 'an Office document' : 'a ZIP archive' };
}

/** Eight bytes of a length, then a JSON object of that length. */
function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 10 || bytes[8] !== 0x7b) return false;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return length >= 2n && length < 100_000_000n;
}

function text(bytes: Uint8Array, name: string): WhatIs {
  const words = decoded(bytes)?.trimStart();
  if (words === undefined) return { kind: 'other', called: 'a file of bytes that are no text' };
  if (words.startsWith('version https://git-lfs.github.com/spec/'))
    return { kind: 'other', called: 'a Git LFS pointer, which `git lfs pull` replaces by the file' };
  if (words.startsWith('{') || words.startsWith('[')) return json(words, bytes.length === HEAD);
  if (/^<(!doctype html|html)/i.test(words)) return { kind: 'other', called: 'a web page' };
  if (/^(<\?xml[^>]*>\s*)?<svg/i.test(words)) return { kind: 'other', called: 'an SVG picture' };
  if (words.startsWith('<')) return { kind: 'other', called: 'an XML file' };
  return { kind: 'other', called: TEXTS.get(name.split('.').at(-1)!) ?? 'a text' };
}

/** Null where the bytes are no UTF-8. A character that the end cuts is left out. */
function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}

function json(words: string, cut: boolean): WhatIs {
  const keys = firstKeys(words);
  const has = (...all: string[]) => all.every((key) => keys.has(key));
  const of = (kind: Exclude<FileKind, 'other'>): WhatIs => ({ kind, called: CALLED[kind] });
  const other = (called: string): WhatIs => ({ kind: 'other', called });
  const format = keys.get('format') ?? '';
  const family = (written: string) => format.startsWith(written.replace(/\d+$/, ''));
  if (family(RECIPE_FORMAT) || has('edits', 'sampling')) return of('recipe');
  if (family('lenslet-notebook-1') || has('entries', 'runs')) return of('notebook');
  if (has('lenslet') || has('results') || has('description', 'token')) return of('log');
  if (has('messages') || has('conversations') || has('role', 'content')) return of('conversation');
  if (has('index', 'description') || has('index', 'explanations')) return of('labels');
  if (has('nbformat')) return other('a Jupyter notebook');
  if (has('model_type') || has('architectures')) return other('a model’s config.json; the whole folder is opened');
  if (has('d_sae') || has('d_in')) return other('a dictionary’s cfg.json; the whole folder is opened');
  if (family('lenslet-')) return other(`a file of Lenslet’s own (${format.slice(0, 60)})`);
  return { ...other('a JSON file of another kind'), ...(cut && { unsure: true }) };
}

/** The outermost keys of the first object of a text that begins like JSON, and the strings that some have. The text may
 *  break off anywhere. */
function firstKeys(words: string): Map<string, string | null> {
  const keys = new Map<string, string | null>();
  let depth = 0;
  let key: string | null = null;
  let last: string | null = null;
  for (let i = words.indexOf('{'); i >= 0 && i < words.length; i++) {
    const sign = words[i]!;
    if (sign === '"') {
      const begin = i + 1;
      for (i++; i < words.length && words[i] !== '"'; i++) if (words[i] === '\\') i++;
      last = words.slice(begin, i);
      if (depth === 1 && key !== null) keys.set(key, last);
    } else if (sign === ':' && depth === 1) {
      key = last;
      if (key !== null && !keys.has(key)) keys.set(key, null);
    } else if (sign === ',' && depth === 1) key = null;
    else if (sign === '{' || sign === '[') depth++;
    else if (sign === '}' || sign === ']') {
      depth--;
      if (depth === 0) break;
    }
  }
  return keys;
}
