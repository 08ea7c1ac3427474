import { InvalidOptionError, UnsupportedModelError } from '../api/errors';
import { mebibytes } from '../maths/figures';
import type { Rows } from './compute';
import { bufferBytes } from './layout';

const USAGE = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

/** Rows in a GPUBuffer, from its first byte on. The buffer may be longer than the rows. */
export class GpuRows implements Rows {
  constructor(
    readonly rows: number,
    readonly cols: number,
    readonly buffer: GPUBuffer,
  ) {}
  /** Bytes of the rows; at least 4, since WebGPU binds no empty range. */
  get bytes(): number {
    return Math.max(4, this.rows * this.cols * 4);
  }
}

/** The rows as this implementation's. Throws InvalidOptionError for rows of another one. */
export function gpuRows(rows: Rows): GpuRows {
  if (!(rows instanceof GpuRows))
    throw new InvalidOptionError('These rows are not on the GPU; use the Compute that made them.');
  return rows;
}

/** The buffer behind rows: STORAGE | COPY_SRC | COPY_DST, its size a multiple of 16, so that ONNX Runtime can bind it.
 *  Flush before another queue user reads it. */
export function gpuBuffer(rows: Rows): GPUBuffer {
  return gpuRows(rows).buffer;
}

/** A zero-filled storage buffer of at least `bytes`. Throws UnsupportedModelError where the GPU cannot bind so much at
 *  once. */
export function storageBuffer(device: GPUDevice, bytes: number, label: string, mapped = false): GPUBuffer {
  const size = bufferBytes(bytes);
  const most = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
  if (size > most) {
    throw new UnsupportedModelError(
      `${label} needs ${mebibytes(size)} in one buffer; this GPU allows ${mebibytes(most)}. Use a smaller model or dictionary.`,
      {
        size,
        most,
      },
    );
  }
  return device.createBuffer({ label, size, usage: USAGE(), mappedAtCreation: mapped });
}

/** Writes bytes at once, after the work submitted so far. If they do not fill whole words, pads the last word with
 *  zeros. */
export function writeBytes(device: GPUDevice, buffer: GPUBuffer, offset: number, bytes: Uint8Array): void {
  const size = Math.ceil(bytes.length / 4) * 4;
  const whole = size === bytes.length ? bytes : new Uint8Array(size);
  if (whole !== bytes) whole.set(bytes);
  device.queue.writeBuffer(buffer, offset, whole as Uint8Array<ArrayBuffer>);
}
