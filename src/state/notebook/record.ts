import type { InferOutput } from 'valibot';
import type { Prompt } from '../../lens/api/chat';
import type { Edit } from '../../lens/api/edit';
import type { LensInfo } from '../../lens/api/lens';
import { actsOn } from '../../lens/maths/control';
import { calledBy, hashAt } from '../features/feature-key';
import { settingsOf } from '../reading/prompt';
import type { StreamRow } from '../steering/fed-sinks';
import { type Outcome, outcome } from '../steering/measure';
import type { GenerationPlan, RunState } from '../steering/run';
import { exact } from '../steering/unit';
import type { entry, run } from './format';
import { FORMAT, MOST_RUNS } from './limits';

export type Entry = InferOutput<typeof entry>;
export type RunRecord = InferOutput<typeof run>;
export type RunPlan = RunRecord['plan'];
export type RunEdit = RunPlan['edits'][number];
export type RunRow = RunRecord['baseline'][number];

/** The notebook as one JSON file. */
export interface NotebookFile {
  entries: Entry[];
  runs: RunRecord[];
}

export function writeNotebook({ entries, runs }: NotebookFile, exported: string): string {
  return `${JSON.stringify({ format: FORMAT, exported, entries, runs }, null, 1)}\n`;
}

/** The model that a run of these edits is kept under. */
export const runModel = (info: LensInfo, edits: readonly { layer: number }[]): Pick<RunRecord, 'model' | 'sha256'> => ({
  model: calledBy(info, [info.sha256, ...edits.map(({ layer }) => hashAt(info, layer))]),
  sha256: info.sha256,
});

/** A run's identity: model and plan, in whatever order their fields come. Sampling is seeded, so equal plans give equal
 *  texts. */
export function runId({ model, sha256, plan }: Pick<RunRecord, 'model' | 'sha256' | 'plan'>): string {
  const { prompt, prependBos, edits, control, draw, sampling } = plan;
  const { temperature, topP, seed, maxTokens, stop, repetitionPenalty } = sampling;
  const parts = edits.map((e) => [
    e.layer,
    e.feature,
    e.sha256,
    e.mode,
    e.weight,
    e.strength,
    e.where,
    e.on,
    ...(e.when ? [e.when] : []),
  ]);
  const more = stop || repetitionPenalty ? [stop ?? [], repetitionPenalty ?? 1] : [];
  return JSON.stringify([
    model,
    sha256,
    idOf(prompt),
    parts,
    control,
    draw,
    temperature,
    topP,
    seed,
    maxTokens,
    ...more,
    // Earlier runs say nothing of it, and had none.
    ...(prependBos ? ['bos'] : []),
  ]);
}

/** A conversation's fields in one order, its defaults left out. */
function idOf(prompt: Prompt): unknown {
  if (typeof prompt === 'string') return prompt;
  const { open, ids, thinking, template } = settingsOf(prompt);
  return [prompt.messages.map(({ role, content }) => [role, content]), open, ids, thinking, template];
}

/** The same for runs whose strengths are the same to the engine, whatever was shown for them: earlier notebooks have nine
 *  digits of a product that no float32 is. */
export const planId = (run: RunRecord): string => {
  const edits = run.plan.edits.map((e) => ({ ...e, weight: 0, strength: Math.fround(e.strength) }));
  return runId({ ...run, plan: { ...run.plan, edits } });
};

/** Newest first, one per plan, at most `MOST_RUNS`. A stopped run never replaces a complete one. */
export function withRun(runs: readonly RunRecord[], run: RunRecord): readonly RunRecord[] {
  const id = planId(run);
  const earlier = runs.find((one) => planId(one) === id);
  if (earlier?.complete && !run.complete) return runs;
  return [run, ...runs.filter((one) => one !== earlier)].sort(newestFirst).slice(0, MOST_RUNS);
}

export const newestFirst = (a: Pick<RunRecord, 'at'>, b: Pick<RunRecord, 'at'>): number =>
  a.at === b.at ? 0 : a.at < b.at ? 1 : -1;

export function runOutcome({ steered, control, band }: RunRecord): Outcome | null {
  return steered && control ? outcome(steered, control, band?.map((draw) => Float32Array.from(draw)) ?? null) : null;
}

/** What the panel shows for an edit's strength. */
export type ShownOf = (edit: Edit & { feature: number }) => Pick<RunEdit, 'weight' | 'unit'>;

/** The plan in the panel's terms; null if the panel cannot state one of its edits (along a vector). */
export function planOf(
  { prompt, prependBos, edits, control, draw, sampling }: GenerationPlan,
  info: LensInfo,
  shownOf: ShownOf,
): RunPlan | null {
  const all = edits.map((edit) => runEdit(edit, info, shownOf));
  if (all.includes(null)) return null;
  return {
    prompt,
    ...(typeof prompt === 'string' && info.bos !== null && { prependBos: prependBos ?? true }),
    edits: all as RunEdit[],
    control,
    draw,
    sampling: { ...sampling },
  };
}

function runEdit(edit: Edit, info: LensInfo, shownOf: ShownOf): RunEdit | null {
  const { layer, feature, mode, strength, where = 'all', when, direction = 'feature' } = edit;
  if (feature === undefined || direction !== 'feature') return null;
  return {
    layer,
    feature,
    mode,
    ...shownOf({ ...edit, feature }),
    strength: exact(strength),
    where,
    on: actsOn(edit),
    ...(when && { when }),
    sha256: hashAt(info, layer),
  };
}

/** Nine digits tell every float32 from its neighbours. */
export const nine = (value: number): number => Number(value.toPrecision(9));
const nineOrNull = (value: number | null): number | null =>
  value !== null && Number.isFinite(value) ? nine(value) : null;

/** The record of a run that has ended; null if the run gave no token, or a number that must be finite is not. */
export function recordOf(
  run: Pick<RunState, 'status' | 'streams' | 'band'>,
  plan: RunPlan,
  model: Pick<RunRecord, 'model' | 'sha256'>,
  at: string,
): RunRecord | null {
  const { streams, band, status } = run;
  if (!streams?.baseline.length) return null;
  const kept = (rows: readonly StreamRow[]): RunRow[] =>
    rows.map(({ text, logprob, kl, surprisal, acted, change, norm, sink, done }) => ({
      text,
      logprob: nine(logprob),
      kl: nineOrNull(kl),
      surprisal: nineOrNull(surprisal),
      acted,
      change: nine(change),
      norm: nine(norm),
      ...(sink && { sink }),
      done,
    }));
  const record: RunRecord = {
    at,
    ...model,
    plan,
    complete: status === 'done',
    baseline: kept(streams.baseline),
    steered: streams.steered && kept(streams.steered),
    control: streams.control && kept(streams.control),
    band: band?.map((draw) => Array.from(draw, nine)) ?? null,
  };
  const rows = [...record.baseline, ...(record.steered ?? []), ...(record.control ?? [])];
  const sound =
    rows.every(({ logprob, change, norm }) => [logprob, change, norm].every(Number.isFinite)) &&
    (record.band ?? []).flat().every(Number.isFinite);
  return sound ? record : null;
}
