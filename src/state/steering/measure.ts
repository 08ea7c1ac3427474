import type { ChangeReport } from '../../lens/api/edit';
import type { GeneratedRow } from '../../lens/api/generate';
import type { Sinks } from '../reading/sinks';

/** One streamed text: the rows of one variant, in order; of each what measures need. */
export type Stream = readonly (Pick<GeneratedRow, 'logprob' | 'kl' | 'surprisal' | 'acted' | 'change' | 'norm'> & {
  /** The token that was read is a sink where it was edited. */
  sink?: true;
})[];

const mean = (values: readonly number[]): number | null =>
  values.length ? values.reduce((sum, v) => sum + v, 0) / values.length : null;
const numbers = (values: readonly (number | null)[]): number[] =>
  values.filter((v): v is number => v !== null && Number.isFinite(v));

/** Mean KL(row || unedited) in nats over the generated tokens; null before there is one. */
export const meanKl = (stream: Stream): number | null => mean(numbers(stream.map((row) => row.kl)));

/** exp(mean -log p) of a text under the unedited model at equal prefix, and over how many tokens. A row without edits
 *  is scored by its own logprob. */
export function perplexity(stream: Stream): { value: number; n: number } | null {
  const surprisal = numbers(stream.map((row) => row.surprisal ?? (row.kl === null ? -row.logprob : null)));
  const average = mean(surprisal);
  return average === null ? null : { value: Math.exp(average), n: surprisal.length };
}

/** What the edits did while generating: tokens acted on, and |change| against the residual norm over those (ratio of
 *  sums), without sinks unless the edits acted nowhere else. */
export function generatedChange(stream: Stream): { acted: number; of: number; change: number; share: number } | null {
  if (!stream.length) return null;
  const acted = stream.filter((row) => row.acted > 0);
  const counted = withoutSinks(acted, (row) => row.sink === true);
  const change = counted.reduce((sum, row) => sum + row.change, 0);
  const norm = counted.reduce((sum, row) => sum + row.norm, 0);
  return {
    acted: acted.length,
    of: stream.length,
    change: counted.length ? change / counted.length : 0,
    share: norm ? change / norm : 0,
  };
}

const withoutSinks = <T>(all: readonly T[], isSink: (one: T) => boolean): readonly T[] => {
  const others = all.filter((one) => !isSink(one));
  return others.length ? others : all;
};

/** The same over a prompt. `sinks`: at the site of the report. */
export function promptChange(
  report: Pick<ChangeReport, 'acted' | 'change' | 'norm'>,
  sinks: Sinks,
): {
  acted: number;
  of: number;
  change: number;
  share: number;
} {
  const acted = Array.from(report.acted.keys()).filter((t) => report.acted[t]! > 0);
  const counted = withoutSinks(acted, (t) => sinks.has(t));
  const sum = (values: Float32Array) => counted.reduce((total, t) => total + values[t]!, 0);
  const change = sum(report.change);
  const norm = sum(report.norm);
  return {
    acted: acted.length,
    of: report.acted.length,
    change: counted.length ? change / counted.length : 0,
    share: norm ? change / norm : 0,
  };
}

/** Lowest and highest KL of the draws at each generated token, over the draws that still run there. */
export function envelope(draws: readonly Float32Array[]): [low: number, high: number][] {
  const longest = draws.reduce((most, draw) => Math.max(most, draw.length), 0);
  return Array.from({ length: longest }, (_, i) => {
    const here = draws.filter((draw) => i < draw.length).map((draw) => draw[i]!);
    return [Math.min(...here), Math.max(...here)];
  });
}

/** A run beside its controls, in numbers. It describes: one run shows nothing about the edit's effect, and a larger KL
 *  is no better one. */
export interface Outcome {
  /** Mean KL(steered ‖ unedited) of the steered text. */
  kl: number;
  /** Smallest and largest mean KL among the random draws, and how many there were. */
  low: number;
  high: number;
  draws: number;
  /** Generated tokens that an edit acted on: with none there is nothing to compare. */
  acted: number;
  of: number;
}

/** Steered and all controls, the streamed one and the band's; null until all are there. */
export function outcome(steered: Stream, control: Stream, band: readonly Float32Array[] | null): Outcome | null {
  const kl = meanKl(steered);
  const own = meanKl(control);
  if (kl === null || own === null || !band) return null;
  const others = band.map((draw) => mean(numbers([...draw]))).filter((v): v is number => v !== null);
  const draws = [own, ...others];
  const acted = steered.filter((row) => row.acted > 0).length;
  return { kl, low: Math.min(...draws), high: Math.max(...draws), draws: draws.length, acted, of: steered.length };
}

/** Tokens a second out of step times in milliseconds: from their median, so that one slow step does not count. */
export function rate(times: readonly number[]): number | null {
  if (!times.length) return null;
  const median = [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
  return median > 0 ? 1000 / median : null;
}
