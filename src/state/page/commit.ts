import { shallow } from 'zustand/shallow';
import { type Sampling, setSampling } from '../base/sampling';
import { type EditPatch, MOST_ROWS } from '../steering/edits';
import type { GenerationPlan, Runner } from '../steering/run';
import { type Page, type PageState, selectEdits } from './selectors';
import type { Stores } from './stores';

/** When what the reader does is run. */
export interface Commits {
  /** A change while the hand is still on the control: next-token view only. A commit that waits is off. */
  edit(key: number, patch: EditPatch): void;
  /** The hand is off: one run of what stands now, after `delay` ms without another commit (a key held down commits at
   *  each repeat). Without an edit the baseline is run, and only where a run is on show that it replaces. */
  commit(delay?: number): void;
  /** The commit that waits is off. */
  uncommit(): void;
  /** Ends the run under way and the commit that waits. */
  stop(): void;
  /** Makes a feature a row at +1 x its maximum and runs. Nothing where the list is full, or has a row that adds it
   *  everywhere already: that is turned on. */
  steer(layer: number, feature: number): void;
  setSampling(patch: Partial<Sampling>): void;
  /** Runs what stands now, even if it has just been run. */
  generate(): Promise<void>;
}

/** All that decides what a run of what stands now gives. */
function selectPlan(page: PageState): GenerationPlan {
  const { control, draw } = page.steering;
  const edits = selectEdits(page);
  // Without an edit there is nothing to control for: whether and how must not make it another plan.
  const against = edits.length ? { control, draw } : { control: false, draw: 1 };
  return { prompt: page.tracer.text, edits, ...against, sampling: page.sampling };
}

export function createCommits({ engine, page, steering, sampling, runner }: Stores): Commits {
  let waiting: { stop: () => void } | null = null;

  const generate = async () => {
    const state = page.getState();
    if (state.engine.lens && state.tracer.text !== '') await runner.run(selectPlan(state));
  };
  const settle = () => {
    const state = page.getState();
    const plan = selectPlan(state);
    const wanted = plan.edits.length > 0 || state.runner.streams !== null;
    if (wanted && state.engine.lens && !runner.has(plan)) void generate();
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

  return {
    edit: (key, patch) => {
      uncommit();
      steering.patch(key, patch);
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
        (row) => row.layer === layer && row.feature === feature && row.mode === 'add' && row.where === 'all',
      );
      if (there?.enabled && there.weight !== 0) return;
      if (there) steering.patch(there.key, { enabled: true, weight: there.weight || 1 });
      else if (rows.length < MOST_ROWS) steering.add(layer, feature);
      else return;
      commit();
    },
    setSampling: (patch) => {
      const next = setSampling(sampling.getState(), patch);
      if (!shallow(next, sampling.getState())) sampling.setState(next);
    },
    generate,
  };
}

/** Another text, other edits or another way to draw: the run on show is of something else. */
export const expireRuns = (page: Page, runner: Runner): (() => void) =>
  page.follow((s) => [s.tracer.text, s.steering, s.sampling], runner.expire, shallow);
