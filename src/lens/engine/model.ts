import { InvalidOptionError, throwIfAborted } from '../api/errors';
import type { DecoderConfig } from '../folders/config';
import type { Weights } from '../formats/safetensors';
import { buildHead, buildPart, type PartGraph, STREAM_SHAPE } from '../graph/decoder';
import { INJECT_MASK, INJECT_ROWS, type Injection, injectsHere } from '../graph/inject';
import type { ElementType } from '../graph/onnx';
import { type PartSpec, planParts } from '../graph/split';
import { type Activations, type GraphWeights, weightsInside } from '../graph/weights';
import type { Compute, Rows } from '../kernels/compute';
import { gpuBuffer } from '../kernels/gpu-rows';
import { cpuArray } from '../kernels/wasm';
import { wasmWeights } from '../sizes';
import { checkRoom, type RunRoom } from './context';
import type { Gpu } from './device';
import { KeptWeights } from './kept-weights';
import type { Kv } from './kv';
import { nextTurn } from './next-turn';
import { ResidentWeights } from './resident';
import { createSession, type InferenceSession, type Runtime, type Tensor } from './runtime';
import { wasmHeap } from './wasm-heap';

/** A session with the buffers of its weights; no buffers if the weights are inside its graph. */
interface Bound {
  session: InferenceSession;
  weights: Record<string, Tensor>;
}

interface Part extends Bound {
  spec: PartSpec;
  /** Whether it has the input STREAM_SHAPE. */
  flat: boolean;
}

/** A model's configuration, and the type of the numbers inside its graphs. */
interface ModelConfig extends DecoderConfig {
  activations: Activations;
}

/** How a batch is fed: every row has `seq` new tokens; row b is valid up to length[b]; `total` is the longest row. */
interface Feed {
  batch: number;
  seq: number;
  lengths: number[];
  total: number;
}

/** Rows that a run injects; the model must have been created with `injection`. Where mask[b * seq + s] is 1, token s of
 *  row b gets row b * seq + s of `rows`. */
export interface Injected {
  mask: Uint8Array;
  rows: Rows;
}

interface Head extends Bound {
  output: string;
}

interface ModelOptions {
  config: DecoderConfig;
  /** Resident weights outlive the model, since several models may share them. They need `gpu`, the device that they
   *  are on. Kept weights are read for each part as it is made. */
  weights: Weights | ResidentWeights | KeptWeights;
  /** `float16` needs resident weights and a device with shader-f16. */
  activations?: Activations;
  sites: number[];
  /** The place where `run` may inject. Without it, `run` cannot inject. */
  injection?: Injection;
  /** Replaces final norm and unembedding. */
  head?: PartGraph;
  runtime: Runtime;
  gpu: Gpu | null;
  compute: Compute;
  onPart?: (done: number, of: number) => void;
  signal?: AbortSignal;
}

/** The model as parts between its sites, and the head. All tensors between sessions are `Rows` of ours: nothing is
 *  copied to the page. */
export class Model {
  /** Input of runs that inject nothing: one row, which the mask keeps out. */
  private nothing: Rows | null = null;

  private constructor(
    readonly config: ModelConfig,
    readonly compute: Compute,
    private readonly runtime: Runtime,
    private readonly gpu: Gpu | null,
    readonly parts: Part[],
    private readonly head: Head,
    private readonly injection: Injection | undefined,
    /** Takes it out of the account of WebAssembly's memory. */
    private readonly leaveHeap: () => void,
  ) {}

  static async create(options: ModelOptions): Promise<Model> {
    const { weights, signal } = options;
    const make = () => Model.make(options);
    return weights instanceof KeptWeights ? weights.reading(make, { signal }) : make();
  }

