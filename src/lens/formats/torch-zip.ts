import { CorruptFileError, UnsupportedModelError } from '../api/errors';
import { readRange } from '../sources/read-range';
import type { Source, SourceFile, StreamOptions } from '../sources/source';

/** The zip that torch.save writes since 1.6: uncompressed entries, each aligned to 64 bytes, the directory at the
 *  file's end, no comment after it; and NumPy's, whose entries may be deflated. It is read in ranges, and every position
 *  is checked against the file. (APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.) */
export interface TorchZip {
  file: SourceFile;
  /** Bytes of each entry, by its name. */
  entries: ReadonlyMap<string, number>;
  /** Finds an entry's bytes in the file, from the entry's own header; deflated ones as they are stored. Throws
   *  CorruptFileError if there is no such entry. */
  locate(name: string, options?: StreamOptions): Promise<{ begin: number; end: number; deflated: boolean }>;
  /** Reads an entry's bytes, inflated. Throws CorruptFileError if they are more than `most`, or not as many as the
   *  directory says. */
  read(name: string, most: number, options?: StreamOptions): Promise<Uint8Array>;
}

interface Entry {
  size: number;
  /** Bytes in the file: fewer where they are deflated. */
  stored: number;
  deflated: boolean;
  /** Position of its local header. */
  begin: number;
  /** Start of the next entry, or of the directory: this entry's bytes must end before it. */
  limit: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const MAX_ENTRIES = 10_000;
const MAX_DIRECTORY = 16_000_000;
/** Enough for the directory of a dictionary or a small checkpoint, so that it takes one request. */
const TAIL = 16 * 1024;
/** Allowed flags: a data descriptor after the entry, names in UTF-8, and two bits on how well an entry was deflated.
 *  The others mean encrypted, patched or masked. */
const FLAGS = 0x080e;
const DEFLATED = 8;
const IN_ZIP64_16 = 0xffff;
const IN_ZIP64_32 = 0xffffffff;

export interface ZipOptions extends StreamOptions {
  /** Also read entries that are deflated, as NumPy writes them when asked to; torch.save never does. */
  deflated?: boolean;
}

/** Reads the directory of a torch file. Throws CorruptFileError for other files, UnsupportedModelError for torch's
 *  older formats. */
export async function openTorchZip(
  source: Source,
  file: SourceFile,
  { deflated = false, ...options }: ZipOptions = {},
): Promise<TorchZip> {
  const { path, size } = file;
  const methods = deflated ? [0, DEFLATED] : [0];
  const tail = await tailOf(source, file, options);
  const { count, begin, end } = directoryOf(tail, file);
  if (count > MAX_ENTRIES)
    throw corrupt(path, `states ${count} entries, more than the ${MAX_ENTRIES} that are allowed`);
  if (end - begin > MAX_DIRECTORY)
    throw corrupt(path, `states a directory of ${end - begin} bytes, more than the ${MAX_DIRECTORY} that are allowed`);
  const behind = begin - tail.begin;
  const directory =
    behind >= 0 ? tail.bytes.subarray(behind, end - tail.begin) : await readRange(source, file, begin, end, options);
  const entries = withLimits(parseDirectory(directory, count, methods, path), begin, path);

  const locate: TorchZip['locate'] = async (name, how = {}) => {
    const entry = entries.get(name);
    if (!entry) throw corrupt(path, `has no entry ${short(name)}`);
    const encoded = new TextEncoder().encode(name);
    const head = await readRange(source, file, entry.begin, Math.min(size, entry.begin + 30 + encoded.length), how);
    const view = viewOf(head);
    if (head.length < 30 + encoded.length || view.getUint32(0, true) !== LOCAL)
      throw corrupt(path, `has no header where the entry ${short(name)} should begin`);
    if (view.getUint16(26, true) !== encoded.length || encoded.some((byte, i) => head[30 + i] !== byte))
      throw corrupt(path, `holds another entry where ${short(name)} should begin`);
    checkMethod(view.getUint16(6, true), view.getUint16(8, true), [entry.deflated ? DEFLATED : 0], name, path);
    const at = entry.begin + 30 + encoded.length + view.getUint16(28, true);
    if (at + entry.stored > entry.limit) throw corrupt(path, `has the entry ${short(name)} reach into what follows it`);
    return { begin: at, end: at + entry.stored, deflated: entry.deflated };
  };
  return {
    file,
    entries: new Map(Array.from(entries, ([name, entry]) => [name, entry.size])),
    locate,
    async read(name, most, how = {}) {
      const { begin, end, deflated } = await locate(name, how);
      const { size: length } = entries.get(name)!;
      if (length > most)
        throw corrupt(path, `has ${length} bytes in ${short(name)}, where at most ${most} are allowed`);
      const bytes = await readRange(source, file, begin, end, how);
      return deflated ? inflate(bytes, length, name, path) : bytes;
    },
  };
}

interface Tail {
  bytes: Uint8Array;
  begin: number;
}

/** The file's last bytes, which end with the end record. */
async function tailOf(source: Source, file: SourceFile, options: StreamOptions): Promise<Tail> {
  const { path, size } = file;
  const begin = Math.max(0, size - TAIL);
  const bytes = await readRange(source, file, begin, size, options);
  if (bytes.length >= 22 && viewOf(bytes).getUint32(bytes.length - 22, true) === END) return { bytes, begin };
  const head = await readRange(source, file, 0, Math.min(size, 512), options);
  if (isLegacy(head)) {
    throw new UnsupportedModelError(
      `${path} was written in torch.save's old format, before PyTorch 1.6. Load it in PyTorch once and save it again; nothing in it was executed.`,
      { file: path },
    );
  }
  const zip = head.length >= 4 && viewOf(head).getUint32(0, true) === LOCAL;
  throw corrupt(
    path,
    zip
      ? 'begins as a zip and has no zip directory at its end: it is cut off'
      : 'is not the zip that torch.save writes',
  );
}

/** torch.save's old format begins with a pickled magic number; the format before that was a tar. */
function isLegacy(head: Uint8Array): boolean {
  const magic = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
  const tar = [...'ustar'].map((c) => c.charCodeAt(0));
  return magic.every((byte, i) => head[i] === byte) || tar.every((byte, i) => head[257 + i] === byte);
}

/** Finds the directory. torch always writes zip64 records, needed or not; numbers in both records must agree. */
function directoryOf(
  { bytes, begin: tailBegin }: Tail,
  { path, size }: SourceFile,
): { count: number; begin: number; end: number } {
  const view = viewOf(bytes);
  const end = bytes.length - 22;
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 6, true) !== 0)
    throw corrupt(path, 'is a part of a zip over several disks');
  const here = view.getUint16(end + 8, true);
  let [count, length, begin] = [
    view.getUint16(end + 10, true),
    view.getUint32(end + 12, true),
    view.getUint32(end + 16, true),
  ];
  if (here !== count) throw corrupt(path, 'is a part of a zip over several disks');
  let directoryEnd = size - 22;
  if (end >= 20 && view.getUint32(end - 20, true) === LOCATOR64) {
    const at = long(view, end - 12, path) - tailBegin;
    if (!(at >= 0 && at + 56 <= end - 20) || view.getUint32(at, true) !== END64)
      throw corrupt(path, 'has no zip64 record where it says');
    if (long(view, at + 4, path) !== end - 20 - at - 12)
      throw corrupt(path, 'has a zip64 record of another length than it says');
    const wide = [long(view, at + 32, path), long(view, at + 40, path), long(view, at + 48, path)] as const;
    if (long(view, at + 24, path) !== wide[0]) throw corrupt(path, 'is a part of a zip over several disks');
    const agrees = (narrow: number, marker: number, value: number) => narrow === marker || narrow === value;
    if (
      !agrees(count, IN_ZIP64_16, wide[0]) ||
      !agrees(length, IN_ZIP64_32, wide[1]) ||
      !agrees(begin, IN_ZIP64_32, wide[2])
    )
      throw corrupt(path, 'has two end records that contradict each other');
    [count, length, begin] = wide;
    directoryEnd = tailBegin + at;
  }
  if (begin + length !== directoryEnd)
    throw corrupt(path, `has ${directoryEnd - begin} bytes where it states a directory of ${length}`);
  return { count, begin, end: directoryEnd };
}

