import { AS_STORED } from '../src/lens/folders/dictionary-weights';
import { float16ToFloat32 } from '../src/lens/formats/halves';
import { transpose } from '../src/lens/formats/transpose';
import { normals } from '../src/lens/testing/numbers';
import { agreement, type TopkResult } from './agree';
import { countDispatches } from './dispatches';
import { type Bench, type Entry, fastestProjection, oursEncode, oursTopk, stockEntry } from './entries';
import { halves } from './numbers';
import type { Goal, Line, Race } from './results';
import { race } from './rounds';
import { BLOCKS } from './stock';

/** Checks that all entries give the same, counts their dispatches and times them. Throws where two differ. */
async function compare(
  bench: Bench,
  title: string,
  k: number,
  tolerance: number,
  entries: Entry[],
  rounds: number,
): Promise<Race> {
  const lines: Line[] = [];
  const read: TopkResult[] = [];
  for (const entry of entries) {
    const { total, ours } = await countDispatches(entry.run);
    read.push(await entry.read());
    const problem = agreement(read[0]!, read.at(-1)!, k, tolerance);
    if (problem) throw new Error(`${title}: ${entry.name} disagrees with ${entries[0]!.name}: ${problem}`);
    lines.push({ name: entry.name, ms: 0, dispatches: total, kernels: ours, note: entry.note });
  }
  const { ms, repeat } = await race(entries, () => bench.gpu.device.queue.onSubmittedWorkDone(), rounds);
  for (const [i, line] of lines.entries()) line.ms = ms[i]!;
  for (const entry of entries) await entry.release();
  return { title, rounds, repeat, lines, goals: [fasterThanStock(title, lines)] };
}

function fasterThanStock(title: string, [ours, ...others]: Line[]): Goal {
  const best = others.reduce((a, b) => (a.ms <= b.ms ? a : b));
  const ratio = best.ms / ours!.ms;
  const figures = `${ratio.toFixed(2)} x as fast as the best of them, ${best.name}`;
  const met = ratio > 1;
  return {
    text: `${title}: faster than the best stock graph`,
    met,
    figures: met ? figures : `${figures}: short by ${(100 * (1 / ratio - 1)).toFixed(0)} %`,
  };
}

export const rowsOf = (rows: number) => (rows === 1 ? '1 row' : `${rows} rows`);

export async function topkRace(
  bench: Bench,
  shape: { rows: number; width: number; k: number },
  rounds: number,
): Promise<Race> {
  const { compute } = bench;
  const { rows, width, k } = shape;
  const x = compute.rows(rows, width, normals(rows * width, 1));
  const entries = [
    oursTopk(bench, shape, x),
    await stockEntry(bench, 'flat', shape, null, { x: { rows: x, dims: [rows, width] } }),
    await stockEntry(bench, 'two-level', shape, null, { x: { rows: x, dims: [rows, BLOCKS, width / BLOCKS] } }),
  ];
  const result = await compare(bench, `Top-k, W ${width}, k ${k}, ${rowsOf(rows)}`, k, 0, entries, rounds);
  compute.release(x);
  return result;
}

/** One dictionary of random float16 weights for all races: ours as stored, the stock graphs' as float32, which every
 *  adapter can compute in. */
export async function* encodeRaces(
  bench: Bench,
  size: { d: number; width: number; k: number },
  list: number[],
  rounds: number,
): AsyncGenerator<Race> {
  const { compute } = bench;
  const { d, width, k } = size;
  const matrix = halves(width * d, 2);
  const encoderBias = normals(width, 3, 0.1);
  const zero = new Float32Array(d);
  const dictionary = compute.dictionary({
    d,
    width,
    k,
    dtype: 'float16',
    ...AS_STORED,
    encoder: matrix,
    decoder: matrix,
    encoderBias,
    decoderBias: zero,
    center: zero,
  });
  const wide = float16ToFloat32(matrix);
  const asRows = compute.rows(width, d, wide);
  const asColumns = compute.rows(d, width, transpose(wide, width, d));
  const b = { rows: compute.rows(1, width, encoderBias), dims: [width] };
  for (const rows of list) {
    const shape = { rows, width, k };
    const h = { rows: compute.rows(rows, d, normals(rows * d, 4)), dims: [rows, d] };
    const stored = { h, b, w: { rows: asRows, dims: [width, d] } };
    const turned = { h, b, w: { rows: asColumns, dims: [d, width] } };
    const inputs = { 'Gemm transposed': stored, Gemm: turned, MatMul: turned };
    const by = await fastestProjection(bench, shape, d, inputs);
    const entries = [
      oursEncode(bench, shape, h.rows, dictionary),
      await stockEntry(bench, 'flat', shape, { d, by }, inputs[by]),
      await stockEntry(bench, 'two-level', shape, { d, by }, inputs[by]),
    ];
    yield await compare(bench, `Encode + top-k, d ${d}, W ${width}, k ${k}, ${rowsOf(rows)}`, k, 1e-4, entries, rounds);
    compute.release(h.rows);
  }
  compute.releaseDictionary(dictionary);
  compute.release(asRows, asColumns, b.rows);
}
