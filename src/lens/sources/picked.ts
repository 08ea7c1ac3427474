import { MissingFileError, throwIfAborted } from '../api/errors';
import type { PickedFolder } from '../api/model';
import { DICTIONARY_FILE, dictionaryFolders } from './dictionary-marks';
import { checkPath, noFile, sourceOf } from './reads';
import type { Source } from './source';

/** Bytes read from the disk at a time. */
const PIECE = 4 << 20;

/** Files that mark the folder of a model or a dictionary, the surest first. */
const LANDMARKS = [/^config\.json$/, /^layer\d+\.sae\.pt$/, /^cfg\.json$/];

/** A picked or dropped folder. Its files are read in place, in parts; nothing is copied. Paths begin at the folder of
 *  the model; where there is none, at the one around all its dictionaries. */
export function pickedSource(picked: PickedFolder): Source {
  const name = picked.name || 'the picked folder';
  const root = rootOf(picked.files.map(({ path }) => clean(path)));
  const files = new Map<string, File>();
  for (const { path, file } of picked.files) {
    const inside = clean(path);
    if (inside.startsWith(root)) files.set(inside.slice(root.length), file);
  }

  return sourceOf({
    name,
    origin: { kind: 'picked', name },
    licence: null,
    async list({ signal } = {}) {
      throwIfAborted(signal);
      return [...files.keys()];
    },
    async stat(path, { signal } = {}) {
      throwIfAborted(signal);
      const file = files.get(checkPath(path, name));
      return file ? { path, size: file.size, sha256: null } : null;
    },
    async *stream(path, begin, end, { signal } = {}) {
      const file = files.get(checkPath(path, name));
      if (!file) throw noFile(path, name);
      if (!(Number.isSafeInteger(begin) && Number.isSafeInteger(end) && begin >= 0 && begin <= end && end <= file.size))
        throw new MissingFileError(`${path} in ${name} has ${file.size} bytes, and [${begin}, ${end}) was asked for.`, {
          folder: name,
          path,
          begin,
          end,
        });
      for (let at = begin; at < end; at += PIECE) {
        throwIfAborted(signal);
        const last = Math.min(end, at + PIECE);
        const bytes = await slice(file, at, last).catch((error) => {
          throwIfAborted(signal);
          throw new MissingFileError(
            `${path} in ${name} could not be read (${String(error)}). It may have changed: pick the folder again.`,
            {
              folder: name,
              path,
            },
          );
        });
        throwIfAborted(signal);
        yield bytes;
      }
    },
  });
}

async function slice(file: File, begin: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(await file.slice(begin, end).arrayBuffer());
  if (bytes.length !== end - begin) throw new Error(`${bytes.length} of ${end - begin} bytes`);
  return bytes;
}

/** Browsers write the paths of a dropped folder with a slash in front, those of a picked one without. */
function clean(path: string): string {
  return path.replace(/^(?:\.?\/)+/, '');
}

/** The folder of the highest config.json of a model; without one, that of the highest landmark, or the one around it that
 *  holds all dictionaries. If several are equally high, the folder around them. Ends in a slash, or is empty. */
function rootOf(paths: string[]): string {
  const all = paths.map(split);
  const dictionaries = dictionaryFolders(paths);
  const models = all.filter(({ folder, file }) => file === 'config.json' && !dictionaries.has(folder));
  if (models.length) return highest(models);
  const others = [
    ...paths.filter((path) => DICTIONARY_FILE.test(path)).map((path) => split(path).folder),
    ...dictionaries,
  ];
  for (const landmark of LANDMARKS) {
    const there = all.filter(({ file }) => landmark.test(file));
    if (there.length) return common([highest(there), ...others]);
  }
  return paths.length ? common(all.map(({ folder }) => folder)) : '';
}

interface Split {
  folder: string;
  file: string;
}

/** The highest of their folders, or the one around those that are equally high. */
function highest(files: readonly Split[]): string {
  const folders = files.map(({ folder }) => folder);
  const depths = folders.map((folder) => folder.split('/').length);
  const least = depths.reduce((a, b) => Math.min(a, b));
  return common(folders.filter((_, n) => depths[n] === least));
}

function split(path: string): Split {
  const at = path.lastIndexOf('/') + 1;
  return { folder: path.slice(0, at), file: path.slice(at) };
}

/** The deepest folder that contains all of them. */
function common(folders: string[]): string {
  let shared = folders[0]!;
  for (const folder of folders)
    while (!folder.startsWith(shared)) shared = shared.slice(0, shared.lastIndexOf('/', shared.length - 2) + 1);
  return shared;
}