type Listed = Omit<Entry, 'limit'>;

function parseDirectory(
  bytes: Uint8Array,
  count: number,
  methods: readonly number[],
  path: string,
): Map<string, Listed> {
  const view = viewOf(bytes);
  const entries = new Map<string, Listed>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL)
      throw corrupt(path, `has no entry ${i} of the ${count} that its directory states`);
    const [nameLength, extraLength, commentLength] = [
      view.getUint16(at + 28, true),
      view.getUint16(at + 30, true),
      view.getUint16(at + 32, true),
    ];
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > bytes.length) throw corrupt(path, `has an entry ${i} that reaches out of its directory`);
    const name = nameOf(bytes.subarray(at + 46, at + 46 + nameLength), path);
    if (entries.has(name)) throw corrupt(path, `has the entry ${short(name)} twice`);
    const method = view.getUint16(at + 10, true);
    checkMethod(view.getUint16(at + 8, true), method, methods, name, path);
    const extra = at + 46 + nameLength;
    const narrow = {
      stored: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      begin: view.getUint32(at + 42, true),
    };
    const { stored, size, begin } = widen(
      narrow,
      new DataView(view.buffer, view.byteOffset + extra, extraLength),
      name,
      path,
    );
    const deflated = method === DEFLATED;
    // Deflate packs 1,032 bytes into one at most.
    if (deflated ? size > stored * 1032 : stored !== size)
      throw corrupt(path, `has ${stored} bytes for the ${size} of ${short(name)}`);
    entries.set(name, { size, stored, deflated, begin });
    at = next;
  }
  if (at !== bytes.length) throw corrupt(path, `has ${bytes.length - at} bytes behind the last entry of its directory`);
  return entries;
}

