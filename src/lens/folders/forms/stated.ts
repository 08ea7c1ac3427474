import { InvalidOptionError, UnknownKError } from '../../api/errors';
import type { Origin } from '../../api/model';
import type { Source } from '../../sources/source';
import { checkK } from '../architectures/architecture';

/** A source's own name: the repository, the picked folder, or the address without its query. */
export function nameOf(origin: Origin): string {
  if (origin.kind === 'hub') return origin.repo;
  return origin.kind === 'picked' ? origin.name : origin.url.replace(/[?#].*$/, '').replace(/\/+$/, '');
}

/** The last part of a folder's path in a source; the source's own name for the source's own folder, ''. */
export function lastName(source: Source, folder: string): string {
  const path = folder.replace(/\/$/, '');
  return (path === '' ? nameOf(source.origin) : path).split('/').at(-1)!;
}

/** k from the end of the name of a folder or of its source (`…-L0_50`); null if neither states it. */
export function statedK(source: Source, folder = ''): number | null {
  for (const name of [lastName(source, folder), nameOf(source.origin)]) {
    const stated = /-L0_([1-9]\d{0,5})$/.exec(name)?.[1];
    if (stated !== undefined) return Number(stated);
  }
  return null;
}

/** The k that names or the file itself state, or the caller. Throws InvalidOptionError if they differ, and UnknownKError
 *  if nobody states it. */
export function chosenK(source: Source, stated: number | null, asked: number | undefined, width: number): number {
  if (asked !== undefined && stated !== null && asked !== stated)
    throw new InvalidOptionError(`k ${asked} was asked for, and ${source.name} says ${stated}. Leave k out.`, {
      k: asked,
    });
  const k = asked ?? stated;
  if (k === null)
    throw new UnknownKError(
      `Say k: the name of ${source.name} does not end with it, as …-L0_50 does. A folder may be renamed so.`,
      { k: null, width },
    );
  checkK(k, width);
  return k;
}
