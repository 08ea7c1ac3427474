import * as ort from 'onnxruntime-web/jspi';
import type { DecoderConfig } from '../folders/config';
import type { Weights } from '../formats/safetensors';
import { buildHead, buildPart, type PartGraph } from '../graph/decoder';
import { planParts } from '../graph/split';
import { weightsInside } from '../graph/weights';

/** Runs a chain of parts and the head on ONNX Runtime, with a static cache, and brings everything back to the page. For
 *  tests of the graph alone. */

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

export const PROVIDERS = ['wasm', 'webgpu'] as const;
export type TestProvider = (typeof PROVIDERS)[number];

export interface ChainResult {
  /** Residual behind each part's last block, [batch, sequence, d], by layer. */
  residuals: Map<number, Float32Array>;
  /** [batch * sequence, vocabulary]. */
  logits: Float32Array;
}

/** A device without subgroups: ONNX Runtime's attention is wrong with those of the software adapter. */
export async function testDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('This browser has no WebGPU adapter.');
  const {
    maxBufferSize,
    maxStorageBufferBindingSize,
    maxStorageBuffersPerShaderStage,
    maxComputeWorkgroupStorageSize,
  } = adapter.limits;
  return adapter.requestDevice({
    requiredLimits: {
      maxBufferSize,
      maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage,
      maxComputeWorkgroupStorageSize,
    },
  });
}

export class Chain {
  private readonly cache = new Map<string, ort.Tensor>();
  private readonly buffers: GPUBuffer[] = [];
  private constructor(
    private readonly config: DecoderConfig,
    private readonly device: GPUDevice | null,
    private readonly parts: { graph: PartGraph; session: ort.InferenceSession }[],
    private readonly head: ort.InferenceSession,
  ) {}

  static async open(
    config: DecoderConfig,
    weights: Weights,
    sites: number[],
    device: GPUDevice | null,
  ): Promise<Chain> {
    const create = (graph: PartGraph) =>
      ort.InferenceSession.create(graph.model, {
        executionProviders: device
          ? [{ name: 'webgpu', device } as ort.InferenceSession.WebGpuExecutionProviderOption]
          : ['wasm'],
        externalData: graph.external,
      });
    const parts = [];
    for (const plan of planParts(config.layers, sites)) {
      const graph = buildPart(config, plan, weightsInside(config, weights));
      parts.push({ graph, session: await create(graph) });
    }
    return new Chain(config, device, parts, await create(buildHead(config, weightsInside(config, weights))));
  }

  /** Forgets every token and makes room for `batch` rows of `max` tokens. The room is filled with `fill`, which must
   *  never be read. */
  reset(batch: number, max: number, fill = 0): void {
    const { kvHeads, headDim, layers } = this.config;
    const dims = [batch, kvHeads, max, headDim];
    for (let l = 0; l < layers; l++)
      for (const kind of ['key', 'value'])
        this.cache.set(`${l}.${kind}`, this.tensor(new Float32Array(batch * kvHeads * max * headDim).fill(fill), dims));
  }

  /** Feeds `ids[row]`, rows of equal length; afterwards row b holds `lengths[b]` valid tokens. */
  async run(ids: number[][], lengths: number[]): Promise<ChainResult> {
    const { d, vocabularySize } = this.config;
    const [batch, sequence] = [ids.length, ids[0]!.length];
    const residuals = new Map<number, Float32Array>();
    let h: ort.Tensor | null = null;
    for (const { graph, session } of this.parts) {
      const feeds: Record<string, ort.Tensor> = {
        seqlens_k: new ort.Tensor(
          'int32',
          Int32Array.from(lengths, (n) => n - 1),
          [batch],
        ),
        total_sequence_length: new ort.Tensor('int32', Int32Array.of(Math.max(...lengths)), []),
      };
      if (h) feeds.h_in = h;
      else feeds.input_ids = new ort.Tensor('int32', Int32Array.from(ids.flat()), [batch, sequence]);
      const present: Record<string, ort.Tensor> = {};
      for (const l of graph.layers) {
        for (const kind of ['key', 'value']) {
          const tensor = this.cache.get(`${l}.${kind}`)!;
          feeds[`past.${l}.${kind}`] = tensor;
          present[`present.${l}.${kind}`] = tensor;
        }
      }
      h = await this.step(session, feeds, 'h_out', [batch, sequence, d], present);
      residuals.set(graph.layers.at(-1)!, await this.data(h));
    }
    const rows = batch * sequence;
    const flat = this.tensor(await this.data(h!), [rows, d]);
    const logits = await this.step(this.head, { h_in: flat }, 'logits', [rows, vocabularySize], {});
    return { residuals, logits: await this.data(logits) };
  }

  async close(): Promise<void> {
    for (const { session } of this.parts) await session.release();
    await this.head.release();
    for (const buffer of this.buffers) buffer.destroy();
  }

  private async step(
    session: ort.InferenceSession,
    feeds: Record<string, ort.Tensor>,
    name: string,
    dims: number[],
    present: Record<string, ort.Tensor>,
  ): Promise<ort.Tensor> {
    if (this.device) {
      const out = this.tensor(new Float32Array(dims.reduce((a, b) => a * b, 1)), dims);
      await session.run(feeds, { ...present, [name]: out });
      return out;
    }
    const results = await session.run(feeds);
    for (const [key, past] of Object.entries(present)) {
      const now = results[key]!;
      if (now.dims.join() !== past.dims.join())
        throw new Error(`${key} came back as [${now.dims}], not as [${past.dims}].`);
      this.cache.set(key.replace('present.', ''), now as ort.Tensor);
    }
    return results[name] as ort.Tensor;
  }

  private tensor(data: Float32Array, dims: number[]): ort.Tensor {
    if (!this.device) return new ort.Tensor('float32', data, dims);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const buffer = this.device.createBuffer({ size: Math.ceil(data.byteLength / 16) * 16, usage });
    this.buffers.push(buffer);
    this.device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
    return ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims });
  }

  private async data(tensor: ort.Tensor): Promise<Float32Array> {
    if (!this.device) return (tensor.data as Float32Array).slice();
    const bytes = tensor.size * 4;
    const staging = this.device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(tensor.gpuBuffer as GPUBuffer, 0, staging, 0, bytes);
    this.device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const data = new Float32Array(staging.getMappedRange().slice(0));
    staging.destroy();
    return data;
  }
}

/** Largest |a - b| / |b| over rows of `width` numbers, `b` in double precision, |.| the Euclidean norm. */
export function worstRow(a: Float32Array, b: Float64Array[]): number {
  const width = b[0]!.length;
  return Math.max(
    ...b.map((row, r) => {
      const difference = Math.hypot(...row.map((value, i) => a[r * width + i]! - value));
      return difference / Math.hypot(...row);
    }),
  );
}
