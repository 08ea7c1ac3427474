import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf, readCase } from './cases.mjs';
import { inEngine } from './engine.mjs';

/** A run's files as figures for docs/real-weights.json.
 *  @typedef {import('./cases.mjs').Truth} Truth
 *  @typedef {import('./cases.mjs').Case} Case
 *  @typedef {import('./cases.mjs').CaseFigures} CaseFigures
 *  @typedef {import('../../../bench/real/run.ts').OthersFigures} OthersFigures
 *  @typedef {import('../../../bench/real/compare.ts').LogitFigures} LogitFigures
 *  @typedef {import('../../../bench/real/compare.ts').GreedyFigures} GreedyFigures
 *  @typedef {Case & { opened: CaseFigures['opened'], positions: number, texts: string[], same: boolean, residuals: number[], logits: LogitFigures,
 *    llama: LogitFigures | null, greedy: Record<string, GreedyFigures & { text: string, ms: number, llama: GreedyFigures | null }> }} CaseRow
 *    `residuals`: the worst behind each block; `same`: ids and rendered conversations of all texts.
 *  @typedef {{ format: string, tokens: number, window: number, nats: number, more: number, error: number, sites: Record<string, number> }} LossRow
 *    `more`: nats above float32, with the standard error of the windows' differences.
 *  @typedef {{ norm: number, centred: number, first: { times: number, channel: number, share: number }, channel: number, share: number,
 *    sinks: { count: number, times: [number, number] | null, channel: number | null, texts: [string, number][] } }} Block
 *  @typedef {{ windows: number, tokens: number, blocks: Block[] }} Stream
 *  @typedef {{ name: string, weights: string, sha256: Record<string, string>, source: { file: string, sha256: string } | null,
 *    versions: Record<string, string>, tokens: Record<string, number>, others: OthersFigures, cases: CaseRow[], losses: LossRow[], stream: Stream | null }} Model
 *  @typedef {{ models: Model[] }} Figures */

const CASES = /** @type {Case[]} */ (
  ['wasm', 'webgpu'].flatMap((provider) => ['f32', 'f16', 'q8', 'q4'].map((format) => ({ provider, format })))
);

const mean = (/** @type {number[]} */ values) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** @param {string} format
 *  @param {{ tokens: number, window: number, nats: number[], sites: Record<string, number> }} own
 *  @param {{ nats: number[] }} reference
 *  @returns {LossRow} */
export function lossRow(format, { tokens, window, nats, sites }, reference) {
  const differences = nats.map((x, i) => x - reference.nats[i]);
  const more = mean(differences);
  const variance = differences.reduce((sum, x) => sum + (x - more) ** 2, 0) / (differences.length - 1);
  return { format, tokens, window, nats: mean(nats), more, error: Math.sqrt(variance / nats.length), sites };
}

/** @param {Case} which
 *  @param {ReturnType<typeof readCase>} found
 *  @returns {CaseRow} */
export function caseRow(which, { opened, texts, greedy }) {
  const all = Object.values(texts);
  const worst = (/** @type {(LogitFigures | null)[]} */ figures) => {
    const known = figures.filter((one) => one !== null);
    if (known.length === 0) return null;
    return {
      logprob: Math.max(...known.map(({ logprob }) => logprob)),
      likeliest: known.reduce((sum, { likeliest }) => sum + likeliest, 0),
    };
  };
  return {
    ...which,
    opened: /** @type {CaseFigures['opened']} */ (opened),
    positions: all.reduce((sum, { tokens }) => sum + tokens, 0),
    texts: Object.keys(texts),
    same: all.every(({ ids, rendered }) => ids && rendered !== false),
    residuals: all[0].residuals.map((_, layer) => Math.max(...all.map(({ residuals }) => residuals[layer]))),
    logits: /** @type {LogitFigures} */ (worst(all.map(({ logits }) => logits))),
    llama: worst(all.map(({ llama }) => llama)),
    greedy: Object.fromEntries(
      Object.entries(greedy).map(([name, { transformers, llama, ms, text }]) => [
        name,
        { ...transformers, llama, ms, text },
      ]),
    ),
  };
}

/** @param {string} run
 *  @param {Pick<Model, 'name' | 'weights'>} told
 *  @returns {Promise<Model>} */
export async function gather(run, told) {
  const files = filesOf(run);
  const json = (/** @type {string} */ path) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null);
  const truth = json(join(files.truth, 'truth.json'));
  const llama = json(join(files.truth, 'llama.cpp/llama.json'));
  const others = await inEngine(({ compareOthers, fileFolder }) => compareOthers(fileFolder(files.truth)));
  const losses = ['f32', 'f16', 'q8'].flatMap((format) => {
    const own = json(join(run, 'losses', `${format}.json`));
    return own ? [lossRow(format, own, json(join(run, 'losses/f32.json')))] : [];
  });
  return {
    ...told,
    sha256: truth.sha256,
    source: truth.source,
    versions: { ...truth.versions, ...llama.versions },
    tokens: Object.fromEntries(/** @type {Truth} */ (truth).texts.map(({ name, ids }) => [name, ids.length])),
    others,
    cases: CASES.flatMap((which) => {
      const found = readCase(run, which, truth);
      return Object.keys(found.texts).length > 0 ? [caseRow(which, found)] : [];
    }),
    losses,
    stream: json(join(run, 'stream.json')),
  };
}
