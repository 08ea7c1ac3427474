import { DamagedStoreError, LensError } from '../api/errors';
import type { KeptEntry, Origin } from '../api/model';
import type { Encoding } from '../folders/stored-tensors';
import { JsonObject } from '../formats/json';
import { BYTES_PER, type StoredFloat } from '../kernels/converter';
import { encodedBytes } from '../sizes';
import type { SourceFile } from '../sources/source';
import type { PartRef } from './parts';

export interface KeptPart extends PartRef {
  rows: number;
}

export interface KeptTensorRecord {
  shape: number[];
  /** As it was stored in the source. */
  dtype: StoredFloat;
  encoding: Encoding;
  rows: number;
  /** In the order of the rows, as far as they were written. */
  parts: KeptPart[];
  transposed: boolean;
}

export interface DictionaryMeta {
  layer: number;
  d: number;
  width: number;
  k: number;
}

/** What the store knows of one model or dictionary. It is written anew after each part. */
export interface Manifest {
  key: string;
  version: 1;
  kind: 'model' | 'dictionary';
  origin: Origin;
  /** Of a source that is not pinned: a hash of what its files look like (mark.ts), so that what changed is another
   *  entry. Null of the Hub. */
  mark: string | null;
  /** Of a model its format, of a dictionary `layer{n}`. */
  detail: string;
  /** As the source names it. */
  licence: string | null;
  /** Milliseconds since 1970. */
  created: number;
  opened: number;
  complete: boolean;
  /** Files of the weights. */
  files: SourceFile[];
  /** Of those files that were read to their end: the SHA-256 of what was read. */
  hashes: Record<string, string>;
  /** Of a file that is under way: its next byte, and the state of its hash there. */
  resume: Record<string, { offset: number; state: string }>;
  /** Small files, as they are: config.json, tokenizer.json, … */
  whole: Record<string, PartRef>;
  tensors: Record<string, KeptTensorRecord>;
  /** Of the source's files: read so far, and in all. */
  read: number;
  total: number;
  /** Null of a model. */
  meta: DictionaryMeta | null;
}

/** Stable: the same files in the same form have the same key, in every tab. */
export function keyOf({ kind, origin, mark, detail }: Pick<Manifest, 'kind' | 'origin' | 'mark' | 'detail'>): string {
  const marked = mark === null ? '' : `#${mark}`;
  if (origin.kind === 'hub')
    return `${kind} hub ${origin.endpoint} ${origin.repo}@${origin.revision}${marked} ${detail}`;
  return `${kind} ${origin.kind} ${origin.kind === 'url' ? origin.url : origin.name}${marked} ${detail}`;
}

/** Every part that it names, once. */
export function partsOf(manifest: Manifest): PartRef[] {
  const all = [...Object.values(manifest.whole), ...Object.values(manifest.tensors).flatMap(({ parts }) => parts)];
  return [...new Map(all.map(({ sha256, bytes }) => [sha256, { sha256, bytes }])).values()];
}

export function entryOf(manifest: Manifest): KeptEntry {
  const { key, kind, origin, detail, complete, read, total, opened } = manifest;
  return {
    key,
    kind,
    origin,
    detail,
    complete,
    bytes: partsOf(manifest).reduce((sum, { bytes }) => sum + bytes, 0),
    read,
    total,
    opened,
  };
}

/** A complete entry with some of its parts gone: interrupted, as far as anybody else is concerned, and less of its
 *  source there. Null where it names none of them, and where it is incomplete already: installing it looks for itself
 *  which parts are there. */
export function without(manifest: Manifest, gone: ReadonlySet<string>): Manifest | null {
  if (!manifest.complete) return null;
  let lost = 0;
  for (const { sha256, bytes } of Object.values(manifest.whole)) if (gone.has(sha256)) lost += bytes;
  for (const { shape, dtype, rows, parts } of Object.values(manifest.tensors)) {
    const rowBytes = (shape.reduce((product, n) => product * n, 1) / rows) * BYTES_PER[dtype];
    for (const part of parts) if (gone.has(part.sha256)) lost += part.rows * rowBytes;
  }
  return lost === 0 ? null : { ...manifest, complete: false, read: Math.max(0, manifest.read - lost) };
}

const HASH = /^[0-9a-f]{64}$/;
const LONG = 4000;
const MAX_SIZE = Number.MAX_SAFE_INTEGER;

/** What was read back from the database, of which nothing is trusted: another version of the page may have written it.
 *  Throws DamagedStoreError. */
export function parseManifest(value: unknown): Manifest {
  try {
    return parse(new JsonObject(value, 'manifest'));
  } catch (error) {
    throw new DamagedStoreError(
      `What this browser's store says about an entry cannot be read: ${error instanceof LensError ? error.message : String(error)}`,
    );
  }
}

