import type { Effect, Rate } from '../../lens/api/effect';
import type { LensInfo } from '../../lens/api/lens';
import { actsOn } from '../../lens/maths/control';
import { defaultSampling, type Sampling } from '../base/sampling';
import type { EditRow } from './edits';
import { onStep } from './range';
import { exact, isFactor, type MaximumOf } from './unit';

interface Example {
  name: string;
  text: string;
}

/** What every model is given first. */
const FIRST: Example = { name: 'English', text: 'The old man looked at the' };

/** Written for the project, in the kinds of text that the embedded model was trained on. */
const OWN: readonly Example[] = [
  FIRST,
  { name: 'Chinese', text: '今天早上，小明和妈妈一起去' },
  { name: 'Novel', text: '话说那老人走进门来，看见桌上放着一封信，便' },
  { name: 'Poem', text: '秋夜\n无名\n山空月照水，风起叶声寒。\n' },
  { name: 'Product', text: '7 × 8 =' },
  {
    name: 'Word problem',
    text: 'Question: Anna has 3 boxes of 8 pencils. She gives 5 pencils to her brother. How many pencils does she have left?\nAnswer:',
  },
];

/** For all other models, which know the world and read code. */
const GENERAL: readonly Example[] = [
  FIRST,
  { name: 'Fact', text: 'The capital of France is' },
  { name: 'Two senses', text: 'She sat down on the bank of the river. He took his money to the bank' },
  { name: 'Code', text: 'def area(width, height):\n    return' },
  { name: 'List', text: 'Things to take on a walk in the rain:\n1. a coat\n2.' },
];

/** `own`: of the model beside the page. */
export const examplesFor = (own: boolean): readonly Example[] => (own ? OWN : GENERAL);

/** The text of a page that is asked for none. */
export const FIRST_TEXT = FIRST.text;

/** Effects that the page shows: they stood apart from their controls, on a plain text. */
export const effectsOf = (info: LensInfo | null): Effect[] =>
  info?.effects.filter((effect) => effect.shipped && !effect.chat) ?? [];

/** An effect's edits as rows of the steering panel. Where that moves a strength by at most 1 %, it is on the slider's
 *  step. */
export const effectRows = ({ edits }: Effect, maximumOf: MaximumOf): EditRow[] =>
  edits.map((edit, i) => {
    const { layer, feature, mode, strength, where = 'all', when } = edit;
    const maximum = isFactor(mode) ? null : maximumOf(layer, feature);
    const ruled = maximum === null ? strength : onStep(strength / maximum) * maximum;
    const near = Math.abs(ruled - strength) <= 0.01 * Math.abs(strength);
    return {
      key: i + 1,
      layer,
      feature,
      mode,
      strength: exact(near ? ruled : strength),
      unit: maximum === null ? 'raw' : 'max',
      where,
      on: actsOn(edit),
      ...(when && { when }),
      enabled: true,
    };
  });

/** As the effect was tried: default sampling, its own length. */
export const effectSampling = ({ maxTokens }: Effect): Sampling => ({ ...defaultSampling, maxTokens });

/** The texts that show an effect: where something happens, and where nothing does. */
export const effectTexts = ({ prompt, beside }: Effect): string[] => (beside ? [prompt, beside.prompt] : [prompt]);

/** Whether text and rows are the effect's, whatever the rows' keys, their units and what they remember of other
 *  modes. */
export function showsEffect(effect: Effect, text: string, rows: readonly EditRow[], maximumOf: MaximumOf): boolean {
  const bare = (all: readonly EditRow[]) =>
    JSON.stringify(all.map(({ left: _, unit: _unit, ...row }) => ({ ...row, key: 0 })));
  return effectTexts(effect).includes(text) && bare(rows) === bare(effectRows(effect, maximumOf));
}

/** Of a rate's texts, how many. */
const some = ({ rate, n }: Rate): string => `${Math.round(rate * n)} of ${n}`;

/** What was counted, in sentences: with the edits and without, on the texts beside, and what the strongest controls
 *  did. */
export function effectSays(effect: Effect): string {
  const { edits, tried, outcome, rates, beside } = effect;
  const by = edits.length === 1 ? 'this edit' : `these ${edits.length} edits`;
  const count = (rate: Rate) => Math.round(rate.rate * rate.n);
  const also = beside ? `, and ${some(beside.edited)} ${beside.tried} (${count(beside.baseline)} without)` : '';
  const without = `${count(rates.baseline)} without ${edits.length === 1 ? 'it' : 'them'}`;
  return `With ${by} ${some(rates.edited)} ${tried} ${outcome} (${without})${also}. ${controlsSay(effect)}`;
}

function controlsSay({ edits, rates, strongestChange, strongestOther }: Effect): string {
  const of = ({ rate }: { rate: number }) => `${Math.round(rate * rates.edited.n)}`;
  const groups = edits.length === 1 ? 'features' : `groups of ${edits.length} features`;
  const said: string[] = [];
  // Of other edits the strongest group moves by an equal change, and is among those.
  if (strongestOther && edits.every(({ mode }) => mode === 'ablate'))
    said.push(`${of(strongestOther)} with ${strongestOther.of} random ${groups} ablated`);
  if (strongestChange) said.push(`${of(strongestChange)} with ${strongestChange.of} random changes of the same size`);
  return said.length
    ? `Controls, at most: ${said.join(', ')}.`
    : `With random features: ${Math.round(100 * rates.randomFeatures.rate)} in 100.`;
}