  private static async make(options: ModelOptions): Promise<Model> {
    const { weights, injection, runtime, gpu, signal, activations = 'float32' } = options;
    const config: ModelConfig = { ...options.config, activations };
    const resident = weights instanceof ResidentWeights ? weights : null;
    if (resident ? !gpu : activations !== 'float32') {
      throw new InvalidOptionError(
        'Weights that lie on the GPU, and half-float activations, need a model on that GPU.',
        { activations },
      );
    }
    if (activations !== 'float32' && !config.block.fitsHalves) {
      throw new InvalidOptionError('Half floats cannot hold this model’s residual stream. Open it with float32.', {
        activations,
      });
    }
    const numbersOf = async (part: PartSpec | 'head'): Promise<GraphWeights> => {
      if (weights instanceof ResidentWeights) return weights.graph(activations);
      return weightsInside(config, weights instanceof KeptWeights ? await weights.part(part, { signal }) : weights);
    };
    const bind = async (graph: PartGraph): Promise<Bound> => {
      const session = await createSession(runtime, graph, gpu);
      const tensor = ({ type, dims }: PartGraph['bound'][number], buffer: GPUBuffer) =>
        runtime.ort.Tensor.fromGpuBuffer(buffer, { dataType: gpuType(type), dims });
      try {
        return {
          session,
          weights: Object.fromEntries(graph.bound.map((input) => [input.name, tensor(input, resident!.buffer(input))])),
        };
      } catch (error) {
        await session.release().catch(() => {});
        throw error;
      }
    };
    const specs = planParts(config.layers, options.sites);
    const made = (count: number) => {
      throwIfAborted(signal);
      options.onPart?.(count, specs.length + 1);
    };
    const parts: Part[] = [];
    let head: Head | null = null;
    const leaveHeap = gpu
      ? () => {}
      : wasmHeap.take(wasmWeights(config, { sites: options.sites, head: options.head ? 'linear' : 'unembedding' }));
    try {
      made(0);
      // The head first: ONNX Runtime packs the unembedding into a second copy, and what the first leaves free in
      // WebAssembly's memory, which never shrinks, the parts then fill.
      const headGraph = options.head ?? buildHead(config, await numbersOf('head'));
      head = { ...(await bind(headGraph)), output: headGraph.outputs[0]! };
      for (const spec of specs) {
        made(parts.length + 1);
        const graph = buildPart(config, spec, await numbersOf(spec), injection);
        parts.push({ spec, flat: graph.inputs.includes(STREAM_SHAPE), ...(await bind(graph)) });
      }
      made(specs.length + 1);
      return new Model(config, options.compute, runtime, gpu, parts, head, injection, leaveHeap);
    } catch (error) {
      for (const bound of head ? [head, ...parts] : parts) await bound.session.release().catch(() => {});
      leaveHeap();
      throw error;
    }
  }

  /** What WebAssembly has left for a run of the largest part; null on a GPU. */
  get room(): RunRoom | null {
    if (this.gpu) return null;
    return { bytes: wasmHeap.room, layers: Math.max(...this.parts.map(({ spec }) => spec.to - spec.from + 1)) };
  }

