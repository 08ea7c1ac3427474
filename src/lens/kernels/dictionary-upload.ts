import { DamagedStoreError, throwIfAborted, UnsupportedModelError } from '../api/errors';
import type { DictionaryFormat } from '../api/model';
import { mebibytes } from '../maths/figures';
import { checkParts } from './checks';
import type { DictionaryParts, MatrixPieces, PartsOptions } from './dictionary-parts';
import { storageBuffer, writeBytes } from './gpu-rows';
import { recordInt8 } from './int8';
import { type DictionarySize, layoutOf, matricesOf, matrixFormatOf, quadsOf } from './layout';
import type { Recorder } from './recorder';
import { recordTranspose } from './transpose';
import { GpuDictionary, ones } from './weights';

/** Uploads go through staging memory; we wait for the queue after this many bytes. */
const STAGED = 64 * 2 ** 20;
/** Bytes of halves beside an int8 matrix while it is made. A larger matrix takes several passes over its pieces. */
const SCRATCH = 512 * 2 ** 20;

/** Throws UnsupportedModelError if a GPU with these limits cannot bind a matrix at once. The message says whether int8
 *  would fit. */
export function checkDictionarySize(
  limits: Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>,
  size: DictionarySize & { format: DictionaryFormat },
): void {
  const limit = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  for (const [name, tail] of matricesOf(size)) {
    const bytesAs = (format: DictionaryFormat) => layoutOf(matrixFormatOf(format), size.width, size.d, tail).end;
    const bytes = bytesAs(size.format);
    if (bytes <= limit) continue;
    const way =
      bytesAs('int8') <= limit
        ? `As int8 it needs ${mebibytes(bytesAs('int8'))}: open it as int8.`
        : 'Open a dictionary of a smaller width.';
    throw new UnsupportedModelError(
      `The dictionary’s ${name} needs ${mebibytes(bytes)} in one buffer, and this GPU takes ${mebibytes(limit)}. ${way}`,
      {
        bytes,
        limit,
      },
    );
  }
}

/**
 * Makes a dictionary from its pieces, which are read and uploaded one by one. The GPU makes an int8 matrix out of its
 * halves. If these have more than 512 MiB, or more than the GPU binds at once, that takes several passes, each over all
 * pieces of a transposed matrix. Throws UnsupportedModelError if the GPU has no room, ShapeMismatchError and
 * DamagedStoreError for wrong pieces, AbortedError; then nothing stays on the GPU.
 */
export async function uploadDictionaryParts(
  device: GPUDevice,
  recorder: Recorder,
  parts: DictionaryParts,
  options: PartsOptions = {},
  scratchBytes = SCRATCH,
): Promise<GpuDictionary> {
  checkParts(parts);
  checkDictionarySize(device.limits, parts);
  const { d, width } = parts;
  const format = matrixFormatOf(parts.format);
  const most = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize, scratchBytes);
  const row = layoutOf('float16', 1, d, []).row;
  const span = format === 'int8' ? Math.min(width, Math.max(1, Math.floor(most / row))) : width;
  const room = new Room(device);
  try {
    const [encoder, decoder] = matricesOf(parts).map(([name, tail]) =>
      room.keep(layoutOf(format, width, d, tail).end, `The ${name}`),
    ) as [GPUBuffer, GPUBuffer];
    const halves = format === 'int8' ? room.lend(span * row, 'The dictionary as float16') : null;
    const longest = Math.max(
      0,
      ...[parts.encoder, parts.decoder].flatMap(({ transposed, pieces }) =>
        transposed ? pieces.map(({ rows }) => rows) : [],
      ),
    );
    const piece = room.lend(longest * width * 2, 'A piece of the dictionary');
    await room.check();

    const passes = Math.ceil(width / span);
    const total = [parts.encoder, parts.decoder].reduce(
      (sum, { transposed }) => sum + 2 * d * width * (transposed ? passes : 1),
      0,
    );
    const upload = new Upload(device, recorder, piece, { d, width, total }, options);
    for (const [target, matrix, vectors] of [
      [encoder, parts.encoder, [parts.encoderScale ?? ones(parts), parts.encoderBias, parts.threshold]],
      [decoder, parts.decoder, [parts.decoderScale ?? ones(parts), parts.decoderBias, parts.center]],
    ] as const) {
      let at = layoutOf(format, width, d, []).scales;
      for (const part of vectors) {
        if (!part) continue;
        writeBytes(device, target, at, new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
        at += quadsOf(part.length) * 16;
      }
      for (let from = 0; from < width; from += span) {
        const count = Math.min(span, width - from);
        await upload.halves(matrix, halves ?? target, { from, count });
        if (halves) recordInt8(recorder, halves, target, { count, begin: from, width, quads: row / 8 });
        recorder.flush();
      }
    }
    await device.queue.onSubmittedWorkDone();
    throwIfAborted(options.signal);
    return new GpuDictionary(parts, format, encoder, decoder);
  } catch (error) {
    room.giveUp();
    throw error;
  } finally {
    room.done();
  }
}

