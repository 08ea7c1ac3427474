import { exactly, fixed } from '../../lens/maths/figures';
import type { RunEdit, RunRecord, RunRow } from '../../state/notebook/record';
import { samePrompt } from '../../state/reading/prompt';
import { positionsSay } from '../../state/steering/edits';
import { isFactor } from '../../state/steering/unit';

/** What an edit's number counts. */
const unitOf = ({ mode, unit }: RunEdit): string =>
  isFactor(mode) ? '× the activation' : { max: '× max', raw: 'activation', norm: '× median residual norm' }[unit];

const idOf = ({ layer, feature }: RunEdit): string => `${layer}:${feature}`;

/** An amount without the sign of more. */
const amount = (weight: number): string => exactly(weight).replace('+', '');

/** An edit in words: "3:405 add +1.40 × max, prompt". */
export function editSays(edit: RunEdit): string {
  const { mode, weight, where, on, when } = edit;
  const place = where === 'all' ? '' : Array.isArray(where) ? `, ${positionsSay(where)}` : `, ${where}`;
  const acts = {
    everywhere: '',
    active: mode === 'clamp' ? ', only where active' : '',
    preactivation: ', from the pre-activation',
  }[on];
  return `${idOf(edit)} ${mode} ${mode === 'ablate' ? amount(weight) : exactly(weight)} ${unitOf(edit)}${place}${acts}${when ? `, when ${when}` : ''}`;
}

/** What two runs differ in, and what they have in common, each in a few words: the first are what a difference of their
 *  texts may be due to. */
export function compareRuns(a: RunRecord, b: RunRecord): { differs: string[]; same: string[] } {
  const differs: string[] = [];
  const same: string[] = [];
  const weigh = (name: string, one: unknown, other: unknown, says?: string) => {
    if (JSON.stringify(one) === JSON.stringify(other)) same.push(name);
    else differs.push(says ? `${name} ${says}` : name);
  };
  const figures = (name: string, one: number, other: number) => weigh(name, one, other, `${one} against ${other}`);
  weigh(
    'model',
    [a.model, a.sha256],
    [b.model, b.sha256],
    a.model === b.model ? '(other weights)' : `${a.model} against ${b.model}`,
  );
  weigh('prompt', true, samePrompt(a.plan.prompt, b.plan.prompt));
  const first = [a, b].map(({ plan }) => plan.prependBos ?? false);
  if (first.some(Boolean))
    weigh('first token', first[0], first[1], first[0] ? 'there against left out' : 'left out against there');
  const edits = differencesOfEdits(a.plan.edits, b.plan.edits);
  if (edits.length) differs.push(...edits);
  else same.push('edits');
  weigh('control', a.plan.control, b.plan.control, a.plan.control ? 'on against off' : 'off against on');
  if (a.plan.control && b.plan.control) figures('draw', a.plan.draw, b.plan.draw);
  figures('temperature', a.plan.sampling.temperature, b.plan.sampling.temperature);
  figures('top-p', a.plan.sampling.topP, b.plan.sampling.topP);
  figures('seed', a.plan.sampling.seed, b.plan.sampling.seed);
  figures('length', a.plan.sampling.maxTokens, b.plan.sampling.maxTokens);
  const [one, other] = [a.plan.sampling, b.plan.sampling];
  if ((one.repetitionPenalty ?? other.repetitionPenalty ?? 1) !== 1)
    figures('repetition penalty', one.repetitionPenalty ?? 1, other.repetitionPenalty ?? 1);
  if (one.stop || other.stop) weigh('stop sequences', one.stop ?? [], other.stop ?? []);
  if (a.complete !== b.complete) differs.push(`${a.complete ? 'the second' : 'the first'} was stopped`);
  return { differs, same };
}

/** Edits of the same features in the same order are compared part by part; others are just other edits. */
function differencesOfEdits(a: readonly RunEdit[], b: readonly RunEdit[]): string[] {
  if (a.map(idOf).join() !== b.map(idOf).join()) return [`edits (${listed(a)} against ${listed(b)})`];
  return a.flatMap((one, i) => {
    const other = b[i]!;
    const id = idOf(one);
    if (one.mode !== other.mode) return [`${editSays(one)} against ${editSays(other)}`];
    const parts: string[] = [];
    const acts = one.strength !== other.strength;
    if (acts && one.unit !== other.unit)
      parts.push(
        `strength of ${id}, ${amount(one.weight)} ${unitOf(one)} against ${amount(other.weight)} ${unitOf(other)}`,
      );
    else if (acts && one.weight !== other.weight)
      parts.push(`strength of ${id}, ${amount(one.weight)} against ${amount(other.weight)} ${unitOf(one)}`);
    // The same number, of another maximum or norm.
    else if (acts)
      parts.push(
        `unit of ${id}: the same ${amount(one.weight)} ${unitOf(one)} is ${fixed(one.strength, 2)} against ${fixed(other.strength, 2)}`,
      );
    if (JSON.stringify(one.where) !== JSON.stringify(other.where)) parts.push(`where ${id} applies`);
    if (one.when !== other.when) parts.push(`gate of ${id}`);
    if (one.sha256 !== other.sha256) parts.push(`dictionary that ${id} is of`);
    if (one.on !== other.on) parts.push(`what ${id} acts on`);
    return parts;
  });
}

const listed = (edits: readonly RunEdit[]): string => (edits.length ? edits.map(idOf).join(', ') : 'none');

/** Index of the first token in which two texts differ; null where they are the same to the end. */
export function partsAt(a: readonly Pick<RunRow, 'text'>[], b: readonly Pick<RunRow, 'text'>[]): number | null {
  const longest = Math.max(a.length, b.length);
  for (let i = 0; i < longest; i++) if (a[i]?.text !== b[i]?.text) return i;
  return null;
}