/** Reads numbers beyond 32 bits from the extra field 1. It holds them in this order, and only those whose 32 bits are
 *  all ones. */
function widen(
  narrow: { stored: number; size: number; begin: number },
  extra: DataView,
  name: string,
  path: string,
): typeof narrow {
  if (narrow.size !== IN_ZIP64_32 && narrow.stored !== IN_ZIP64_32 && narrow.begin !== IN_ZIP64_32) return narrow;
  let at = 0;
  while (at + 4 <= extra.byteLength && extra.getUint16(at, true) !== 1) at += 4 + extra.getUint16(at + 2, true);
  const end = at + 4 <= extra.byteLength ? Math.min(extra.byteLength, at + 4 + extra.getUint16(at + 2, true)) : 0;
  at += 4;
  const wide = (value: number): number => {
    if (value !== IN_ZIP64_32) return value;
    if (at + 8 > end) throw corrupt(path, `does not say how long ${short(name)} is or where`);
    at += 8;
    return long(extra, at - 8, path);
  };
  const size = wide(narrow.size);
  const stored = wide(narrow.stored);
  return { size, stored, begin: wide(narrow.begin) };
}

/** Sorts entries by position; each must end before the next begins. */
function withLimits(entries: ReadonlyMap<string, Listed>, directory: number, path: string): Map<string, Entry> {
  const sorted = [...entries].sort(([, a], [, b]) => a.begin - b.begin);
  return new Map(
    sorted.map(([name, entry], i) => {
      const limit = sorted[i + 1]?.[1].begin ?? directory;
      if (entry.begin + 30 + new TextEncoder().encode(name).length + entry.stored > limit)
        throw corrupt(path, `has the entry ${short(name)} reach into what follows it`);
      return [name, { ...entry, limit }];
    }),
  );
}

function checkMethod(flags: number, method: number, allowed: readonly number[], name: string, path: string): void {
  if ((flags & ~FLAGS) !== 0)
    throw corrupt(path, `has the entry ${short(name)} encrypted, or packed in a way that its writer does not use`);
  if (!allowed.includes(method))
    throw corrupt(path, `has the entry ${short(name)} compressed, which its writer never does (was it zipped again?)`);
}

/** Inflates `length` bytes. Throws CorruptFileError for more, fewer, or what is not deflated. */
async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  length: number,
  name: string,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const out = new Uint8Array(length);
  let at = 0;
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    for (const reader = stream.getReader(); ; ) {
      const { value, done } = await reader.read();
      if (done) break;
      if (at + value.length > length) {
        await reader.cancel();
        throw corrupt(path, `has more bytes in ${short(name)} than the ${length} that it states`);
      }
      out.set(value, at);
      at += value.length;
    }
  } catch (error) {
    if (error instanceof CorruptFileError) throw error;
    throw corrupt(path, `has an entry ${short(name)} that cannot be inflated`);
  }
  if (at < length) throw corrupt(path, `has ${at} bytes in ${short(name)}, and states ${length}`);
  return out;
}

function nameOf(bytes: Uint8Array, path: string): string {
  let name: string;
  try {
    name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw corrupt(path, 'has an entry whose name is not UTF-8');
  }
  if (name === '' || name.length > 500 || /^\/|\\|\0/.test(name) || name.split('/').includes('..'))
    throw corrupt(path, `has an entry of the name ${JSON.stringify(short(name))}`);
  return name;
}

/** Reads 64 bits as a number; no file has positions above 2^53. */
function long(view: DataView, at: number, path: string): number {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw corrupt(path, `states the number ${value}`);
  return Number(value);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function corrupt(file: string, why: string): CorruptFileError {
  return new CorruptFileError(`${file} is damaged: it ${why}. Download it again.`, { file });
}

function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