  /** Runs part `index` on token ids (part 0) or on a residual; writes keys and values into `kv` and the residual after
   *  the part's last block into out[0 .. batch * seq). Only the part that holds the model's place of injection uses
   *  `injected`. Throws InvalidOptionError if the cache does not fit into WebAssembly's memory. */
  async run(
    index: number,
    input: Int32Array | Rows,
    kv: Kv,
    feed: Feed,
    out: Rows,
    injected?: Injected,
  ): Promise<void> {
    const { spec, session, weights, flat } = this.parts[index]!;
    const { batch, seq } = feed;
    const { d, kvHeads, headDim } = this.config;
    const cache = [batch, kvHeads, kv.max, headDim];
    if (!this.gpu) checkRoom(this.config, batch, kv.max, { bytes: wasmHeap.room, layers: spec.to - spec.from + 1 });
    const feeds: Record<string, Tensor> = {
      ...weights,
      seqlens_k: this.int32(
        feed.lengths.map((n) => n - 1),
        [batch],
      ),
      total_sequence_length: this.int32([feed.total], []),
    };
    if (flat)
      feeds[STREAM_SHAPE] = new this.runtime.ort.Tensor(
        'int64',
        BigInt64Array.of(BigInt(batch), BigInt(seq), -1n),
        [3],
      );
    if (input instanceof Int32Array) feeds.input_ids = this.int32(input, [batch, seq]);
    else feeds.h_in = this.float(input, [batch, seq, d]);
    if (this.injection && injectsHere(this.injection, spec)) {
      feeds[INJECT_MASK] = this.mask(injected?.mask ?? Uint8Array.of(0), injected ? [batch, seq, 1] : [1, 1, 1]);
      feeds[INJECT_ROWS] = injected ? this.float(injected.rows, [batch, seq, d]) : this.float(this.noRows(), [1, 1, d]);
    }
    const fetches: Record<string, Tensor | Rows> = { h_out: this.target(out, [batch, seq, d]) };
    for (let layer = spec.from; layer <= spec.to; layer++) {
      for (const kind of ['key', 'value'] as const) {
        const rows = kv[kind][layer]!;
        const past = this.float(rows, cache, this.config.activations);
        feeds[`past.${layer}.${kind}`] = past;
        fetches[`present.${layer}.${kind}`] = this.gpu ? past : rows;
      }
    }
    await this.call(session, feeds, fetches);
  }

  /** logits[0 .. count) of the residuals h[0 .. count): final norm and unembedding, or what the model's own head makes
   *  of them, out.cols numbers a row. */
  async logits(h: Rows, count: number, out: Rows): Promise<void> {
    const { session, weights, output } = this.head;
    await this.call(
      session,
      { ...weights, h_in: this.float(h, [count, this.config.d]) },
      { [output]: this.target(out, [count, out.cols]) },
    );
  }

  private async call(
    session: InferenceSession,
    feeds: Record<string, Tensor>,
    fetches: Record<string, Tensor | Rows>,
  ): Promise<void> {
    this.compute.flush();
    if (this.gpu) {
      await session.run(feeds, fetches as Record<string, Tensor>);
      return;
    }
    // On wasm nothing yields to the event loop. Without this turn the worker hears a cancel only after a long run.
    await nextTurn();
    const results = await session.run(feeds, Object.keys(fetches));
    for (const [name, rows] of Object.entries(fetches)) cpuArray(rows as Rows).set(results[name]!.data as Float32Array);
  }

  /** The target of a run's output: on the GPU a tensor over the rows; on wasm the rows themselves, into which `call`
   *  copies the results. */
  private target(rows: Rows, dims: number[]): Tensor | Rows {
    return this.gpu ? this.float(rows, dims) : rows;
  }

  private float(rows: Rows, dims: number[], dataType: Activations = 'float32'): Tensor {
    if (this.gpu) return this.runtime.ort.Tensor.fromGpuBuffer(gpuBuffer(rows), { dataType, dims });
    const size = dims.reduce((a, b) => a * b, 1);
    return new this.runtime.ort.Tensor('float32', cpuArray(rows).subarray(0, size), dims);
  }

  private int32(data: ArrayLike<number>, dims: number[]): Tensor {
    return new this.runtime.ort.Tensor('int32', Int32Array.from(data), dims);
  }

  private mask(data: Uint8Array, dims: number[]): Tensor {
    return new this.runtime.ort.Tensor('bool', data, dims);
  }

  private noRows(): Rows {
    this.nothing ??= this.compute.rows(1, this.config.d);
    return this.nothing;
  }

  async release(): Promise<void> {
    for (const { session } of this.parts) await session.release();
    await this.head.session.release();
    this.leaveHeap();
    if (this.nothing) this.compute.release(this.nothing);
    this.nothing = null;
  }
}

/** The types that a bound input can have. */
function gpuType(type: ElementType): 'float32' | 'float16' | 'uint8' {
  if (type === 'float32' || type === 'float16' || type === 'uint8') return type;
  throw new InvalidOptionError(`No weights are bound as ${type}.`);
}
