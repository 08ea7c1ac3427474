import * as v from 'valibot';
import { DamagedStoreError, LensError } from '../api/errors';
import type { KeptEntry, Origin } from '../api/model';
import * as s from '../exchange/schemas';
import { BYTES_PER } from '../kernels/converter';
import { encodedBytes } from '../sizes';
import type { PartRef } from './parts';

const LONG = 4000;
const address = s.text(LONG);
const size = s.whole(0, Number.MAX_SAFE_INTEGER);
const time = s.number(0, Number.MAX_SAFE_INTEGER);

const part = s.object({ sha256: s.Sha256, bytes: size });
const rowsPart = s.object({ sha256: s.Sha256, bytes: size, rows: size });

const tensor = v.pipe(
  s.object({
    /** One or two sizes. */
    shape: s.listOf<number>((n) => s.isWhole(n, 1, Number.MAX_SAFE_INTEGER), 2, 'must be one or two sizes'),
    /** Number type in the source. */
    dtype: s.oneOf(['F32', 'F16', 'BF16']),
    encoding: s.oneOf(['q4', 'q8', 'f16', 'f32']),
    rows: s.whole(1, Number.MAX_SAFE_INTEGER),
    /** In row order, as far as written. */
    parts: s.list(rowsPart, 1_000_000),
    transposed: s.flagOrNot,
  }),
  s.rule('shape', ({ shape }) => shape.length > 0, 'must be one or two sizes'),
  s.rule('rows', ({ shape, rows }) => rows === (shape.length === 2 ? shape[0] : 1), 'must be those of its shape'),
  s.rule(
    'parts',
    ({ rows, parts }) => rowsOf(parts) <= rows,
    ({ rows }) => `must have ${rows} rows`,
  ),
  s.rule(
    'parts',
    ({ shape, encoding, parts }) =>
      parts.every(({ rows, bytes }) => rows > 0 && bytes === encodedBytes(encoding, rows * shape.at(-1)!)),
    'must be whole rows',
  ),
);

const origin = s.byKind({
  hub: s.object({
    kind: v.literal('hub'),
    endpoint: address,
    repo: address,
    revision: v.pipe(s.text(40), v.regex(/^[0-9a-f]{40}$/, 'must be a commit')),
    asked: address,
  }),
  url: s.object({ kind: v.literal('url'), url: address }),
  picked: s.object({ kind: v.literal('picked'), name: address }),
});

const count = s.whole(1, 2 ** 30);
const finite = (min = -Number.MAX_VALUE) => s.number(min, Number.MAX_VALUE);
const stated = s.orNull(s.anyText(LONG));

const activation = s.byKind({
  topk: s.object({ kind: v.literal('topk'), k: count }),
  threshold: s.object({ kind: v.literal('threshold'), all: finite() }),
});

const fold = s.object({ inputScale: finite(Number.MIN_VALUE), centred: s.flagOrNot, rescaled: s.flagOrNot });

const about = s.object({
  library: stated,
  architecture: stated,
  folder: s.anyText(LONG),
  l0: s.orNull(finite(0)),
  levels: s.orNull(s.listOf<number>((n) => s.isWhole(n, 0, 2 ** 30), 1000, 'must be whole numbers')),
});

const dictionary = s.object({
  layer: s.whole(0, 2 ** 30),
  d: count,
  width: count,
  k: count,
  /** Null of an entry that an earlier version kept: a top-k dictionary in the common form, of which no more is known. */
  activation: s.orNull(activation),
  fold: s.orNull(fold),
  about: s.orNull(about),
  /** Its bytes, and so `hashes`, are of a copy in memory (DictionaryPlan.source), not of the source's own file. */
  copied: s.flagOrNot,
  /** Files beside the dictionary that are kept in `whole` when they can be had (folders/beside.ts): statistics, feature
   *  data. Null of an entry that an earlier version kept, which did not look for them. */
  beside: s.orNull(s.list(address, 10)),
  /** Paths of such files of which the source did not say whether they are there. */
  unasked: s.orNull(s.list(address, 10)),
  /** As DictionaryPlan.notices. */
  notices: s.orNull(s.listOf<string>((text) => typeof text === 'string', 100, 'must be texts')),
});

