import { VerbalizerMismatchError } from '../api/errors';
import type { ReadOptions } from '../sources/folder';
import { subfolder } from '../sources/reads';
import type { Source } from '../sources/source';
import { META, type NlaRole, parseNlaMeta } from './nla-meta';

/** The folders of a trained pair's halves. */
export interface NlaPair {
  av: Source;
  ar: Source;
}

/** Where a folder that cannot be listed may have its halves. */
const USUAL = ['av', 'ar', 'actor', 'critic'];
const BEHIND = `/${META}`;

/** The pair in the given folders, as pairs are released: each half is a folder with nla_meta.yaml at its top, in any
 *  order; one folder may also hold both. Throws VerbalizerMismatchError unless there is one half of each kind, and what
 *  `parseNlaMeta` throws. */
export async function findPair(folders: readonly Source[], options: ReadOptions = {}): Promise<NlaPair> {
  const halves = (await Promise.all(folders.map((folder) => halvesIn(folder, options)))).flat();
  const named = folders.map(({ name }) => name).join(', ');
  const only = (role: NlaRole): Source => {
    const [half, ...more] = halves.filter((each) => each.role === role);
    if (half && !more.length) return half.folder;
    const found = half
      ? `more than one ${role} (${[half, ...more].map(({ folder }) => folder.name).join(', ')})`
      : `no ${role}`;
    throw new VerbalizerMismatchError(
      `There is ${found} in ${named}. A trained pair is an av, which puts a vector into words, and an ar, which makes a vector of words, each a folder with ${META} at its top: name one of each.`,
      { role, folders: named },
    );
  };
  return { av: only('av'), ar: only('ar') };
}

async function halvesIn(folder: Source, options: ReadOptions): Promise<{ role: NlaRole; folder: Source }[]> {
  const own = await folder.tryRead(META, options);
  if (own) return [{ role: parseNlaMeta(own, `${folder.name}/${META}`).role, folder }];
  const paths = folder.list
    ? (await folder.list(options)).flatMap((path) => (path.endsWith(BEHIND) ? [path.slice(0, -BEHIND.length)] : []))
    : USUAL;
  const halves = await Promise.all(
    paths.map(async (path) => {
      const inner = subfolder(folder, path);
      const bytes = await inner.tryRead(META, options);
      return bytes && { role: parseNlaMeta(bytes, `${inner.name}/${META}`).role, folder: inner };
    }),
  );
  return halves.filter((half) => half !== null);
}

/** What a folder is that was opened as a model and is half of a pair; null for any other. Asks nothing of a folder that
 *  cannot be listed: a server would be asked for a file that models do not have. */
export async function halfOf(folder: Source, options: ReadOptions = {}): Promise<NlaRole | null> {
  if (!(await folder.list?.(options))?.includes(META)) return null;
  return parseNlaMeta(await folder.read(META, options), `${folder.name}/${META}`).role;
}
