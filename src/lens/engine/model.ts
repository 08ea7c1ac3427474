import type { Qwen3Config } from '../artifacts/config';
import type { Weights } from '../artifacts/safetensors';
import { throwIfAborted } from '../errors';
import { buildHead, buildPart } from '../graph/qwen3';
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

/** The model as parts between its sites, and the head. All tensors between sessions are `Rows` of ours: nothing is copied to the page. */
export class Model {
  private constructor(
    readonly config: Qwen3Config,
    readonly compute: Compute,
    private readonly runtime: Runtime,
    private readonly gpu: Gpu | null,
    readonly parts: Part[],
    private readonly head: InferenceSession,
  ) {}

  static async create(options: {
    config: Qwen3Config;
    weights: Weights;
    sites: number[];
    runtime: Runtime;
    gpu: Gpu | null;
    compute: Compute;
    onPart?: (done: number, of: number) => void;
    signal?: AbortSignal;
  }): Promise<Model> {
    const { config, weights, runtime, gpu, signal } = options;
    const specs = planParts(config.layers, options.sites);
    const parts: Part[] = [];
    try {
      for (const spec of specs) {
        throwIfAborted(signal);
        options.onPart?.(parts.length, specs.length + 1);
        parts.push({ spec, session: await createSession(runtime, buildPart(config, spec, weights), gpu) });
      }
      throwIfAborted(signal);
      options.onPart?.(specs.length, specs.length + 1);
      const head = await createSession(runtime, buildHead(config, weights), gpu);
      options.onPart?.(specs.length + 1, specs.length + 1);
      return new Model(config, options.compute, runtime, gpu, parts, head);
    } catch (error) {
      for (const { session } of parts) await session.release().catch(() => {});
      throw error;
    }
  }

  /** Runs part `index` on token ids (part 0) or on a residual; writes keys and values into `kv` and the residual after the part's last
   *  block into out[0 .. batch * seq). */
  async run(index: number, input: Int32Array | Rows, kv: Kv, feed: Feed, out: Rows): Promise<void> {
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

  /** logits[0 .. count) of the residuals h[0 .. count): final norm and unembedding. */
  async logits(h: Rows, count: number, out: Rows): Promise<void> {
    const { d, vocabularySize } = this.config;
    await this.call(this.head, { h_in: this.float(h, [count, d]) }, { logits: out }, { logits: [count, vocabularySize] });
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

  async release(): Promise<void> {
    for (const { session } of this.parts) await session.release();
    await this.head.release();
  }
}
