import type { Progress } from '../../lens/api/open';
import { charactersOf } from '../../lens/exchange/chat-fields';
import { bytesOf, count } from '../../lens/maths/figures';
import type { ViewState } from '../base/view';
import { requestName } from '../model/model-url';
import { amountSays, stageName } from '../model/progress';
import { promptOf } from '../reading/prompt';
import type { Workbench } from './workbench';

type Source = Pick<Workbench, 'engine' | 'tracer' | 'runner' | 'verbal' | 'parity' | 'stop'>;

/** What the page is busy with, as it is seen from every place. */
export interface Job {
  kind: 'open' | 'dictionaries' | 'words' | 'run' | 'parity' | 'trace';
  /** What and how far. */
  says: string;
  /** How far, 0 to 1; null where nothing is counted. */
  share: number | null;
  /** The stage of an opening, whose pace can be told. */
  stage: Progress | null;
  /** What to show of the sheet to be where it happens. */
  where: Partial<Pick<ViewState, 'tab' | 'words'>>;
  /** Null where it cannot be ended before its time. */
  cancel: (() => void) | null;
}

/** The job under way; of several the one that the others wait for. */
export const jobOf = (bench: Source): Job | null =>
  openJob(bench) ?? wordsJob(bench) ?? runJob(bench) ?? parityJob(bench) ?? traceJob(bench);

const shareOf = (done: number, all: number): number | null => (all > 0 ? Math.min(1, done / all) : null);

function openJob({ engine }: Source): Job | null {
  const { phase, stages, switching, trying } = engine.store.getState();
  const opening = trying !== null || phase === 'loading';
  if (!opening && !switching) return null;
  const stage = opening ? ((trying?.stages ?? stages).at(-1) ?? null) : switching!.stage;
  const how = stage
    ? `${stageName(stage.stage)} ${amountSays(stage)}`.trim()
    : opening
      ? 'Starting the engine'
      : 'Opening dictionaries';
  return {
    kind: opening ? 'open' : 'dictionaries',
    says: trying ? `${requestName(trying.request)}: ${how}` : how,
    share: stage ? (shareOf(stage.loaded, stage.total) ?? 0) : 0,
    stage,
    where: {},
    cancel: opening ? engine.cancel : engine.cancelSites,
  };
}

function wordsJob({ verbal }: Source): Job | null {
  const { run } = verbal.store.getState();
  if (!run) return null;
  const { loading, done, total } = run;
  return {
    kind: 'words',
    says: loading
      ? `Verbalizer ${bytesOf(loading.loaded, loading.total)}`
      : `Verbalizing${total > 1 ? ` ${done + 1} of ${total}` : ''}`,
    share: loading ? shareOf(loading.loaded, loading.total) : shareOf(done, total),
    stage: null,
    where: { tab: 'words', words: 'words' },
    cancel: verbal.cancel,
  };
}

function runJob({ runner, stop }: Source): Job | null {
  const { status, plan, streams, stale } = runner.store.getState();
  if (status !== 'generating' && status !== 'band') return null;
  // Until the first token is there, plan and streams are those of the run before.
  const made = stale ? 0 : (streams?.baseline.length ?? 0);
  const most = stale ? 0 : (plan?.sampling.maxTokens ?? 0);
  return {
    kind: 'run',
    says:
      status === 'band' ? 'Generating the control band' : made ? `Generating ${made} of ${most} tokens` : 'Generating',
    share: status === 'band' ? 1 : shareOf(made, most),
    stage: null,
    where: { tab: 'steer' },
    cancel: stop,
  };
}

function parityJob({ parity }: Source): Job | null {
  const { status, cases } = parity.store.getState();
  if (status !== 'running') return null;
  return {
    kind: 'parity',
    says: `Checking parity, ${cases.length} ${cases.length === 1 ? 'case' : 'cases'}`,
    share: null,
    stage: null,
    where: {},
    cancel: parity.hide,
  };
}

function traceJob({ tracer }: Source): Job | null {
  const state = tracer.store.getState();
  if (state.status !== 'running') return null;
  const prompt = promptOf(state);
  const characters = typeof prompt === 'string' ? prompt.length : charactersOf(prompt);
  return {
    kind: 'trace',
    says: `Tracing ${count(characters)} ${characters === 1 ? 'character' : 'characters'}`,
    share: null,
    stage: null,
    where: {},
    cancel: null,
  };
}

/** Calls back when the job may have changed. Returns what stops it. */
export function followJobs({ engine, tracer, runner, verbal, parity }: Source, changed: () => void): () => void {
  const stops = [engine, tracer, runner, verbal, parity].map(({ store }) => store.subscribe(changed));
  return () => {
    for (const stop of stops) stop();
  };
}
