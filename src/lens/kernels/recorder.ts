import { DeviceLostError } from '../api/errors';
import type { Rows } from './compute';
import { gpuRows } from './gpu-rows';
import type { Kernel } from './kernel';

/** A buffer's first bytes. */
export interface BufferRange {
  buffer: GPUBuffer;
  bytes: number;
}

/** The resource of a binding: rows, a part or the whole of a buffer, or words that only this dispatch needs, which
 *  travel with its arguments. */
type Resource = Rows | (Pick<BufferRange, 'buffer'> & Partial<BufferRange>) | Uint32Array;

/** The arguments and bindings of one dispatch, by name. */
interface Dispatch<Arg extends string, Bound extends string> {
  args: Record<Arg, number>;
  bindings: Record<Bound, Resource>;
  /** Workgroups; above the device's limit per dimension they are spread over two. */
  groups: number;
}

const ALIGN = 256;
const aligned = (bytes: number) => Math.ceil(bytes / ALIGN) * ALIGN;

/**
 * Collects dispatches and copies in order and submits them together. Arguments and tables of all recorded dispatches
 * lie side by side in one arena, written to the GPU just before the submission, so no dispatch ever sees another's
 * arguments.
 */
export class Recorder {
  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  private arena: GPUBuffer;
  private mirror: Uint8Array<ArrayBuffer>;
  private used = 0;
  private readonly pipelines = new Map<string, GPUComputePipeline>();
  private readonly retired: GPUBuffer[] = [];
  private readonly staging: GPUBuffer[] = [];
  private dispatches = 0;

  /** `mostGroups`: workgroups per dimension; the device's limit unless a test wants less. */
  constructor(
    readonly device: GPUDevice,
    private readonly mostGroups = device.limits.maxComputeWorkgroupsPerDimension,
  ) {
    this.mirror = new Uint8Array(1 << 16);
    this.arena = this.newArena();
  }

  private newArena(): GPUBuffer {
    return this.device.createBuffer({
      size: this.mirror.length,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    });
  }

  private commands(): GPUCommandEncoder {
    this.pass?.end();
    this.pass = null;
    this.encoder ??= this.device.createCommandEncoder();
    return this.encoder;
  }

  private reserve(bytes: number): void {
    if (this.used + bytes <= this.mirror.length) return;
    this.flush();
    if (bytes <= this.mirror.length) return;
    this.retired.push(this.arena);
    this.mirror = new Uint8Array(2 ** Math.ceil(Math.log2(bytes)));
    this.arena = this.newArena();
  }

  private place(words: Uint32Array): GPUBufferBinding {
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    const binding = { buffer: this.arena, offset: this.used, size: Math.ceil(bytes.length / 16) * 16 };
    this.mirror.set(bytes, this.used);
    this.used += aligned(bytes.length);
    return binding;
  }

  private pipeline({ name, wgsl }: Kernel<string, string>): GPUComputePipeline {
    let found = this.pipelines.get(name);
    if (!found) {
      const module = this.device.createShaderModule({ label: name, code: wgsl() });
      found = this.device.createComputePipeline({ label: name, layout: 'auto', compute: { module } });
      this.pipelines.set(name, found);
    }
    return found;
  }

  private binding(resource: Resource): GPUBufferBinding {
    if (resource instanceof Uint32Array) return this.place(resource);
    const { buffer, bytes } = 'buffer' in resource ? resource : gpuRows(resource);
    return { buffer, size: bytes };
  }

  dispatch<Arg extends string, Bound extends string>(
    kernel: Kernel<Arg, Bound>,
    { args, bindings, groups }: Dispatch<NoInfer<Arg>, NoInfer<Bound>>,
  ): void {
    if (groups === 0) return;
    const words = Uint32Array.from(kernel.args, (name) => args[name]);
    const resources: Resource[] = [words, ...kernel.bindings.map((name) => bindings[name])];
    this.reserve(resources.reduce((sum, one) => sum + (one instanceof Uint32Array ? aligned(one.byteLength) : 0), 0));
    const entries = resources.map((one, binding) => ({ binding, resource: this.binding(one) }));
    const pipeline = this.pipeline(kernel);
    this.encoder ??= this.device.createCommandEncoder();
    this.pass ??= this.encoder.beginComputePass();
    this.pass.setPipeline(pipeline);
    this.pass.setBindGroup(
      0,
      this.device.createBindGroup({ label: kernel.name, layout: pipeline.getBindGroupLayout(0), entries }),
    );
    this.pass.dispatchWorkgroups(Math.min(groups, this.mostGroups), Math.ceil(groups / this.mostGroups));
    this.dispatches++;
  }

  /** Bytes from one buffer to another, or within one through a buffer in between. */
  copy(src: GPUBuffer, srcOffset: number, dst: GPUBuffer, dstOffset: number, bytes: number): void {
    if (bytes === 0) return;
    if (src !== dst) {
      this.commands().copyBufferToBuffer(src, srcOffset, dst, dstOffset, bytes);
      return;
    }
    const between = this.device.createBuffer({ size: bytes, usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST });
    this.commands().copyBufferToBuffer(src, srcOffset, between, 0, bytes);
    this.commands().copyBufferToBuffer(between, 0, dst, dstOffset, bytes);
    this.retire(between);
  }

  clear(buffer: GPUBuffer, bytes: number): void {
    if (bytes > 0) this.commands().clearBuffer(buffer, 0, bytes);
  }

  /** Destroy a buffer once the work recorded so far is submitted. */
  retire(buffer: GPUBuffer): void {
    this.retired.push(buffer);
  }

  flush(): void {
    if (this.encoder) {
      const done = this.commands().finish();
      if (this.used > 0) this.device.queue.writeBuffer(this.arena, 0, this.mirror, 0, this.used);
      this.device.queue.submit([done]);
      this.encoder = null;
      this.used = 0;
    }
    for (const buffer of this.retired.splice(0)) buffer.destroy();
  }

  /** Reads the bytes of several buffers, after everything recorded so far. One copy back and one wait. Throws
   *  DeviceLostError. */
  async read(list: BufferRange[]): Promise<ArrayBuffer[]> {
    const total = list.reduce((sum, { bytes }) => sum + bytes, 0);
    const at = this.staging.findIndex((buffer) => buffer.size >= total);
    const staging =
      at >= 0
        ? this.staging.splice(at, 1)[0]!
        : this.device.createBuffer({
            size: 2 ** Math.ceil(Math.log2(Math.max(256, total))),
            usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
          });
    let offset = 0;
    for (const { buffer, bytes } of list) {
      this.copy(buffer, 0, staging, offset, bytes);
      offset += bytes;
    }
    this.flush();
    try {
      await staging.mapAsync(GPUMapMode.READ, 0, Math.max(4, total));
    } catch (error) {
      throw new DeviceLostError('The GPU was lost while results were read. Open the model again.', {
        cause: String(error),
      });
    }
    const all = staging.getMappedRange(0, Math.max(4, total));
    offset = 0;
    const parts = list.map(({ bytes }) => {
      const part = all.slice(offset, offset + bytes);
      offset += bytes;
      return part;
    });
    staging.unmap();
    this.staging.push(staging);
    return parts;
  }

  takeDispatches(): number {
    const taken = this.dispatches;
    this.dispatches = 0;
    return taken;
  }

  /** Frees what the recorder owns; work not yet submitted is dropped. */
  destroy(): void {
    this.pass = null;
    this.encoder = null;
    for (const buffer of [this.arena, ...this.retired.splice(0), ...this.staging.splice(0)]) buffer.destroy();
    this.pipelines.clear();
  }
}
