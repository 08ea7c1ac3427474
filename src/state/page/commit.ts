import { shallow } from 'zustand/shallow';
import { type Sampling, setSampling } from '../base/sampling';
import { isAnswered } from '../chat/turns';
import { bosAsked, isEmpty, promptOf } from '../reading/prompt';
import { type EditPatch, type EditRow, MOST_ROWS, type Strength } from '../steering/edits';
import type { GenerationPlan, Runner } from '../steering/run';
import type { SteeringState } from '../steering/steering';
import type { Scales } from '../steering/unit';
import { type Page, type PageState, selectEdits } from './selectors';
import { createStarts } from './starts';
import type { Stores } from './stores';

/** Decides when the reader's changes are run. */
export interface Commits {
  /** Changes an edit while the hand is still on the control. Updates only the next-token view, and cancels a waiting
   *  commit. */
  edit(key: number, patch: EditPatch): void;
  /** Runs the present state once the hand is off, after `delay` ms without another commit (a held key commits at each
   *  repeat). Without an edit, runs the baseline only to replace a run on show. */
  commit(delay?: number): void;
  /** Cancels the waiting commit. */
  uncommit(): void;
  /** Ends the run under way and the commit that waits. */
  stop(): void;
  /** Turns on the row that adds the feature everywhere, or adds one where new rows begin (see Starts); then runs. Does
   *  nothing if that row is on already or the list is full. Gives the row's key; null where the feature got none. */
  steer(layer: number, feature: number): number | null;
  /** Norm of a feature's decoder row; null without a model, or where the row cannot be had. */
  rowLength(layer: number, feature: number): Promise<number | null>;
  /** See Starts.scales. */
  scales(layer: number, feature: number): Scales;
  setSampling(patch: Partial<Sampling>): void;
  /** Runs what stands now, even if it has just been run. Does nothing where the last turn of a conversation is a whole
   *  one of the assistant's. */
  generate(): Promise<void>;
}

/** All that decides the result of a run of the present state. */
function selectPlan(page: PageState): GenerationPlan {
  const { control, draw } = page.steering;
  const edits = selectEdits(page);
  // Without an edit the control does nothing, so its settings must not make another plan.
  const against = edits.length ? { control, draw } : { control: false, draw: 1 };
  const prompt = promptOf(page.tracer);
  const puts = typeof prompt === 'string' && (page.engine.info?.bos ?? null) !== null;
  const bos = puts ? bosAsked(page.tracer.bos) : {};
  return { prompt, ...bos, edits, ...against, sampling: page.sampling };
}

export function createCommits(stores: Stores): Commits {
  const { engine, page, steering, sampling, runner } = stores;
  const starts = createStarts(stores);
  const start = ({ layer, feature }: EditRow) => starts.of(layer, feature);
  let waiting: { stop: () => void } | null = null;

  const generate = async () => {
    const state = page.getState();
    const prompt = promptOf(state.tracer);
    if (state.engine.lens && !isEmpty(prompt) && !isAnswered(prompt)) await runner.run(selectPlan(state));
  };
  const settle = () => {
    const state = page.getState();
    const plan = selectPlan(state);
    const wanted = plan.edits.length > 0 || state.runner.streams !== null;
    if (wanted && state.engine.lens && !isAnswered(plan.prompt) && !runner.has(plan)) void generate();
  };
  const uncommit = () => {
    waiting?.stop();
    waiting = null;
  };
  const wait = (delay: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        settle();
        resolve();
      }, delay);
      waiting = {
        stop: () => {
          clearTimeout(timer);
          resolve();
        },
      };
    });
  const commit = (delay = 0) => {
    uncommit();
    if (delay === 0) settle();
    else void engine.track(wait(delay));
  };

  /** Moves a row that stands as it began to where it begins with its decoder row's own length. */
  const correct = async (layer: number, feature: number, began: Strength) => {
    if ((await starts.rowLength(layer, feature)) === null) return;
    const { strength, unit } = starts.of(layer, feature);
    const row = steering.store.getState().rows.at(-1);
    if (strength === began.strength || row?.layer !== layer || row.feature !== feature) return;
    if (row.mode !== 'add' || row.strength !== began.strength) return;
    steering.patch(row.key, { strength, unit });
    commit();
  };

  return {
    edit: (key, patch) => {
      uncommit();
      steering.patch(key, patch, start);
    },
    commit,
    uncommit,
    stop: () => {
      uncommit();
      runner.stop();
    },
    steer: (layer, feature) => {
      const { rows } = steering.store.getState();
      const there = rows.find(
        (row) =>
          row.layer === layer && row.feature === feature && row.mode === 'add' && row.where === 'all' && !row.when,
      );
      if (there?.enabled && there.strength !== 0) return there.key;
      const began = starts.of(layer, feature);
      if (there) steering.patch(there.key, { enabled: true, ...(there.strength === 0 && began) });
      else if (rows.length < MOST_ROWS) steering.add(layer, feature, began);
      else return null;
      const { key } = there ?? steering.store.getState().rows.at(-1)!;
      commit();
      if (!there) void engine.track(correct(layer, feature, began));
      return key;
    },
    rowLength: starts.rowLength,
    scales: starts.scales,
    setSampling: (patch) => {
      const next = setSampling(sampling.getState(), patch);
      if (!shallow(next, sampling.getState())) sampling.setState(next, true);
    },
    generate,
  };
}

/** Expires the run on show when the text, the edits or the way to draw change. */
export function expireRuns(page: Page, runner: Runner): () => void {
  // The unit that a strength is shown in, and where a row was left in other modes, make no other run.
  const asked = ({ rows, control, draw }: SteeringState) =>
    JSON.stringify([rows.map(({ unit: _unit, left: _left, ...row }) => row), control, draw]);
  return page.follow(
    ({ tracer: { text, chat, bos }, steering, sampling }) => ({ text, chat, bos, steering, sampling }),
    (now, before) => {
      if (!shallow({ ...now, steering: asked(now.steering) }, { ...before, steering: asked(before.steering) }))
        runner.expire();
    },
    shallow,
  );
}
