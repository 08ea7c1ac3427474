import type { Progress } from '../../lens/api/open';
import { bytesOf, fixed } from '../../lens/maths/figures';

/** In milliseconds: the time that the rate is taken over, and the time after which the rate is first shown. */
const WINDOW = 10_000;
const SOONEST = 1000;
/** Milliseconds that kept reports are apart; only the newest may be closer to the one before it. */
const APART = 250;

/** How fast the bytes of one stage come. Times are milliseconds of any clock that only goes forward. */
export interface Transfer {
  stage: Progress['stage'];
  samples: readonly { at: number; loaded: number }[];
}

/** The transfer with one more report. Another stage, or a stage that begins anew, starts from nothing, because the
 *  bytes before it tell nothing of its speed. */
export function noteTransfer(before: Transfer | null, { stage, loaded }: Progress, at: number): Transfer {
  const last = before?.stage === stage ? before.samples.at(-1)! : null;
  if (!before || !last || loaded < last.loaded) return { stage, samples: [{ at, loaded }] };
  const kept = before.samples.filter((sample) => at - sample.at <= WINDOW);
  // The newest stands for all that came since the one before it.
  const close = kept.length > 1 && kept.at(-1)!.at - kept.at(-2)!.at < APART;
  return { stage, samples: [...(close ? kept.slice(0, -1) : kept), { at, loaded }] };
}

/** Bytes a second over the last ten seconds at the time `at`; null where too little is known. */
export function rateOf(transfer: Transfer | null, at: number): number | null {
  const since = transfer?.samples.filter((sample) => at - sample.at <= WINDOW) ?? [];
  const [first] = since;
  if (!first || at - first.at < SOONEST) return null;
  return ((since.at(-1)!.loaded - first.loaded) * 1000) / (at - first.at);
}

/** Seconds until all is there at this rate; null where nobody can tell. */
export const secondsLeft = ({ loaded, total }: Progress, rate: number | null): number | null =>
  rate && total > 0 ? Math.max(0, total - loaded) / rate : null;

/** 45 s, 12 min, 1 h 20 min; whole tens of seconds below a minute, so that it does not flicker. */
export function durationSays(seconds: number): string {
  if (seconds < 55) return `${Math.max(10, Math.ceil(seconds / 10) * 10)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const STAGES: Record<Progress['stage'], string> = {
  config: 'Configuration',
  tokenizer: 'Tokenizer',
  weights: 'Weights',
  wait: 'Another tab fetches the same',
  download: 'Download',
  dictionary: 'Dictionaries',
  upload: 'Kept parts to the GPU',
  compile: 'Compile',
  probe: 'Probe text',
};

export const stageName = (stage: Progress['stage']): string => STAGES[stage];

/** How far a stage is, in bytes or in parts that are compiled one by one; empty if nothing is counted. */
export function amountSays({ stage, loaded, total }: Progress): string {
  if (stage === 'probe' || stage === 'wait') return '';
  if (stage === 'compile') return total > 0 ? `${loaded} of ${total} parts` : '';
  return bytesOf(loaded, total);
}

/** The stages that are long enough for their speed to be worth a line. */
const LONG: ReadonlySet<Progress['stage']> = new Set(['download', 'weights', 'upload']);

/** Speed and time left of the stage under way: "18.2 MB/s, 3 min left". Empty while nothing can be said of them. */
export function paceSays(stage: Progress, transfer: Transfer | null, at: number): string {
  if (stage.stage === 'wait') return 'this one waits for it';
  if (!LONG.has(stage.stage) || transfer?.stage !== stage.stage || stage.loaded >= stage.total) return '';
  const rate = rateOf(transfer, at);
  if (rate === null) return '';
  if (rate === 0) return 'nothing came in the last 10 s';
  const left = secondsLeft(stage, rate);
  return `${fixed(rate / 1e6, 1)} MB/s${left === null ? '' : `, ${durationSays(left)} left`}`;
}

/** Says what is kept of a download that ended early; empty if nothing is. */
export function leftSays(stages: readonly Progress[]): string {
  const download = stages.find(({ stage }) => stage === 'download');
  if (!download || download.loaded <= 0 || download.loaded >= download.total) return '';
  return `${bytesOf(download.loaded, download.total)} are kept: opened again, the download goes on from there.`;
}

/** The stages with one report more: a stage is listed once, where it first came. */
export function withProgress(stages: readonly Progress[], report: Progress): Progress[] {
  const known = stages.some((stage) => stage.stage === report.stage);
  return known ? stages.map((stage) => (stage.stage === report.stage ? report : stage)) : [...stages, report];
}
