import { float16ToFloat32 } from '../src/lens/artifacts/halves';
import type { Gpu } from '../src/lens/engine/device';
import { createSession, type Runtime } from '../src/lens/engine/runtime';
import type { Codes, Compute, Dictionary, Rows } from '../src/lens/kernels/compute';
import { gpuBuffer } from '../src/lens/kernels/webgpu';
import { agreement } from './agree';
import { countDispatches } from './dispatches';
import { halves, normals } from './numbers';
import type { Goal, Line, Race } from './results';
import { type Competitor, race } from './rounds';
import { BLOCKS, type StockShape, stockGraph, stockIds, type TopkForm } from './stock';

export interface Bench {
  gpu: Gpu;
  runtime: Runtime;
  compute: Compute;
}

/** A competitor with what it is checked by before it is timed. */
interface Entry extends Competitor {
  name: string;
  note: string;
  read(): Promise<{ ids: Uint32Array; values: Float32Array }>;
  release(): Promise<void>;
}

const words = (a: Float32Array) => new Uint32Array(a.buffer, a.byteOffset, a.length);

function oursTopk({ compute }: Bench, { rows, k }: StockShape, x: Rows): Entry {
  const [ids, values] = [compute.rows(rows, k), compute.rows(rows, k)];
  return {
    name: 'Lenslet',
    note: '',
    run() {
      compute.topk(x, rows, k, ids, values);
      compute.flush();
    },
    async read() {
      const [i, v] = await compute.read([ids, values]);
      return { ids: words(i!), values: v! };
    },
    release: async () => compute.release(ids, values),
  };
}

function oursEncode({ compute }: Bench, { rows }: StockShape, h: Rows, dictionary: Dictionary): Entry {
  const codes: Codes = compute.codes(dictionary, rows);
  return {
    name: 'Lenslet',
    note: 'with reconstruction error; W float16',
    run() {
      compute.encode(dictionary, h, 0, rows, codes, 0);
      compute.flush();
    },
    async read() {
      const [i, v] = await compute.read([codes.ids, codes.values]);
      return { ids: words(i!), values: v! };
    },
    release: async () => compute.releaseCodes(codes),
  };
}

async function stock(
  { compute, gpu, runtime }: Bench,
  form: TopkForm,
  shape: StockShape,
  inputs: Record<string, { rows: Rows; dims: number[] }>,
): Promise<Entry> {
  const { rows, width, k } = shape;
  const graph = stockGraph(form, shape);
  const session = await createSession(runtime, graph, gpu);
  const { Tensor } = runtime.ort;
  // int64: two words a number.
  const outputs: Record<string, Rows> = { values: compute.rows(rows, k), places: compute.rows(rows, 2 * k) };
  if (form === 'two-level') outputs.inner = compute.rows(rows, 2 * BLOCKS * k);
  const blocked = form === 'two-level' && shape.d === undefined;
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { rows: data, dims }]) => [
      name,
      Tensor.fromGpuBuffer(gpuBuffer(data), { dataType: 'float32', dims: blocked ? [rows, BLOCKS, width / BLOCKS] : dims }),
    ]),
  );
  const dims: Record<string, number[]> = { values: [rows, k], places: [rows, k], inner: [rows, BLOCKS, k] };
  const fetches = Object.fromEntries(
    Object.entries(outputs).map(([name, data]) => [
      name,
      name === 'values'
        ? Tensor.fromGpuBuffer(gpuBuffer(data), { dataType: 'float32', dims: dims[name]! })
        : Tensor.fromGpuBuffer(gpuBuffer(data), { dataType: 'int64', dims: dims[name]! }),
    ]),
  );
  const head = shape.d === undefined ? '' : 'Gemm, ';
  return {
    name: `ONNX Runtime: ${head}${form === 'flat' ? 'flat TopK' : 'two-level TopK'}`,
    note: form === 'two-level' ? 'columns still in two parts' : '',
    run: async () => {
      await session.run(feeds, fetches);
    },
    async read() {
      const names = Object.keys(outputs);
      const data = await compute.read(names.map((name) => outputs[name]!));
      const of = (name: string) => data[names.indexOf(name)]!;
      const inner = outputs.inner ? words(of('inner')) : null;
      return { ids: stockIds(shape, words(of('places')), inner), values: of('values') };
    },
    async release() {
      await session.release();
      compute.release(...Object.values(outputs));
    },
  };
}

/** Checks that all entries give the same, counts their dispatches and times them. Throws where two differ. */
async function compare(bench: Bench, title: string, shape: StockShape, entries: Entry[], rounds: number): Promise<Race> {
  const lines: Line[] = [];
  const read: Awaited<ReturnType<Entry['read']>>[] = [];
  for (const entry of entries) {
    await entry.run();
    read.push(await entry.read());
    const problem = agreement(read[0]!, read.at(-1)!, shape.k, shape.d === undefined ? 0 : 1e-4);
    if (problem) throw new Error(`${title}: ${entry.name} disagrees with ${entries[0]!.name}: ${problem}`);
    const counted = await countDispatches(entry.run);
    lines.push({ name: entry.name, ms: 0, dispatches: counted.total, kernels: counted.ours, note: entry.note });
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
  return {
    text: `${title}: faster than the best stock graph`,
    met: ratio > 1,
    figures: ratio > 1 ? figures : `${figures}: short by ${percent(1 / ratio - 1)}`,
  };
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
export const rowsOf = (rows: number) => (rows === 1 ? '1 row' : `${rows} rows`);

export async function topkRace(bench: Bench, shape: { rows: number; width: number; k: number }, rounds: number): Promise<Race> {
  const { compute } = bench;
  const { rows, width, k } = shape;
  const x = compute.rows(rows, width, normals(rows * width, 1));
  const inputs = { x: { rows: x, dims: [rows, width] } };
  const entries = [oursTopk(bench, shape, x), await stock(bench, 'flat', shape, inputs), await stock(bench, 'two-level', shape, inputs)];
  const result = await compare(bench, `Top-k, W ${width}, k ${k}, ${rowsOf(rows)}`, shape, entries, rounds);
  compute.release(x);
  return result;
}

/** One dictionary of random float16 weights for all races: ours as stored, the stock graphs' as float32, which every adapter can compute in. */
export async function* encodeRaces(bench: Bench, size: { d: number; width: number; k: number }, list: number[], rounds: number): AsyncGenerator<Race> {
  const { compute } = bench;
  const { d, width, k } = size;
  const matrix = halves(width * d, 2);
  const encoderBias = normals(width, 3, 0.1);
  const zero = new Float32Array(d);
  const dictionary = compute.dictionary({ d, width, k, dtype: 'float16', encoder: matrix, decoder: matrix, encoderBias, decoderBias: zero, center: zero });
  const w = compute.rows(width, d, float16ToFloat32(matrix));
  const b = compute.rows(1, width, encoderBias);
  for (const rows of list) {
    const shape = { rows, ...size };
    const h = compute.rows(rows, d, normals(rows * d, 4));
    const inputs = { h: { rows: h, dims: [rows, d] }, w: { rows: w, dims: [width, d] }, b: { rows: b, dims: [width] } };
    const entries = [oursEncode(bench, shape, h, dictionary), await stock(bench, 'flat', shape, inputs), await stock(bench, 'two-level', shape, inputs)];
    yield await compare(bench, `Encode + top-k, d ${d}, W ${width}, k ${k}, ${rowsOf(rows)}`, shape, entries, rounds);
    compute.release(h);
  }
  compute.releaseDictionary(dictionary);
  compute.release(w, b);
}
