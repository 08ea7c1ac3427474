import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Prompt } from '../../lens/api/chat';
import type { Edit } from '../../lens/api/edit';
import type { ErrorData } from '../../lens/api/errors';
import { controlOf } from '../../lens/maths/control';
import { Latest } from '../base/latest';
import { regionError } from '../base/region-error';
import type { Sampling } from '../base/sampling';
import type { ModelSession } from '../model/session';
import { bandSeeds, controlSeed } from './edits';
import { type MedianAt, markSinks, type StreamRow } from './fed-sinks';
import { rate } from './measure';

/** All that decides what a run gives. */
export interface GenerationPlan {
  prompt: Prompt;
  /** As Lens.trace takes it; missing: true. */
  prependBos?: false;
  edits: Edit[];
  control: boolean;
  draw: number;
  sampling: Sampling;
}

/** How many of the likeliest tokens are kept beside each token of a run. */
export const ALTERNATIVES = 10;

export interface Streams {
  baseline: StreamRow[];
  /** Null where no edit was on. */
  steered: StreamRow[] | null;
  control: StreamRow[] | null;
}

export interface RunState {
  status: 'idle' | 'generating' | 'band' | 'done' | 'stopped';
  /** The plan of the shown streams. */
  plan: GenerationPlan | null;
  streams: Streams | null;
  /** The plan of a run that has given no token yet. */
  coming: GenerationPlan | null;
  /** KL series of the further draws; null until they are through. */
  band: Float32Array[] | null;
  /** The streams no longer match the page: it has other edits or another text, or a new run has given no token yet. */
  stale: boolean;
  /** What is shown was run on another machine, before a model was open here. */
  recorded: boolean;
  /** Smallest probability mass that the sampler could see; below 1 only with large vocabularies. */
  mass: number;
  error: ErrorData | null;
}

export interface Runner {
  store: StoreApi<RunState>;
  /** Runs a plan. It overtakes the one under way; of plans that wait only the newest runs. Never rejects. */
  run(plan: GenerationPlan): Promise<void>;
  /** Whether a plan is under way, or its complete streams are on show; in the second case they are no longer stale. */
  has(plan: GenerationPlan): boolean;
  /** Ends the run under way, if any, and dims what is shown. */
  expire(): void;
  /** Ends the run under way and removes what is shown, which belongs to another model. */
  clear(): void;
  /** Ends the run under way and keeps what it gave. */
  stop(): void;
}

/** Baseline, steered, control: those that the plan asks for, in this order. */
export function variantsOf(plan: GenerationPlan): Edit[][] {
  if (!plan.edits.length) return [[]];
  return plan.control ? [[], plan.edits, controlOf(plan.edits, controlSeed(plan.draw))] : [[], plan.edits];
}

/** The streams with the rows of one step more. */
function extend(streams: Streams, rows: readonly (StreamRow | null)[]): Streams {
  const [baseline, steered, control] = rows;
  const grow = <S extends StreamRow[] | null>(stream: S, row: StreamRow | null | undefined) =>
    (stream && row ? [...stream, row] : stream) as S;
  return {
    baseline: grow(streams.baseline, baseline),
    steered: grow(streams.steered, steered),
    control: grow(streams.control, control),
  };
}

const nothing: RunState = {
  status: 'idle',
  plan: null,
  streams: null,
  coming: null,
  band: null,
  stale: false,
  recorded: false,
  mass: 1,
  error: null,
};

/** `medianAt`: of the prompt on show. */
export function createRunner(engine: ModelSession, medianAt: MedianAt): Runner {
  const store = createStore<RunState>(() => nothing);
  const latest = new Latest();
  let requested: string | null = null; // the plan under way or waiting
  let complete: string | null = null; // the plan whose streams are shown, once all of it is through

  const generate = async (plan: GenerationPlan, signal: AbortSignal) => {
    const { lens } = engine.store.getState();
    if (!lens) throw new Error('No model is open.');
    const variants = variantsOf(plan);
    const medians = new Map(plan.edits.map(({ layer }) => [layer, medianAt(layer)]));
    const times: number[] = [];
    let mass = 1;
    let streams: Streams = { baseline: [], steered: variants[1] ? [] : null, control: variants[2] ? [] : null };
    store.setState({ status: 'generating', coming: plan, stale: true, error: null });
    complete = null;
    for await (const step of lens.generate(plan.prompt, {
      variants,
      ...plan.sampling,
      prependBos: plan.prependBos,
      alternatives: ALTERNATIVES,
      signal,
    })) {
      if (signal.aborted) return null;
      streams = extend(
        streams,
        markSinks(step, [...medians.keys()], (layer) => medians.get(layer) ?? null),
      );
      mass = Math.min(mass, step.mass);
      // The first step holds the prompt too.
      if (streams.baseline.length > 1) times.push(step.ms);
      store.setState({ plan, streams, coming: null, mass, band: null, stale: false, recorded: false });
      if (times.length) engine.measure(rate(times), variants.length);
    }
    if (!times.length) engine.measure(null, variants.length);
    if (!variants[2]) return null;
    store.setState({ status: 'band' });
    const { prompt, edits, draw, sampling, prependBos } = plan;
    return lens.band(prompt, edits, { seeds: bandSeeds(draw), ...sampling, prependBos, signal });
  };

  return {
    store,
    run: async (plan) => {
      const key = JSON.stringify(plan);
      requested = key;
      try {
        const paint = (band: Float32Array[] | null) => {
          requested = null;
          complete = key;
          store.setState({ status: 'done', coming: null, band });
        };
        await engine.track(latest.request((signal) => generate(plan, signal), paint));
      } catch (error) {
        requested = null;
        store.setState({ status: 'stopped', coming: null, error: regionError(error) });
      }
    },
    has: (plan) => {
      const key = JSON.stringify(plan);
      if (key === complete && requested === null) store.setState({ stale: false });
      return key === requested || (key === complete && requested === null);
    },
    expire: () => {
      latest.cancel();
      requested = null;
      store.setState(({ streams, status }) => ({
        stale: streams !== null,
        coming: null,
        status: status === 'generating' || status === 'band' ? 'stopped' : status,
        error: null,
      }));
    },
    clear: () => {
      latest.cancel();
      requested = null;
      complete = null;
      store.setState(nothing);
    },
    stop: () => {
      latest.cancel();
      requested = null;
      store.setState(({ status }) => ({
        status: status === 'generating' || status === 'band' ? 'stopped' : status,
        coming: null,
      }));
    },
  };
}
