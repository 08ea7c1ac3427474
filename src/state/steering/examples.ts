import type { Edit } from '../../lens/api/edit';
import type { Effect } from '../../lens/api/effect';
import type { LensInfo } from '../../lens/api/lens';
import { actsOn } from '../../lens/maths/control';
import { defaultSampling, type Sampling } from '../base/sampling';
import type { Unit, UnitOf } from '../reading/maximum';
import { type EditRow, settleWeight, strengthOf } from './edits';

interface Example {
  name: string;
  text: string;
}

/** Written for the project, in the kinds of text that the embedded model was trained on. */
export const examples: readonly Example[] = [
  { name: 'English', text: 'The old man looked at the' },
  { name: 'Chinese', text: '今天早上，小明和妈妈一起去' },
  { name: 'Novel', text: '话说那老人走进门来，看见桌上放着一封信，便' },
  { name: 'Poem', text: '秋夜\n无名\n山空月照水，风起叶声寒。\n' },
  { name: 'Product', text: '7 × 8 =' },
  {
    name: 'Word problem',
    text: 'Question: Anna has 3 boxes of 8 pencils. She gives 5 pencils to her brother. How many pencils does she have left?\nAnswer:',
  },
];

/** Effects that the page can show: they stood apart from their controls, on a plain text, and the panel's scale has
 *  their edit to within 1 %. */
export function effectsOf(info: LensInfo | null, unit: UnitOf): Effect[] {
  const own = ({ edit }: Effect) => unit(edit.layer, edit.feature);
  const exact = (effect: Effect) => {
    const row = effectRow(effect, own(effect));
    const { mode, strength } = effectEdit(effect.edit);
    return row.mode === mode && Math.abs(strengthOf(row, own(effect)) - strength) <= 0.01 * Math.abs(strength);
  };
  return info?.effects.filter((effect) => effect.shipped && !effect.chat && exact(effect)) ?? [];
}

/** Writes an ablation outside of 0..1 as `scale`, whose slider goes further: h - s z d is the same in both modes. */
export function effectEdit({ mode, strength }: Pick<Edit, 'mode' | 'strength'>): Pick<Edit, 'mode' | 'strength'> {
  return mode === 'ablate' && (strength < 0 || strength > 1)
    ? { mode: 'scale', strength: -strength }
    : { mode, strength };
}

/** An effect's edit as a row of the steering panel, on its ruled step. */
export function effectRow({ edit }: Effect, unit: Unit): EditRow {
  const { layer, feature, where = 'all' } = edit;
  const { mode, strength } = effectEdit(edit);
  const weight = mode === 'add' || mode === 'clamp' ? strength / unit.value : strength;
  return { key: 1, layer, feature, mode, weight: settleWeight(weight), where, on: actsOn(edit), enabled: true };
}

/** As the effect was tried: default sampling, its own length. */
export const effectSampling = ({ maxTokens }: Effect): Sampling => ({ ...defaultSampling, maxTokens });

/** Whether text and rows are the effect's, whatever their keys. */
export function showsEffect(effect: Effect, text: string, rows: readonly EditRow[], unit: Unit): boolean {
  const [row] = rows;
  return (
    rows.length === 1 &&
    text === effect.prompt &&
    JSON.stringify({ ...row, key: 1 }) === JSON.stringify(effectRow(effect, unit))
  );
}
