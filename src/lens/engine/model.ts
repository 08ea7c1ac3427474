import type { Qwen3Config } from '../artifacts/config';
import type { Weights } from '../artifacts/safetensors';
import { throwIfAborted } from '../errors';
import { INJECT_MASK, INJECT_ROWS, type Injection, injectsHere } from '../graph/inject';
import { buildHead, buildPart, type PartGraph } from '../graph/qwen3';
import { type PartSpec, planParts } from '../graph/split';
import type { Compute, Rows } from '../kernels/compute';
import { cpuArray } from '../kernels/wasm';
import { gpuBuffer } from '../kernels/webgpu';
import type { Gpu } from './device';
import type { Kv } from './kv';
import { createSession, type InferenceSession, type Runtime, type Tensor } from './runtime';
import { nextTurn } from './turn';

interface Part {
  spec: PartSpec;
  session: InferenceSession;
}

/** How a batch is fed: every row has `seq` new tokens; row b is valid up to length[b]; `total` is the longest row. */
export interface Feed {
  batch: number;
  seq: number;
  lengths: number[];
  total: number;
}

/** What a run injects into a model that was built to (`injection` of `create`): at token s of row b, where mask[b * seq + s] is 1, row b * seq + s of `rows`. */
export interface Injected {
  mask: Uint8Array;
  rows: Rows;
}

interface Head {
  session: InferenceSession;
  output: string;
}

/** The model as parts between its sites, and the head. All tensors between sessions are `Rows` of ours: nothing is copied to the page. */
export class Model {
  /** Fed where a run injects nothing: one row that no mask lets through. */
  private nothing: Rows | null = null;

  private constructor(
    readonly config: Qwen3Config,
    readonly compute: Compute,
    private readonly runtime: Runtime,
    private readonly gpu: Gpu | null,
    readonly parts: Part[],
    private readonly head: Head,
    private readonly injection: Injection | undefined,
  ) {}

  static async create(options: {
    config: Qwen3Config;
    weights: Weights;
    sites: number[];
    /** Where `run` may inject; nowhere without it. */
    injection?: Injection;
    /** Instead of final norm and unembedding. */
    head?: PartGraph;
    runtime: Runtime;
    gpu: Gpu | null;
    compute: Compute;
    onPart?: (done: number, of: number) => void;
    signal?: AbortSignal;
  }): Promise<Model> {
    const { config, weights, injection, runtime, gpu, signal } = options;
    const specs = planParts(config.layers, options.sites);
    const parts: Part[] = [];
    try {
      for (const spec of specs) {
        throwIfAborted(signal);
        options.onPart?.(parts.length, specs.length + 1);
        parts.push({ spec, session: await createSession(runtime, buildPart(config, spec, weights, injection), gpu) });
      }
      throwIfAborted(signal);
      options.onPart?.(specs.length, specs.length + 1);
      const graph = options.head ?? buildHead(config, weights);
      const head = { session: await createSession(runtime, graph, gpu), output: graph.outputs[0]! };
      options.onPart?.(specs.length + 1, specs.length + 1);
      return new Model(config, options.compute, runtime, gpu, parts, head, injection);
    } catch (error) {
      for (const { session } of parts) await session.release().catch(() => {});
      throw error;
    }
  }

  /** Runs part `index` on token ids (part 0) or on a residual; writes keys and values into `kv` and the residual after the part's last
   *  block into out[0 .. batch * seq). `injected` enters with the part that holds the model's place for it; the others pass it over. */
  async run(index: number, input: Int32Array | Rows, kv: Kv, feed: Feed, out: Rows, injected?: Injected): Promise<void> {
    const { spec, session } = this.parts[index]!;
    const { batch, seq } = feed;
    const { d, kvHeads, headDim } = this.config;
    const cache = [batch, kvHeads, kv.max, headDim];
    const feeds: Record<string, Tensor> = {
      seqlens_k: this.int32(
        feed.lengths.map((n) => n - 1),
        [batch],
      ),
      total_sequence_length: this.int32([feed.total], []),
    };
    if (input instanceof Int32Array) feeds.input_ids = this.int32(input, [batch, seq]);
    else feeds.h_in = this.float(input, [batch, seq, d]);
    if (this.injection && injectsHere(this.injection, spec)) {
      feeds[INJECT_MASK] = this.mask(injected?.mask ?? Uint8Array.of(0), injected ? [batch, seq, 1] : [1, 1, 1]);
      feeds[INJECT_ROWS] = injected ? this.float(injected.rows, [batch, seq, d]) : this.float(this.noRows(), [1, 1, d]);
    }
    const fetches: Record<string, Rows> = { h_out: out };
    const dims: Record<string, number[]> = { h_out: [batch, seq, d] };
    for (let layer = spec.from; layer <= spec.to; layer++) {
      for (const kind of ['key', 'value'] as const) {
        const rows = kv[kind][layer]!;
        feeds[`past.${layer}.${kind}`] = this.float(rows, cache);
        fetches[`present.${layer}.${kind}`] = rows;
        dims[`present.${layer}.${kind}`] = cache;
      }
    }
    await this.call(session, feeds, fetches, dims);
  }

  /** logits[0 .. count) of the residuals h[0 .. count): final norm and unembedding, or what the model's own head makes of them, out.cols numbers a row. */
  async logits(h: Rows, count: number, out: Rows): Promise<void> {
    const { session, output } = this.head;
    await this.call(session, { h_in: this.float(h, [count, this.config.d]) }, { [output]: out }, { [output]: [count, out.cols] });
  }

  private async call(session: InferenceSession, feeds: Record<string, Tensor>, fetches: Record<string, Rows>, dims: Record<string, number[]>): Promise<void> {
    this.compute.flush();
    if (this.gpu) {
      const outputs = Object.fromEntries(Object.entries(fetches).map(([name, rows]) => [name, this.float(rows, dims[name]!)]));
      await session.run(feeds, outputs);
      return;
    }
    // Nothing on wasm waits for anything: without a turn of the event loop the worker would not hear a cancel before a long run ends.
    await nextTurn();
    const results = await session.run(feeds, Object.keys(fetches));
    for (const [name, rows] of Object.entries(fetches)) cpuArray(rows).set(results[name]!.data as Float32Array);
  }

  private float(rows: Rows, dims: number[]): Tensor {
    if (this.gpu) return this.runtime.ort.Tensor.fromGpuBuffer(gpuBuffer(rows), { dataType: 'float32', dims });
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
    if (this.nothing) this.compute.release(this.nothing);
    this.nothing = null;
  }
}