function parse(from: JsonObject): Manifest {
  from.integer('version', 1, 1);
  const manifest: Manifest = {
    key: from.text('key', LONG),
    version: 1,
    kind: from.oneOf('kind', ['model', 'dictionary']),
    origin: originOf(objectAt(from, 'origin')),
    mark: from.get('mark') === undefined ? null : from.text('mark', 100),
    detail: from.text('detail', 100),
    licence: from.get('licence') === undefined ? null : from.text('licence', LONG),
    created: from.number('created', 0, MAX_SIZE),
    opened: from.number('opened', 0, MAX_SIZE),
    complete: from.boolean('complete', false),
    files: dense(from.list('files', 10_000)).map((file) => fileOf(new JsonObject(file, 'manifest: files'))),
    hashes: record(objectAt(from, 'hashes'), (hash, path, all) =>
      typeof hash === 'string' && HASH.test(hash) ? hash : all.refuse(path, 'must be a SHA-256'),
    ),
    resume: record(objectAt(from, 'resume'), (_, path, all) => resumeOf(objectAt(all, path))),
    whole: record(objectAt(from, 'whole'), (_, path, all) => partOf(objectAt(all, path))),
    tensors: record(objectAt(from, 'tensors'), (_, name, all) => tensorOf(objectAt(all, name))),
    read: from.integer('read', 0, MAX_SIZE),
    total: from.integer('total', 0, MAX_SIZE),
    meta: metaOf(from.object('meta')),
  };
  if (manifest.key !== keyOf(manifest)) from.refuse('key', 'must say what the entry is');
  if ((manifest.kind === 'dictionary') !== (manifest.meta !== null))
    from.refuse('meta', 'must be there for dictionaries and for them alone');
  if (manifest.read > manifest.total) from.refuse('read', `must be at most ${manifest.total}`);
  if (manifest.complete) {
    const cut = Object.values(manifest.tensors).some(({ rows, parts }) => rows !== rowsOf(parts));
    if (cut || manifest.files.some(({ path }) => !Object.hasOwn(manifest.hashes, path)))
      from.refuse('complete', 'must be false where something is missing');
  }
  return manifest;
}

function originOf(from: JsonObject): Origin {
  const kind = from.oneOf('kind', ['hub', 'url', 'picked']);
  if (kind === 'url') return { kind, url: from.text('url', LONG) };
  if (kind === 'picked') return { kind, name: from.text('name', LONG) };
  const [endpoint, repo, asked] = [from.text('endpoint', LONG), from.text('repo', LONG), from.text('asked', LONG)];
  const revision = from.text('revision', 40);
  if (!/^[0-9a-f]{40}$/.test(revision)) from.refuse('revision', 'must be a commit');
  return { kind, endpoint, repo, revision, asked };
}

function fileOf(from: JsonObject): SourceFile {
  return {
    path: from.text('path', LONG),
    size: from.integer('size', 0, MAX_SIZE),
    sha256: from.get('sha256') === undefined ? null : hashOf(from),
  };
}

function resumeOf(from: JsonObject): { offset: number; state: string } {
  const state = from.text('state', LONG);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(state)) from.refuse('state', 'must be base64');
  return { offset: from.integer('offset', 1, MAX_SIZE), state };
}

function partOf(from: JsonObject): PartRef {
  return { sha256: hashOf(from), bytes: from.integer('bytes', 0, MAX_SIZE) };
}

function tensorOf(from: JsonObject): KeptTensorRecord {
  const shape = from.list('shape', 2);
  const sizes = shape.filter((n): n is number => typeof n === 'number' && Number.isSafeInteger(n) && n > 0);
  if (shape.length === 0 || sizes.length !== shape.length) from.refuse('shape', 'must be one or two sizes');
  const encoding = from.oneOf('encoding', ['q4', 'q8', 'f16', 'f32']);
  const rows = sizes.length === 2 ? sizes[0]! : 1;
  from.integer('rows', rows, rows);
  const columns = sizes.at(-1)!;
  const parts = dense(from.list('parts', 1_000_000)).map((value) => {
    const part = new JsonObject(value, `${from.file}: parts`);
    const ofPart = part.integer('rows', 1, rows);
    const bytes = encodedBytes(encoding, ofPart * columns);
    return { sha256: hashOf(part), bytes: part.integer('bytes', bytes, bytes), rows: ofPart };
  });
  if (rowsOf(parts) > rows) from.refuse('parts', `must have ${rows} rows`);
  return {
    shape: sizes,
    dtype: from.oneOf('dtype', ['F32', 'F16', 'BF16']),
    encoding,
    rows,
    parts,
    transposed: from.boolean('transposed', false),
  };
}

function metaOf(from: JsonObject | null): DictionaryMeta | null {
  if (!from) return null;
  const size = (key: string, least: number) => from.integer(key, least, 1 << 30);
  return { layer: size('layer', 0), d: size('d', 1), width: size('width', 1), k: size('k', 1) };
}

function hashOf(from: JsonObject): string {
  const hash = from.text('sha256', 64);
  return HASH.test(hash) ? hash : from.refuse('sha256', 'must be a SHA-256');
}

const rowsOf = (parts: readonly KeptPart[]): number => parts.reduce((sum, { rows }) => sum + rows, 0);

/** A list from a database may have holes, which `map` passes over. */
const dense = (list: unknown[]): unknown[] => Array.from(list);

function objectAt(from: JsonObject, key: string): JsonObject {
  return from.object(key) ?? from.refuse(key, 'must be there');
}

function record<T>(from: JsonObject, read: (value: unknown, key: string, all: JsonObject) => T): Record<string, T> {
  return Object.fromEntries(from.entries().map(([key, value]) => [key, read(value, key, from)]));
}
