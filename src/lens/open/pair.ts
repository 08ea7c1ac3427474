import type { OpenRequest } from '../api/request';
import { findPair } from '../folders/nla-pair';
import type { LensResources } from '../lens';
import { openSource } from '../sources/open-source';

/** Opens the trained pair that a request names beside its model; null where it names none. Asks no server before the
 *  pair is asked for. */
export function pairOpener({ verbalizer }: Pick<OpenRequest, 'verbalizer'>): LensResources['pair'] {
  if (!verbalizer?.length) return null;
  return async () => findPair(await Promise.all(verbalizer.map((ref) => openSource(ref))));
}
