import { CorruptFileError, MissingFileError, throwIfAborted } from '../api/errors';
import { openConfig } from '../folders/config';
import type { DictionaryPlan } from '../folders/dictionary-plan';
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
/** Of a small file: more is not hashed as one (formats/sha256.ts), and no tokenizer has it. */
const MAX_WHOLE = 64e6;

/**
 * A model's weights converted into the store, with its configuration and tokenizer: what is there already stays, what
 * is missing is fetched, and what is fetched is compared with the hash that the source states. Stopped at any point it
 * goes on there the next time. Throws what the source throws, CorruptFileError for altered or damaged files,
 * UnsupportedModelError and ShapeMismatchError before anything is fetched, StorageFullError with the figures,
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
  return install({ kind: 'model', source, detail: format, meta: null, plan, whole }, options);
}

/** The same of one layer's dictionary: matrices as f16, in the order of their file. */
export async function installDictionary(
  source: Source,
  dictionary: DictionaryPlan,
  options: InstallOptions,
): Promise<Manifest> {
  const { layer, d, width, k } = dictionary;
  const whole = await filesOf(source, ['LICENSE'], false, options);
  return install(
    {
      kind: 'dictionary',
      source,
      detail: `layer${layer}`,
      meta: { layer, d, width, k },
      plan: planDictionary(dictionary, options.pieceBytes),
      whole,
    },
    options,
  );
}

async function install(wanted: Wanted, options: InstallOptions): Promise<Manifest> {
  const { kind, source, detail, plan, whole } = wanted;
  const { store, signal, onWait } = options;
  throwIfAborted(signal);
  const mark = await markOf(source, [...whole, ...plan.files.map(({ file }) => file)], { signal });
  const key = keyOf({ kind, origin: source.origin, mark, detail });
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
    // Parts that nobody names any more; where another tab is at work they wait for the next time.
    if (dropped) await store.sweep().catch(() => 0);
  }
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
    if (file && file.size > MAX_WHOLE) {
      if (needed)
        throw new CorruptFileError(`${path} has ${file.size} bytes, more than the ${MAX_WHOLE} that are allowed.`, {
          file: path,
        });
    } else if (file) files.push(file);
  }
  return files;
}