/** Buffers that are made together, or not at all. */
class Room {
  private readonly kept: GPUBuffer[] = [];
  private readonly lent: GPUBuffer[] = [];
  private readonly refusals: Promise<GPUError | null>[] = [];

  constructor(private readonly device: GPUDevice) {}

  /** Makes a buffer that stays, unless `giveUp` frees it. */
  keep(bytes: number, label: string): GPUBuffer {
    return this.make(this.kept, bytes, label);
  }

  /** Makes a buffer that `done` frees. */
  lend(bytes: number, label: string): GPUBuffer {
    return this.make(this.lent, bytes, label);
  }

  private make(list: GPUBuffer[], bytes: number, label: string): GPUBuffer {
    this.device.pushErrorScope('out-of-memory');
    try {
      const made = storageBuffer(this.device, bytes, label);
      list.push(made);
      return made;
    } finally {
      this.refusals.push(this.device.popErrorScope());
    }
  }

  /** Throws UnsupportedModelError where the GPU had not enough memory. */
  async check(): Promise<void> {
    const refused = (await Promise.all(this.refusals)).find((refusal) => refusal !== null);
    if (refused)
      throw new UnsupportedModelError(
        'The GPU has no room for this dictionary. Close other pages, or open it as int8.',
        { cause: refused.message },
      );
  }

  giveUp(): void {
    for (const buffer of this.kept.splice(0)) buffer.destroy();
  }

  done(): void {
    for (const buffer of this.lent.splice(0)) buffer.destroy();
  }
}

/** from .. from + count. */
interface Features {
  from: number;
  count: number;
}

/** The bytes of a piece, its first row in the kept matrix, and its number of rows. */
interface Read {
  bytes: Uint8Array;
  first: number;
  rows: number;
}

/** Uploads pieces to the GPU, and reads the next piece meanwhile. */
class Upload {
  private loaded = 0;
  private staged = 0;

  constructor(
    private readonly device: GPUDevice,
    private readonly recorder: Recorder,
    private readonly piece: GPUBuffer,
    /** `total`: bytes that are read in all. */
    private readonly size: { d: number; width: number; total: number },
    private readonly options: PartsOptions,
  ) {}

  /** Writes the given features of a matrix as halves into rows 0 .. of `target`. */
  async halves({ transposed, pieces }: MatrixPieces, target: GPUBuffer, features: Features): Promise<void> {
    const rowBytes = 2 * (transposed ? this.size.width : this.size.d);
    const { from, count } = features;
    let row = 0;
    const wanted = pieces.flatMap((piece) => {
      const begin = row;
      row += piece.rows;
      const needed = piece.rows > 0 && (transposed || (begin < from + count && row > from));
      return needed ? [{ begin, piece }] : [];
    });
    throwIfAborted(this.options.signal);
    let next = wanted[0]?.piece.read();
    for (const [i, { begin, piece }] of wanted.entries()) {
      const bytes = await next!;
      throwIfAborted(this.options.signal);
      next = wanted[i + 1]?.piece.read();
      next?.catch(() => {}); // thrown when its turn comes, or not at all after an earlier failure
      const size = piece.rows * rowBytes;
      if (bytes.length !== size)
        throw new DamagedStoreError(
          `A kept part of the dictionary has ${bytes.length} bytes and should have ${size}. Open it again to fetch it anew.`,
        );
      const read = { bytes, first: begin, rows: piece.rows };
      await this.advance(transposed ? this.transpose(read, target, features) : this.copy(read, target, features));
    }
  }

  private transpose({ bytes, first, rows }: Read, target: GPUBuffer, features: Features): number {
    const { recorder, piece } = this;
    const { d, width } = this.size;
    writeBytes(this.device, piece, 0, bytes);
    recordTranspose(recorder, { buffer: piece, first, rows, width, ...features }, target, Math.ceil(d / 4));
    // Submit before the next piece overwrites this one.
    recorder.flush();
    return bytes.length;
  }

  /** Copies rows of whole quads as they are kept, and pads other rows. */
  private copy({ bytes, first, rows }: Read, target: GPUBuffer, { from, count }: Features): number {
    const [begin, end] = [Math.max(first, from), Math.min(first + rows, from + count)];
    const rowBytes = 2 * this.size.d;
    const stride = Math.ceil(this.size.d / 4) * 8;
    const part = bytes.subarray((begin - first) * rowBytes, (end - first) * rowBytes);
    const padded = stride === rowBytes ? part : new Uint8Array((end - begin) * stride);
    if (padded !== part)
      for (let r = 0; r < end - begin; r++) padded.set(part.subarray(r * rowBytes, (r + 1) * rowBytes), r * stride);
    writeBytes(this.device, target, (begin - from) * stride, padded);
    return part.length;
  }

  private async advance(bytes: number): Promise<void> {
    this.loaded += bytes;
    this.staged += bytes;
    if (this.staged >= STAGED) {
      await this.device.queue.onSubmittedWorkDone();
      this.staged = 0;
    }
    this.options.onBytes?.(this.loaded, this.size.total);
  }
}
