import { CorruptFileError, UnsupportedModelError } from '../api/errors';
import { parseJson, shown } from '../formats/json';
import { noFile } from '../sources/reads';
import type { Source, StreamOptions } from '../sources/source';
import { parseSaeConfig } from './sae-config';

/** The contents of a source of dictionaries. */
interface DictionaryList {
  /** In ascending order; empty without dictionaries. */
  layers: number[];
  form: 'qwen-scope' | 'saelens';
  /** Null if the source does not state it, or layers differ. */
  k: number | null;
}

/** A folder of SAELens. `path` is empty, or ends with '/'. */
export interface SaelensFolder {
  path: string;
  config: ReturnType<typeof parseSaeConfig>;
}

export const SAELENS_WEIGHTS = 'sae_weights.safetensors';

/** Layers to try one by one if a source cannot be listed: more than any model here has. */
const PROBED = 128;
const MAX_FOLDERS = 500;
const MAX_CONFIG = 1_000_000;
const AT_ONCE = 8;

/** Lists the layers for which a source has dictionaries: Qwen-Scope's files, else SAELens folders. `layers`: how many
 *  layers to try if the source cannot be listed. */
export async function listDictionaries(
  source: Source,
  { layers = PROBED, signal }: StreamOptions & { layers?: number } = {},
): Promise<DictionaryList> {
  const files = source.list
    ? await source.list({ signal })
    : await fewAtOnce(
        Array.from({ length: Math.min(layers, PROBED) }, (_, n) => `layer${n}.sae.pt`),
        async (path) => (await source.stat(path, { signal }))?.path ?? '',
      );
  const found = files.flatMap((path) => /^layer(0|[1-9]\d{0,3})\.sae\.pt$/.exec(path)?.[1] ?? []).map(Number);
  if (found.length > 0) return { layers: ascending(found), form: 'qwen-scope', k: statedK(source) };
  const folders = await saelensFolders(source, { signal });
  const ks = new Set(folders.map(({ config }) => config.k));
  return {
    layers: ascending(folders.map(({ config }) => config.layer)),
    form: 'saelens',
    k: ks.size === 1 ? [...ks][0]! : null,
  };
}

/** The SAELens folders of a source: all listed ones; if it cannot be listed, its own and those named in
 *  `sae/index.json`. Throws what parseSaeConfig throws. */
export async function saelensFolders(source: Source, options: StreamOptions = {}): Promise<SaelensFolder[]> {
  const paths = source.list ? pairs(await source.list(options)) : ['', ...(await indexed(source, options))];
  if (paths.length > MAX_FOLDERS) {
    throw new UnsupportedModelError(
      `${source.name} has ${paths.length} dictionaries in folders; at most ${MAX_FOLDERS} are looked through. Choose one of them.`,
      { folders: paths.length },
    );
  }
  const folders = await fewAtOnce(paths, (path) => saelensFolder(source, path, options));
  return folders.filter((folder) => folder !== null);
}

/** The dictionaries in a model folder: those named in `sae/index.json`; none without that file. Throws what
 *  parseSaeConfig throws, MissingFileError, and CorruptFileError if two have the same layer. */
export async function ownFolders(source: Source, options: StreamOptions = {}): Promise<SaelensFolder[]> {
  const folders = await fewAtOnce(await indexed(source, options), async (path) => {
    const folder = await saelensFolder(source, path, options);
    if (!folder) throw noFile(`${path}cfg.json`, source.name);
    return folder;
  });
  const layers = new Set<number>();
  for (const { config } of folders) {
    if (layers.has(config.layer)) {
      throw new CorruptFileError(
        `${source.name} has two dictionaries for layer ${config.layer}. Leave one of them in sae/index.json.`,
        { layer: config.layer },
      );
    }
    layers.add(config.layer);
  }
  return folders;
}

/** Reads the folder's `cfg.json`; null if it has none. */
export async function saelensFolder(
  source: Source,
  path: string,
  options: StreamOptions = {},
): Promise<SaelensFolder | null> {
  const file = `${path}cfg.json`;
  const bytes = await source.tryRead(file, { ...options, most: MAX_CONFIG });
  return bytes && { path, config: parseSaeConfig(parseJson(bytes, file), file) };
}

/** The folders named in a source's `sae/index.json`, all beside that file. An address needs it: it cannot be listed. */
async function indexed(source: Source, options: StreamOptions): Promise<string[]> {
  const file = 'sae/index.json';
  const bytes = await source.tryRead(file, { ...options, most: MAX_CONFIG });
  if (!bytes) return [];
  const names = parseJson(bytes, file);
  if (!Array.isArray(names)) throw new CorruptFileError(`${file} must hold a list of folder names.`, { file });
  const known = new Set<string>();
  for (const name of names as unknown[]) {
    if (typeof name !== 'string' || !/^[\w-][\w.-]{0,199}$/.test(name))
      throw new CorruptFileError(`${file} must name folders beside it, but holds ${shown(name)}.`, { file });
    if (known.has(name)) throw new CorruptFileError(`${file} names ${name} twice.`, { file });
    known.add(name);
  }
  return [...known].map((name) => `sae/${name}/`);
}

/** k from the end of a repository's or folder's name (`…-L0_50`); null if the name does not state it. */
export function statedK({ origin }: Source): number | null {
  const name =
    origin.kind === 'hub'
      ? origin.repo
      : origin.kind === 'picked'
        ? origin.name
        : origin.url.replace(/[?#].*$/, '').replace(/\/+$/, '');
  const stated = /-L0_([1-9]\d{0,5})$/.exec(name)?.[1];
  return stated === undefined ? null : Number(stated);
}

/** Folders that hold both files of a SAELens dictionary. */
function pairs(files: string[]): string[] {
  const all = new Set(files);
  return files
    .flatMap((path) => (path === 'cfg.json' || path.endsWith('/cfg.json') ? [path.slice(0, -'cfg.json'.length)] : []))
    .filter((path) => all.has(`${path}${SAELENS_WEIGHTS}`));
}

function ascending(layers: number[]): number[] {
  return [...new Set(layers)].sort((a, b) => a - b);
}

async function fewAtOnce<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += AT_ONCE)
    results.push(...(await Promise.all(items.slice(i, i + AT_ONCE).map(work))));
  return results;
}
