import type { Gpu } from '../src/lens/engine/device';
import { createSession, type Runtime, type Tensor } from '../src/lens/engine/runtime';
import type { PartGraph } from '../src/lens/graph/decoder';
import { type Codes, type Compute, type Dictionary, type Rows, slice } from '../src/lens/kernels/compute';
import { gpuBuffer } from '../src/lens/kernels/gpu-rows';
import type { TopkResult } from './agree';
import { type Competitor, race } from './rounds';
import {
  BLOCKS,
  type Encoding,
  PROJECTIONS,
  type Projection,
  projectionGraph,
  type StockShape,
  stockGraph,
  stockIds,
  type TopkForm,
} from './stock';

export interface Bench {
  gpu: Gpu;
  runtime: Runtime;
  compute: Compute;
}

/** A competitor with what it is checked by before it is timed. */
export interface Entry extends Competitor {
  name: string;
  note: string;
  read(): Promise<TopkResult>;
  release(): Promise<void>;
}

const words = (a: Float32Array) => new Uint32Array(a.buffer, a.byteOffset, a.length);

async function readPair(compute: Compute, ids: Rows, values: Rows): Promise<TopkResult> {
  const [i, v] = await compute.read([ids, values]);
  return { ids: words(i!), values: v! };
}

export function oursTopk({ compute }: Bench, { rows, k }: StockShape, x: Rows): Entry {
  const [ids, values] = [compute.rows(rows, k), compute.rows(rows, k)];
  return {
    name: 'Lenslet',
    note: '',
    run() {
      compute.topk(x, rows, k, ids, values);
      compute.flush();
    },
    read: () => readPair(compute, ids, values),
    release: async () => compute.release(ids, values),
  };
}

export function oursEncode({ compute }: Bench, { rows }: StockShape, h: Rows, dictionary: Dictionary): Entry {
  const codes: Codes = compute.codes(dictionary, rows);
  return {
    name: 'Lenslet',
    note: 'with reconstruction error; W float16',
    run() {
      compute.encode(dictionary, slice(h), rows, slice(codes));
      compute.flush();
    },
    read: () => readPair(compute, codes.ids, codes.values),
    release: async () => compute.releaseCodes(codes),
  };
}

/** Float32 on the device as ONNX Runtime takes it. */
export interface Fed {
  rows: Rows;
  dims: number[];
}

function tensor({ runtime }: Bench, { rows, dims }: Fed, dataType: 'float32' | 'int64'): Tensor {
  const { Tensor } = runtime.ort;
  return dataType === 'float32'
    ? Tensor.fromGpuBuffer(gpuBuffer(rows), { dataType, dims })
    : Tensor.fromGpuBuffer(gpuBuffer(rows), { dataType, dims });
}

/** A session that runs from and into buffers of ours. `int64` outputs take two columns a number. */
async function stockRun(
  bench: Bench,
  graph: PartGraph,
  inputs: Record<string, Fed>,
  outputs: Record<string, Fed & { type: 'float32' | 'int64' }>,
) {
  const session = await createSession(bench.runtime, graph, bench.gpu);
  const feeds = Object.fromEntries(graph.inputs.map((name) => [name, tensor(bench, inputs[name]!, 'float32')]));
  const fetches = Object.fromEntries(
    graph.outputs.map((name) => [name, tensor(bench, outputs[name]!, outputs[name]!.type)]),
  );
  return {
    run: async () => {
      await session.run(feeds, fetches);
    },
    release: async () => {
      await session.release();
      bench.compute.release(...Object.values(outputs).map(({ rows }) => rows));
    },
  };
}

export async function stockEntry(
  bench: Bench,
  form: TopkForm,
  shape: StockShape,
  encoding: Encoding | null,
  inputs: Record<string, Fed>,
): Promise<Entry> {
  const { compute } = bench;
  const { rows, k } = shape;
  const values = compute.rows(rows, k);
  const places = compute.rows(rows, 2 * k);
  const inner = form === 'two-level' ? compute.rows(rows, 2 * BLOCKS * k) : null;
  const dims = [rows, k];
  const { run, release } = await stockRun(bench, stockGraph(form, shape, encoding), inputs, {
    values: { rows: values, dims, type: 'float32' },
    places: { rows: places, dims, type: 'int64' },
    ...(inner ? { inner: { rows: inner, dims: [rows, BLOCKS, k], type: 'int64' } } : {}),
  });
  return {
    name: `ONNX Runtime: ${encoding ? 'projection, ' : ''}${form} TopK`,
    note: [encoding ? `projection: ${encoding.by}` : '', inner ? 'columns still in two parts' : '']
      .filter(Boolean)
      .join('; '),
    run,
    async read() {
      const [v, p, i] = await compute.read([values, places, ...(inner ? [inner] : [])]);
      return { ids: stockIds(shape, words(p!), i ? words(i) : null), values: v! };
    },
    release,
  };
}

/** The way to write the projection that is fastest on this device: the stock graphs get it. `inputs` per way. */
export async function fastestProjection(
  bench: Bench,
  shape: StockShape,
  d: number,
  inputs: Record<Projection, Record<string, Fed>>,
): Promise<Projection> {
  const runs: Awaited<ReturnType<typeof stockRun>>[] = [];
  for (const by of PROJECTIONS) {
    const p = {
      rows: bench.compute.rows(shape.rows, shape.width),
      dims: [shape.rows, shape.width],
      type: 'float32' as const,
    };
    runs.push(await stockRun(bench, projectionGraph(shape, { d, by }), inputs[by], { p }));
  }
  const { ms } = await race(runs, () => bench.gpu.device.queue.onSubmittedWorkDone(), 1, 1);
  for (const run of runs) await run.release();
  return PROJECTIONS[ms.indexOf(Math.min(...ms))]!;
}
