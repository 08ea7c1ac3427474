import type { LensInfo } from '../../lens/api/lens';
import { isOpen } from '../features/feature-key';
import type { Entry } from '../notebook/record';
import type { Extra } from './search';

/** Texts about features beside their labels: the reader's names and notes on the open dictionaries, and the measured
 *  effects. */
export function extraOf(info: LensInfo, entries: Iterable<Entry>): Extra[] {
  const extra: Extra[] = [];
  for (const entry of entries) {
    if (!isOpen(info, entry)) continue;
    const place = { layer: entry.layer, id: entry.feature };
    if (entry.name !== null) extra.push({ ...place, text: entry.name, kind: 'name' });
    if (entry.note !== '') extra.push({ ...place, text: entry.note, kind: 'note' });
  }
  for (const { edits, title, shipped } of info.effects)
    if (shipped)
      for (const { layer, feature } of edits) extra.push({ layer, id: feature, text: title, kind: 'effect' });
  return extra;
}
