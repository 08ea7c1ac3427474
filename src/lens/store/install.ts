import { CorruptFileError, MissingFileError, throwIfAborted } from '../api/errors';
import type { Origin } from '../api/model';
import type { Progress } from '../api/open';
import { openConfig } from '../folders/config';
import type { DictionaryPlan } from '../folders/dictionary-plan';
import { HASHED } from '../formats/sha256';
import { readTensorTable } from '../formats/tensor-table';
import type { Source, SourceFile, StreamOptions } from '../sources/source';
import { Installation } from './installation';
import { type Beside, lookBeside, withKept } from './look-beside';
import { keyOf, lackedOf, type Manifest } from './manifest';
import { markOf } from './mark';
import { planDictionary, planModel, type StoredFormat } from './plan-pieces';
import { freshManifest, goesOn, totalOf } from './resume';
import type { InstallOptions, Wanted } from './wanted';

const NEEDED = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
const WELCOME = ['generation_config.json', 'chat_template.jinja', 'LICENSE'];

/** What tells an entry from others; `mark` as in its manifest. */
interface EntryKey {
  mark: string | null;
  key: string;
}

/**
 * Converts a model's weights into the store, beside its configuration and tokenizer. It keeps what the store has,
 * fetches what is missing, and checks it against the hashes that the source states. An interrupted installation
 * continues where it stopped. Throws what the source throws, CorruptFileError for altered or damaged files,
 * UnsupportedModelError and ShapeMismatchError before any weights are fetched, StorageFullError with the figures,
 * AbortedError.
 */
export async function installModel(source: Source, format: StoredFormat, options: InstallOptions): Promise<Manifest> {
  const { signal } = options;
  const config = await openConfig(source, { signal });
  const plan = planModel(await readTensorTable(source, { signal }), config, format, options.pieceBytes);
  const whole = [
    ...(await filesOf(source, NEEDED, true, { signal })),
    ...(await filesOf(source, WELCOME, false, { signal })),
  ];
  return install({ kind: 'model', source, detail: format, meta: null, plan, whole, beside: [] }, options);
}

/** Like `installModel`, for one layer's dictionary: matrices as f16, in file order. `chosen`: its folder was asked for,
 *  so that another folder of the same layer is another entry. Statistics and feature data that lie beside it are kept with
 *  it; where they cannot be had, the entry is complete without (`lackedOf`), and installing it again fetches them.
 *  `beside`: what lies there, if the source was asked already. */
export async function installDictionary(
  source: Source,
  dictionary: DictionaryPlan,
  { chosen = false, beside, ...options }: InstallOptions & { chosen?: boolean; beside?: Beside },
): Promise<Manifest> {
  const found = beside ?? (await lookBeside(source, dictionary, options));
  return install(await wantedDictionary(source, dictionary, chosen, found, options), options);
}

/** What a kept dictionary lacks. */
export interface Completion {
  wanted: Wanted;
  name: EntryKey;
  /** To be fetched. */
  bytes: number;
}

/** What the source has of the files that a kept dictionary lacks. Null if the dictionary there is another now. */
export async function findLacked(
  source: Source,
  dictionary: DictionaryPlan,
  kept: Manifest,
  options: Pick<InstallOptions, 'signal' | 'pieceBytes'>,
): Promise<Completion | null> {
  const { meta } = kept;
  const asked = meta?.beside ? [...lackedOf(kept), ...(meta.unasked ?? [])] : undefined;
  const beside = await lookBeside(source, dictionary, options, asked);
  const chosen = kept.detail === detailOf(dictionary, true);
  const wanted = await wantedDictionary(source, dictionary, chosen, beside, options);
  const name = await nameOf(wanted, options);
  if (name.key !== kept.key) return null;
  const notices = meta?.notices ? [...meta.notices, ...beside.tooLong] : wanted.meta!.notices;
  const bytes = beside.files.reduce((sum, { size }) => sum + size, 0);
  return { wanted: { ...wanted, meta: { ...wanted.meta!, notices } }, name, bytes };
}