const schema = v.pipe(
  s.object({
    key: address,
    version: v.literal(1, 'must be 1'),
    kind: s.oneOf(['model', 'dictionary']),
    origin,
    /** For an unpinned source: a hash over its files (mark.ts), so that changed files make another entry. Null for the
     *  Hub, where a commit pins them. */
    mark: s.orNull(s.text(100)),
    /** A model's format, or `layer{n}` for a dictionary; `layer{n} in {folder}` where its folder was asked for. */
    detail: s.text(100),
    /** As the source names it. */
    licence: s.orNull(address),
    /** Milliseconds since 1970. */
    created: time,
    opened: time,
    complete: s.flagOrNot,
    /** Files of the weights. */
    files: s.list(s.object({ path: address, size, sha256: s.orNull(s.Sha256) }), 10_000),
    /** The SHA-256 of each file that was read to its end. */
    hashes: s.record(s.Sha256),
    /** For a partly read file: the next byte, and the state of its hash there. */
    resume: s.record(
      s.object({
        offset: s.whole(1, Number.MAX_SAFE_INTEGER),
        state: v.pipe(address, v.regex(/^[A-Za-z0-9+/]+={0,2}$/, 'must be base64')),
      }),
    ),
    /** Small files, as they are: config.json, tokenizer.json, … */
    whole: s.record(part),
    tensors: s.record(tensor),
    /** Bytes of the source's files: read so far, and in all. */
    read: size,
    total: size,
    /** Null for a model. */
    meta: s.orNull(dictionary),
  }),
  s.rule('key', (manifest) => manifest.key === keyOf(manifest), 'must say what the entry is'),
  s.rule(
    'meta',
    ({ kind, meta }) => (kind === 'dictionary') === (meta !== null),
    'must be there for dictionaries and for them alone',
  ),
  s.rule(
    'read',
    ({ read, total }) => read <= total,
    ({ total }) => `must be at most ${total}`,
  ),
  s.rule(
    'complete',
    ({ complete, files, hashes, tensors }) =>
      !complete ||
      (files.every(({ path }) => Object.hasOwn(hashes, path)) &&
        Object.values(tensors).every(({ rows, parts }) => rows === rowsOf(parts))),
    'must be false where something is missing',
  ),
);

/** The store's record of one model or dictionary. It is rewritten after each part. */
export type Manifest = v.InferOutput<typeof schema>;
export type TensorRecord = v.InferOutput<typeof tensor>;
type KeptPart = v.InferOutput<typeof rowsPart>;
export type DictionaryMeta = v.InferOutput<typeof dictionary>;

/** The fields that identify an entry. */
type EntryName = Pick<KeptEntry, 'kind' | 'detail'> & { origin: Origin; mark: string | null };

/** Stable: the same files in the same form have the same key, in every tab. */
export function keyOf({ kind, origin, mark, detail }: EntryName): string {
  const marked = mark === null ? '' : `#${mark}`;
  if (origin.kind === 'hub')
    return `${kind} hub ${origin.endpoint} ${origin.repo}@${origin.revision}${marked} ${detail}`;
  return `${kind} ${origin.kind} ${origin.kind === 'url' ? origin.url : origin.name}${marked} ${detail}`;
}

/** Every part that the manifest names, once. */
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

/** Whether an entry does not open without some of these parts: it does without the files beside a dictionary. */
export function needsAny(manifest: Manifest, parts: ReadonlySet<string>): boolean {
  return partsOf({ ...manifest, whole: withoutBeside(manifest) }).some(({ sha256 }) => parts.has(sha256));
}

/** Files beside a dictionary that its source had and the store has not. */
export function lackedOf({ meta, whole }: Manifest): string[] {
  return (meta?.beside ?? []).filter((path) => !Object.hasOwn(whole, path));
}

/** The entry, without asking for anything more that lies beside its dictionary: its source does not have it as stated.
 *  A sentence in its notices names what is lacking. */
export function withoutLacked(manifest: Manifest): Manifest {
  const { meta, whole } = manifest;
  if (!meta) return manifest;
  const beside = (meta.beside ?? []).filter((path) => Object.hasOwn(whole, path));
  const notices = [...(meta.notices ?? []), ...lackedOf(manifest).map(notAsStated)];
  return { ...manifest, meta: { ...meta, beside, unasked: null, notices } };
}

/** Said of a file beside a dictionary that is not asked for again. */
export const notAsStated = (path: string): string =>
  `Left out: ${path} is not what its source stated when the dictionary was fetched. Delete the dictionary and open it again to fetch both anew.`;

function withoutBeside({ meta, whole }: Manifest, only = (_: PartRef) => true): Manifest['whole'] {
  const beside = meta?.beside ?? [];
  return Object.fromEntries(Object.entries(whole).filter(([path, part]) => !(beside.includes(path) && only(part))));
}

/** Returns a complete entry without the lost parts, and with fewer bytes read: as an interrupted one, unless only files
 *  beside a dictionary are lost. Null if the entry names none of them, or is incomplete already: installing it checks
 *  itself which parts are there. */
export function without(manifest: Manifest, gone: ReadonlySet<string>): Manifest | null {
  if (!manifest.complete) return null;
  let lost = 0;
  for (const { sha256, bytes } of Object.values(manifest.whole)) if (gone.has(sha256)) lost += bytes;
  for (const { shape, dtype, rows, parts } of Object.values(manifest.tensors)) {
    const rowBytes = (shape.reduce((product, n) => product * n, 1) / rows) * BYTES_PER[dtype];
    for (const part of parts) if (gone.has(part.sha256)) lost += part.rows * rowBytes;
  }
  if (lost === 0) return null;
  const whole = withoutBeside(manifest, ({ sha256 }) => gone.has(sha256));
  return { ...manifest, whole, complete: !needsAny(manifest, gone), read: Math.max(0, manifest.read - lost) };
}

/** Parses an entry of the database and trusts nothing in it: another version of the page may have written it. Throws
 *  DamagedStoreError. */
export function parseManifest(value: unknown): Manifest {
  try {
    return s.read(schema, value, 'manifest');
  } catch (error) {
    throw new DamagedStoreError(
      `What this browser's store says about an entry cannot be read: ${error instanceof LensError ? error.message : String(error)}`,
    );
  }
}

const rowsOf = (parts: readonly KeptPart[]): number => parts.reduce((sum, { rows }) => sum + rows, 0);
