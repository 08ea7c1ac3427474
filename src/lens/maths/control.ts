import type { Edit, EditMode, EditOn, VectorDirection } from '../api/edit';
import { parseWhen, writeWhen } from './gate';
import { placeOf, writeWhere } from './where';

/** What an edit of a mode acts on where it does not say. */
export const onOf = (mode: EditMode): EditOn => (mode === 'clamp' ? 'everywhere' : 'active');

/** What an edit acts on, by one name for each: where z is 0 only a clamp does anything. */
export const actsOn = ({ mode, on = onOf(mode) }: Pick<Edit, 'mode' | 'on'>): EditOn =>
  on === 'code' || (on === 'everywhere' && mode !== 'clamp') ? 'active' : on;

/** An edit of a format from when clamp acted where the feature was active unless it said otherwise, and strength 0 was
 *  off, as an edit of today. */
export function asToday<E extends Pick<Edit, 'mode' | 'strength' | 'on'>>(edit: E): E {
  if (edit.mode !== 'clamp') return edit;
  return edit.strength === 0 ? { ...edit, mode: 'add' } : { ...edit, on: edit.on ?? 'active' };
}

/** Whether an edit changes nothing on any token. Clamping to 0 removes the latent. */
export const isIdle = ({ mode, strength }: Pick<Edit, 'mode' | 'strength'>): boolean =>
  strength === 0 && mode !== 'clamp';

export function randomSeed(edit: Edit): number | null {
  return typeof edit.direction === 'object' && 'random' in edit.direction ? edit.direction.random : null;
}

/** The same edits along a random direction: the control. Each moves by the |change| of the original wherever the
 *  original acts; where and when that is, the original alone decides. */
export function controlOf(edits: Edit[], seed: number): Edit[] {
  return edits.map((edit) => ({ ...edit, direction: { random: seed, of: vectorOf(edit) } }));
}

/** The original edits of a control. */
export function sourceEdits(edits: Edit[]): Edit[] {
  return edits.map((edit) => ({ ...edit, direction: vectorOf(edit) }));
}

/** The vector along which an edit, or the original of a control, moves; undefined for the feature's decoder row. */
export function vectorOf({ direction }: Edit): VectorDirection | undefined {
  if (typeof direction !== 'object') return undefined;
  return 'vector' in direction ? direction : direction.of;
}

/** `where` by one spelling for each set of tokens that it names. Throws InvalidEditError. */
function whereOf(edit: Edit): string {
  const place = placeOf(edit);
  return Array.isArray(place) ? [...new Set(place)].sort((a, b) => a - b).join() : writeWhere(place);
}

/** Index of the variant whose |change| a random variant must match: the one with the same edits along their own
 *  directions; -1 if there is no such variant. The edits are checked ones. */
export function sourceOf(variants: Edit[][], edits: Edit[]): number {
  if (!edits.some((edit) => randomSeed(edit) !== null)) return -1;
  const wanted = bare(edits);
  return variants.findIndex(
    (other) => other !== edits && other.every((edit) => randomSeed(edit) === null) && bare(other) === wanted,
  );
}

/** The edits as a string without random directions, equal for a control and its original. */
function bare(edits: Edit[]): string {
  return JSON.stringify(
    edits.map((edit) => {
      const along = vectorOf(edit);
      const target = along ? [along.relativeToNorm ?? false, ...along.vector] : edit.feature;
      const when = edit.when === undefined ? null : writeWhen(parseWhen(edit.when));
      return [edit.layer, target ?? null, edit.mode, edit.strength, actsOn(edit), whereOf(edit), when];
    }),
  );
}
