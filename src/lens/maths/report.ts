import type { Edit, EditReport } from '../api/edit';
import type { SiteCodes } from '../api/site';
import { actsOn } from './control';

/** The latent that an edit acts on, at every token of a text: 0 where it is not in the top-k. */
export function latentOf({ ids, values, k }: SiteCodes, feature: number): Float32Array {
  const out = new Float32Array(ids.length / k);
  for (let slot = 0; slot < ids.length; slot++) if (ids[slot] === feature) out[Math.floor(slot / k)] = values[slot]!;
  return out;
}

/**
 * The effect of one edit on every token of a prompt, by the definitions of EditMode. `z`: the latent, or with `on:
 * 'preactivation'` relu of the bare pre-activation, of the residual before the site's edits; `norm`: that residual's
 * norm; `length`: the norm of the direction it moves along.
 */
export function editReport(edit: Edit, z: Float32Array, norm: Float32Array, length: number): EditReport {
  const acted = new Uint8Array(norm.length);
  const change = new Float32Array(norm.length);
  for (let t = 0; t < norm.length; t++) {
    const c = reaches(edit.where ?? 'all', t, false) ? coefficient(edit, z[t]!, norm[t]!) : 0;
    if (c === 0) continue;
    acted[t] = 1;
    change[t] = Math.abs(c) * length;
  }
  return { layer: edit.layer, acted, change, norm };
}

function coefficient(edit: Edit, z: number, norm: number): number {
  const { mode, strength, direction } = edit;
  switch (mode) {
    case 'add':
      return typeof direction === 'object' && 'vector' in direction && direction.relativeToNorm
        ? strength * norm
        : strength;
    case 'scale':
      return strength * z;
    case 'ablate':
      return -strength * z;
    case 'clamp':
      return actsOn(edit) === 'active' && z === 0 ? 0 : strength - z;
  }
}

/** Whether an edit asked for `where` reaches the token at `position`; `generated`: the token is not part of the
 *  prompt. */
export function reaches(where: NonNullable<Edit['where']>, position: number, generated: boolean): boolean {
  if (where === 'all') return true;
  if (where === 'prompt') return !generated;
  if (where === 'generated') return generated;
  return Array.isArray(where) && where.includes(position);
}
