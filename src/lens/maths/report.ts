import type { Edit, EditReport } from '../api/edit';
import type { SiteCodes } from '../api/site';
import { actsOn } from './control';
import { placeOf, reaches, type TokenFacts } from './where';

/** A feature's latent at every token of a text: 0 where it is not among the codes. */
export function latentOf({ ids, values, k }: SiteCodes, feature: number): Float32Array {
  const out = new Float32Array(ids.length / k);
  for (let slot = 0; slot < ids.length; slot++) if (ids[slot] === feature) out[Math.floor(slot / k)] = values[slot]!;
  return out;
}

/** What an edit meets, T tokens of a text. */
interface Met {
  tokens: readonly TokenFacts[];
  /** The latent, or with `on: 'preactivation'` relu of the bare pre-activation, of the residual before the site's
   *  edits, [T]. */
  z: Float32Array;
  /** That residual's norm, [T]. */
  norm: Float32Array;
  /** Norm of the direction it moves along. */
  length: number;
  /** Where its gate is open, [T]; without one: null. */
  open: Uint8Array | null;
}

/** The effect of one edit on every token of a text, by the definitions of EditMode. */
export function editReport(edit: Edit, { tokens, z, norm, length, open }: Met): EditReport {
  const place = placeOf(edit);
  const acted = new Uint8Array(norm.length);
  const change = new Float32Array(norm.length);
  for (let t = 0; t < norm.length; t++) {
    const c = reaches(place, tokens[t]!) && open?.[t] !== 0 ? coefficient(edit, z[t]!, norm[t]!) : 0;
    if (c === 0) continue;
    acted[t] = 1;
    change[t] = Math.abs(c) * length;
  }
  return { layer: edit.layer, acted, change, norm, ...(open && { open }) };
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