/** Fetches what a kept dictionary lacks, and reports these bytes alone. */
export async function completeDictionary(
  { wanted, name, bytes }: Completion,
  { onProgress, ...options }: InstallOptions,
): Promise<void> {
  const lacked = ({ stage, loaded, total }: Progress) =>
    onProgress?.({ stage, loaded: Math.max(0, loaded - total + bytes), total: bytes });
  await install(wanted, { ...options, onProgress: lacked }, name);
}

async function wantedDictionary(
  source: Source,
  dictionary: DictionaryPlan,
  chosen: boolean,
  { files: beside, tooLong, unasked }: Beside,
  options: Pick<InstallOptions, 'signal' | 'pieceBytes'>,
): Promise<Wanted> {
  const { layer, d, width, k, activation, fold, about, notices } = dictionary;
  const copied = dictionary.source !== undefined;
  const facts = { layer, d, width, k, activation, fold, about, copied, notices: [...notices, ...tooLong] };
  return {
    kind: 'dictionary',
    source,
    detail: detailOf(dictionary, chosen),
    meta: { ...facts, beside: beside.map(({ path }) => path), unasked },
    plan: planDictionary(dictionary, options.pieceBytes),
    whole: await filesOf(source, ['LICENSE'], false, options),
    beside,
  };
}

const detailOf = ({ layer, about }: DictionaryPlan, chosen: boolean): string =>
  chosen ? `layer${layer} in ${about.folder.slice(-80) || '.'}` : `layer${layer}`;

/** Bytes to fetch for a dictionary, with what lies beside it. */
export const bytesOf = ({ file }: DictionaryPlan, { files }: Beside): number =>
  [file, ...files].reduce((sum, { size }) => sum + size, 0);

async function install(asked: Wanted, options: InstallOptions, name?: EntryKey): Promise<Manifest> {
  const { source } = asked;
  const { store, signal, onWait } = options;
  throwIfAborted(signal);
  const { mark, key } = name ?? (await nameOf(asked, { signal }));
  let dropped = false;
  try {
    return await store.installing(key, { signal, onWait }, async () => {
      const known = await store.manifests.get(key);
      dropped = known !== null && !goesOn(known, asked);
      const wanted = known && !dropped ? withKept(asked, known) : asked;
      const origin = known && isPinned(source.origin) ? known.origin : source.origin;
      const facts = { meta: wanted.meta, licence: source.licence, origin, total: totalOf(wanted) };
      const manifest = known && !dropped ? { ...known, ...facts } : freshManifest(wanted, key, mark);
      const installation = new Installation(manifest, wanted, options, await store.missing(manifest));
      try {
        return await installation.run();
      } finally {
        dropped ||= installation.dropped;
      }
    });
  } finally {
    // Removes parts that no entry names any more; if another tab is at work, they wait for the next time.
    if (dropped) await store.sweep().catch(() => 0);
  }
}

/** Whether it was asked for by its commit: that says nothing of a branch that an entry was asked for by before. */
const isPinned = (origin: Origin): boolean => origin.kind === 'hub' && origin.asked === origin.revision;

/** What lies beside a dictionary does not tell it from others: earlier versions kept it under the same key. */
async function nameOf({ kind, source, detail, plan, whole }: Wanted, { signal }: StreamOptions): Promise<EntryKey> {
  const mark = await markOf(source, [...whole, ...plan.files.map(({ file }) => file)], { signal });
  return { mark, key: keyOf({ kind, origin: source.origin, mark, detail }) };
}

async function filesOf(
  source: Source,
  paths: readonly string[],
  needed: boolean,
  { signal }: StreamOptions,
): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for (const path of paths) {
    const file = await source.stat(path, { signal });
    if (!file && needed)
      throw new MissingFileError(`${source.name} has no ${path}, which a model needs.`, { folder: source.name, path });
    if (file && file.size > HASHED) {
      if (needed)
        throw new CorruptFileError(`${path} has ${file.size} bytes, more than the ${HASHED} that are allowed.`, {
          file: path,
        });
    } else if (file) files.push(file);
  }
  return files;
}
