import { AbortedError, AccessDeniedError, LensError } from '../api/errors';
import { BESIDE, folderBeside } from '../folders/beside';
import type { DictionaryPlan } from '../folders/dictionary-plan';
import { listed } from '../maths/figures';
import type { Source, SourceFile, StreamOptions } from '../sources/source';
import { lackedOf, type Manifest } from './manifest';
import type { Wanted } from './wanted';

/** Statistics and feature data in a dictionary's folder, as its source says. */
export interface Beside {
  files: SourceFile[];
  /** A sentence for each that is too long to be kept. */
  tooLong: string[];
  /** Paths of which the source did not say whether there is such a file. */
  unasked: string[];
}

/** Asks a source what lies beside a dictionary; `only`: for these paths alone. A source that does not answer for a file
 *  hinders nothing: nobody asked for it. Throws AbortedError. */
export async function lookBeside(
  source: Source,
  dictionary: DictionaryPlan,
  { signal }: StreamOptions,
  only?: readonly string[],
): Promise<Beside> {
  const folder = folderBeside(dictionary);
  const beside: Beside = { files: [], tooLong: [], unasked: [] };
  if (folder === null) return beside;
  const asked = Object.entries(BESIDE)
    .map(([name, most]) => ({ path: folder + name, most }))
    .filter(({ path }) => only?.includes(path) ?? true);
  const found = await Promise.all(asked.map(({ path }) => answerOf(source.stat(path, { signal }))));
  for (const [i, { path, most }] of asked.entries()) {
    const file = found[i]!;
    if (file === 'none') beside.unasked.push(path);
    else if (file && file.size > most)
      beside.tooLong.push(`Left out: ${path} has ${file.size} bytes, more than the ${most} that are kept.`);
    else if (file) beside.files.push(file);
  }
  return beside;
}

async function answerOf(asking: Promise<SourceFile | null>): Promise<SourceFile | null | 'none'> {
  try {
    return await asking;
  } catch (error) {
    if (!(error instanceof LensError) || error instanceof AbortedError) throw error;
    // Some servers answer 403 where there is no file.
    return error instanceof AccessDeniedError ? null : 'none';
  }
}

/** A dictionary as it is wanted, with the files beside it that its entry keeps already: what a source does not give now
 *  is not given up. */
export function withKept(wanted: Wanted, { meta: before, whole }: Manifest): Wanted {
  const { meta } = wanted;
  const known = before?.beside ?? [];
  if (!meta || known.length === 0) return wanted;
  const found = wanted.beside.map(({ path }) => path);
  const unasked = meta.unasked ?? [];
  const kept = known.filter((path) => !found.includes(path) && Object.hasOwn(whole, path));
  const lacked = known.filter((path) => !Object.hasOwn(whole, path) && unasked.includes(path));
  return {
    ...wanted,
    beside: [...wanted.beside, ...kept.map((path) => ({ path, size: whole[path]!.bytes, sha256: null }))],
    meta: {
      ...meta,
      beside: [...found, ...kept, ...lacked],
      unasked: unasked.filter((path) => !known.includes(path)),
    },
  };
}

/** A sentence for the files that a kept dictionary lacks, and one for those of which its source said nothing. */
export function noticesOfLacked(manifest: Manifest): string[] {
  const lacked = lackedOf(manifest);
  const unasked = manifest.meta?.unasked ?? [];
  const notices: string[] = [];
  if (lacked.length > 0)
    notices.push(
      `Not kept, because it could not be fetched or is damaged: ${listed(lacked)}. Open the model again where the source of its dictionary can be reached.`,
    );
  if (unasked.length > 0)
    notices.push(`Not kept, because the source of its dictionary did not say whether it is there: ${listed(unasked)}.`);
  return notices;
}
