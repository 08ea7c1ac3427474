import type { Edit } from '../../lens/api/edit';
import type { GeneratedRow } from '../../lens/api/generate';
import type { LensInfo } from '../../lens/api/lens';
import type { Sampling } from '../base/sampling';
import { calledBy, type FeatureKey, hashAt } from '../features/feature-key';
import type { Unit } from '../reading/maximum';
import { clampWeight, type EditRow } from '../steering/edits';
import { type Verdict, verdict } from '../steering/measure';
import type { Plan, RunState } from '../steering/run';

/** What the reader keeps on a feature. */
export interface Entry extends FeatureKey {
  /** When it was pinned (ISO 8601, UTC); null: not pinned. */
  pinned: string | null;
  /** The reader's own name, shown in place of the label. */
  name: string | null;
  note: string;
  /** Of the last change: where two notebooks meet, the later one counts. */
  updated: string;
}

export type RunRow = Pick<GeneratedRow, 'text' | 'logprob' | 'kl' | 'surprisal' | 'acted' | 'change' | 'norm' | 'done'>;

/** An edit as the panel had it, with the engine's strength that its weight came to, and the hash of the dictionary that
 *  its feature is of. */
export type RunEdit = Omit<EditRow, 'key' | 'enabled'> & { strength: number; sha256: string | null };

export interface RunPlan {
  prompt: string;
  edits: RunEdit[];
  control: boolean;
  draw: number;
  sampling: Sampling;
}

/** A run as it is kept: all that its table and its comparison need, without codes. Numbers to the nine digits that a
 *  float32 has. */
export interface RunRecord {
  at: string;
  /** The model's name, or its address: see `calledBy`. */
  model: string;
  /** Of the model's weights; null: not known. */
  sha256: string | null;
  plan: RunPlan;
  /** False where it was stopped before its end. */
  complete: boolean;
  baseline: RunRow[];
  steered: RunRow[] | null;
  control: RunRow[] | null;
  /** KL series of the further draws. */
  band: number[][] | null;
}

export const MOST_RUNS = 20;
export const LONGEST_NAME = 80;
export const LONGEST_NOTE = 10_000;

/** Under what a run of these edits is kept. */
export const runModel = (info: LensInfo, edits: readonly { layer: number }[]): Pick<RunRecord, 'model' | 'sha256'> => ({
  model: calledBy(info, [info.sha256, ...edits.map(({ layer }) => hashAt(info, layer))]),
  sha256: info.sha256,
});

/** Whether there is anything to keep. */
export const isEmpty = ({ pinned, name, note }: Entry): boolean => pinned === null && name === null && note === '';

/** A name as it is kept: one line, no white space around it; null where nothing is left. */
export function settleName(typed: string): string | null {
  const name = typed.replaceAll(/\s+/gu, ' ').trim().slice(0, LONGEST_NAME).trimEnd();
  return name === '' ? null : name;
}

/** What makes two runs the same: model and plan, whatever order their fields come in. Sampling is seeded, so they give
 *  the same texts. */
export function runId({ model, sha256, plan }: Pick<RunRecord, 'model' | 'sha256' | 'plan'>): string {
  const { prompt, edits, control, draw, sampling } = plan;
  const { temperature, topP, seed, maxTokens } = sampling;
  const parts = edits.map((e) => [e.layer, e.feature, e.sha256, e.mode, e.weight, e.strength, e.where, e.on]);
  return JSON.stringify([model, sha256, prompt, parts, control, draw, temperature, topP, seed, maxTokens]);
}

/** Newest first, one a plan, at most `MOST_RUNS`. A run that was stopped takes no complete one's place. */
export function withRun(runs: readonly RunRecord[], run: RunRecord): readonly RunRecord[] {
  const id = runId(run);
  const earlier = runs.find((one) => runId(one) === id);
  if (earlier?.complete && !run.complete) return runs;
  return [run, ...runs.filter((one) => one !== earlier)].sort(newestFirst).slice(0, MOST_RUNS);
}

export const newestFirst = (a: Pick<RunRecord, 'at'>, b: Pick<RunRecord, 'at'>): number =>
  a.at === b.at ? 0 : a.at < b.at ? 1 : -1;

export function runVerdict({ steered, control, band }: RunRecord): Verdict | null {
  return steered && control ? verdict(steered, control, band?.map((draw) => Float32Array.from(draw)) ?? null) : null;
}

type UnitOf = (layer: number, feature: number) => Unit;

/** The plan in the panel's terms; null for one that the panel has no form for (an edit along a vector). `unit` must be
 *  that of the run's time. */
export function planOf({ prompt, edits, control, draw, sampling }: Plan, info: LensInfo, unit: UnitOf): RunPlan | null {
  const all = edits.map((edit) => runEdit(edit, info, unit));
  if (all.includes(null)) return null;
  return { prompt, edits: all as RunEdit[], control, draw, sampling: { ...sampling } };
}

function runEdit(edit: Edit, info: LensInfo, unit: UnitOf): RunEdit | null {
  const { layer, feature, mode, strength, on = 'code', where = 'all', direction = 'feature' } = edit;
  if (feature === undefined || direction !== 'feature') return null;
  const weight = mode === 'add' || mode === 'clamp' ? strength / unit(layer, feature).value : strength;
  return {
    layer,
    feature,
    mode,
    weight: clampWeight(mode, weight),
    strength: nine(strength),
    where,
    on,
    sha256: hashAt(info, layer),
  };
}

/** Nine digits tell every float32 from its neighbours. */
export const nine = (value: number): number => Number(value.toPrecision(9));
const nineOrNull = (value: number | null): number | null =>
  value !== null && Number.isFinite(value) ? nine(value) : null;

/** What is kept of a run that has ended; null where it gave no token, or numbers that are none. */
export function recordOf(
  run: Pick<RunState, 'status' | 'streams' | 'band'>,
  plan: RunPlan,
  model: Pick<RunRecord, 'model' | 'sha256'>,
  at: string,
): RunRecord | null {
  const { streams, band, status } = run;
  if (!streams?.baseline.length) return null;
  const kept = (rows: readonly GeneratedRow[]): RunRow[] =>
    rows.map(({ text, logprob, kl, surprisal, acted, change, norm, done }) => ({
      text,
      logprob: nine(logprob),
      kl: nineOrNull(kl),
      surprisal: nineOrNull(surprisal),
      acted,
      change: nine(change),
      norm: nine(norm),
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
