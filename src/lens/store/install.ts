import { AccessDeniedError, CorruptFileError, MissingFileError, throwIfAborted } from '../api/errors';
import { BESIDE, folderBeside } from '../folders/beside';
import { openConfig } from '../folders/config';
import type { DictionaryPlan } from '../folders/dictionary-plan';
import { HASHED } from '../formats/sha256';
import { readTensorTable } from '../formats/tensor-table';
import type { Source, SourceFile, StreamOptions } from '../sources/source';
import { Installation } from './installation';
import { keyOf, type Manifest } from './manifest';
import { markOf } from './mark';
import { planDictionary, planModel, type StoredFormat } from './plan-pieces';
import { freshManifest, goesOn, totalOf } from './resume';
import type { InstallOptions, Wanted } from './wanted';

const NEEDED = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
const WELCOME = ['generation_config.json', 'chat_template.jinja', 'LICENSE'];

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
 *  it; where they cannot be had, the entry is complete without (`lackedOf`), and installing it again fetches them. */
export async function installDictionary(
  source: Source,
  dictionary: DictionaryPlan,
  { chosen = false, ...options }: InstallOptions & { chosen?: boolean },
): Promise<Manifest> {
  return install(await wantedDictionary(source, dictionary, chosen, options), options);
}

/** Installs what a kept dictionary lacks, if these are still its files; else nothing. */
export async function completeDictionary(
  source: Source,
  dictionary: DictionaryPlan,
  kept: Manifest,
  options: InstallOptions,
): Promise<void> {
  const chosen = kept.detail === detailOf(dictionary, true);
  const wanted = await wantedDictionary(source, dictionary, chosen, options);
  if ((await nameOf(wanted, options)).key === kept.key) await install(wanted, options);
}

async function wantedDictionary(
  source: Source,
  dictionary: DictionaryPlan,
  chosen: boolean,
  options: InstallOptions,
): Promise<Wanted> {
  const { layer, d, width, k, activation, fold, about, notices } = dictionary;
  const copied = dictionary.source !== undefined;
  const { beside, tooLong } = await filesBeside(source, dictionary, options);
  const meta = { layer, d, width, k, activation, fold, about, copied };
  return {
    kind: 'dictionary',
    source,
    detail: detailOf(dictionary, chosen),
    meta: { ...meta, beside: beside.map(({ path }) => path), notices: [...notices, ...tooLong] },
    plan: planDictionary(dictionary, options.pieceBytes),
    whole: await filesOf(source, ['LICENSE'], false, options),
    beside,
  };
}

const detailOf = ({ layer, about }: DictionaryPlan, chosen: boolean): string =>
  chosen ? `layer${layer} in ${about.folder.slice(-80) || '.'}` : `layer${layer}`;

/** Bytes to fetch for a dictionary, with what lies beside it. */
export async function bytesOf(source: Source, dictionary: DictionaryPlan, options: StreamOptions): Promise<number> {
  const { beside } = await filesBeside(source, dictionary, options);
  return [dictionary.file, ...beside].reduce((sum, { size }) => sum + size, 0);
}

/** Statistics and feature data in a dictionary's folder, and a sentence for each that is too long to be kept. */
async function filesBeside(
  source: Source,
  dictionary: DictionaryPlan,
  { signal }: StreamOptions,
): Promise<{ beside: SourceFile[]; tooLong: string[] }> {
  const beside: SourceFile[] = [];
  const tooLong: string[] = [];
  const folder = folderBeside(dictionary);
  for (const [name, most] of folder === null ? [] : Object.entries(BESIDE)) {
    const file = await unlessDenied(source.stat(folder + name, { signal }));
    if (file && file.size > most)
      tooLong.push(`Left out: ${file.path} has ${file.size} bytes, more than the ${most} that are kept.`);
    else if (file) beside.push(file);
  }
  return { beside, tooLong };
}

async function install(wanted: Wanted, options: InstallOptions): Promise<Manifest> {
  const { source } = wanted;
  const { store, signal, onWait } = options;
  throwIfAborted(signal);
  const { mark, key } = await nameOf(wanted, { signal });
  let dropped = false;
  try {
    return await store.installing(key, { signal, onWait }, async () => {
      const known = await store.manifests.get(key);
      dropped = known !== null && !goesOn(known, wanted);
      const facts = { meta: wanted.meta, licence: source.licence, origin: source.origin, total: totalOf(wanted) };
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

/** Some servers answer 403 where there is no file. */
const unlessDenied = (file: Promise<SourceFile | null>): Promise<SourceFile | null> =>
  file.catch((error: unknown) => (error instanceof AccessDeniedError ? null : Promise.reject(error)));

/** What lies beside a dictionary does not tell it from others: earlier versions kept it under the same key. */
async function nameOf(
  { kind, source, detail, plan, whole }: Wanted,
  options: StreamOptions,
): Promise<{ mark: string | null; key: string }> {
  const mark = await markOf(source, [...whole, ...plan.files.map(({ file }) => file)], options);
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
