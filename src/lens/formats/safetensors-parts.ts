import { CorruptFileError, MissingFileError } from '../api/errors';
import type { FilePart, ReadOptions } from '../sources/folder';
import type { Source } from '../sources/source';
import { dataStartOf, type Header, parseHeader, SIZES, type StoredTensor, type TensorEntry } from './safetensors';

/** Bytes of the first request; a header of some fifty tensors fits. */
const FIRST_BYTES = 1 << 14;

/** Where a tensor of a checkpoint lies; positions count from the start of the file, header included. */
export interface TensorPlace {
  file: string;
  /** As stored: 'F32', 'F16', 'BF16', … */
  dtype: string;
  shape: number[];
  begin: number;
  end: number;
}

/** Reads a safetensors file in parts: its header, then whole tensors or rows of one. If the source sends the whole file
 *  instead of a part, it keeps that and asks no more. */
export class SafetensorsParts {
  private whole: Uint8Array | null = null;
  private size: number | null = null;
  private dataStart = 0;
  private header: Header = { entries: new Map(), metadata: undefined };

  private constructor(
    private readonly source: Pick<Source, 'tryReadPart'>,
    readonly file: string,
  ) {}

  /** Opens the file; null if it does not exist. Throws what `parseSafetensors` throws for a header. If the source does
   *  not state the file's length, bytes after the last tensor go unnoticed. */
  static async open(
    source: Pick<Source, 'tryReadPart'>,
    file: string,
    options: ReadOptions = {},
  ): Promise<SafetensorsParts | null> {
    const parts = new SafetensorsParts(source, file);
    const first = await source.tryReadPart(file, 0, FIRST_BYTES, options);
    if (!first) return null;
    parts.keep(first);
    parts.dataStart = dataStartOf(first.bytes, file);
    if (parts.size !== null && parts.dataStart > parts.size)
      throw new CorruptFileError(
        `${file} is cut off: its header needs ${parts.dataStart} bytes and the file has ${parts.size}. Download it again.`,
        { file },
      );
    const header =
      parts.dataStart <= first.bytes.length
        ? first.bytes.subarray(8, parts.dataStart)
        : await parts.bytes(8, parts.dataStart, options);
    parts.header = parseHeader(header, parts.size === null ? null : Math.max(0, parts.size - parts.dataStart), file);
    return parts;
  }

  get metadata(): unknown {
    return this.header.metadata;
  }

  /** Where its tensors lie in the file. */
  places(): Map<string, TensorPlace> {
    const { file, dataStart } = this;
    return new Map(
      Array.from(this.header.entries, ([name, { dtype, shape, begin, end }]) => [
        name,
        { file, dtype, shape, begin: dataStart + begin, end: dataStart + end },
      ]),
    );
  }

  /** Throws CorruptFileError where the file has no such tensor. */
  entry(tensor: string): TensorEntry {
    const entry = this.header.entries.get(tensor);
    if (!entry)
      throw new CorruptFileError(`${this.file} has no tensor ${tensor}, which its format asks for.`, {
        file: this.file,
        tensor,
      });
    return entry;
  }

  /** Reads the tensors of these names, with one request for each run of neighbours. */
  async read(names: readonly string[], options: ReadOptions = {}): Promise<Map<string, StoredTensor>> {
    const wanted = names
      .map((name) => ({ name, ...this.entry(name) }))
      .sort((a, b) => a.begin - b.begin || a.end - b.end);
    const runs: (typeof wanted)[] = [];
    for (const tensor of wanted) {
      const run = runs.at(-1);
      if (run?.at(-1)?.end === tensor.begin) run.push(tensor);
      else runs.push([tensor]);
    }
    const read = runs.map(async (run) => {
      const from = run[0]!.begin;
      const bytes = await this.data(from, run.at(-1)!.end, options);
      return run.map(({ name, dtype, shape, begin, end }): [string, StoredTensor] => [
        name,
        { dtype, shape, bytes: bytes.subarray(begin - from, end - from) },
      ]);
    });
    return new Map((await Promise.all(read)).flat());
  }

  /** Numbers [from, to) of a tensor, counted in row-major order. */
  async slice(tensor: string, from: number, to: number, options: ReadOptions = {}): Promise<StoredTensor> {
    const { dtype, begin, end } = this.entry(tensor);
    const size = SIZES[dtype]!;
    if (!(from >= 0 && from <= to && begin + to * size <= end))
      throw new RangeError(`${tensor} has no numbers ${from} to ${to}.`);
    return { dtype, shape: [to - from], bytes: await this.data(begin + from * size, begin + to * size, options) };
  }

  private data(begin: number, end: number, options: ReadOptions): Promise<Uint8Array> {
    return this.bytes(this.dataStart + begin, this.dataStart + end, options);
  }

  private async bytes(begin: number, end: number, options: ReadOptions): Promise<Uint8Array> {
    if (begin === end) return new Uint8Array(0);
    if (!this.whole) {
      const part = await this.source.tryReadPart(this.file, begin, end, options);
      if (!part)
        throw new MissingFileError(`${this.file} was there and is no more. Open the model again.`, { file: this.file });
      this.keep(part);
      if (!this.whole) return this.complete(part.bytes, end - begin);
    }
    return this.complete((this.whole as Uint8Array).subarray(begin, end), end - begin);
  }

  private complete(bytes: Uint8Array, length: number): Uint8Array {
    if (bytes.length === length) return bytes;
    throw new CorruptFileError(
      `${this.file} is damaged: it is cut off, ${length} bytes were asked for and ${bytes.length} are there. Download it again.`,
      {
        file: this.file,
      },
    );
  }

  private keep({ bytes, begin, size }: FilePart): void {
    if (size !== null && this.size !== null && size !== this.size)
      throw new CorruptFileError(`${this.file} changed while it was read. Open the model again.`, { file: this.file });
    this.size ??= size;
    if (begin === 0 && size === bytes.length) this.whole = bytes;
  }
}
