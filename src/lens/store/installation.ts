import { AbortedError, CorruptFileError, LensError, throwIfAborted } from '../api/errors';
import { readRange } from '../sources/read-range';
import type { SourceFile } from '../sources/source';
import { convertPiece } from './convert-piece';
import { type Manifest, needsAny, notAsStated } from './manifest';
import type { PartRef } from './parts';
import { type FilePlan, type Piece, pieceBytes } from './plan-pieces';
import { ensureRoom } from './quota';
import { emptyRecord } from './resume';
import { type RunningHash, runningHash } from './running-hash';
import type { InstallOptions, Wanted } from './wanted';

/** Bytes between two reports of the progress. */
const REPORT = 1 << 20;

/** Installs one entry into the store. It writes the manifest after each part, so a closed tab loses only the piece
 *  being converted and the piece being fetched. */
export class Installation {
  /** Whether it gave up parts that may still be in the store. */
  dropped = false;
  private readonly manifest: Manifest;
  private readonly wanted: Wanted;
  private readonly options: InstallOptions;
  /** Hashes of parts that the manifest names but the store lacks. */
  private readonly missing: Set<string>;
  private reported = Number.NEGATIVE_INFINITY;

  constructor(manifest: Manifest, wanted: Wanted, options: InstallOptions, missing: Set<string>) {
    this.manifest = manifest;
    this.wanted = wanted;
    this.options = options;
    this.missing = missing;
  }

  /** Resolves to the complete manifest. */
  async run(): Promise<Manifest> {
    const { manifest, wanted, options } = this;
    if (!this.isThere()) {
      manifest.complete = false;
      await ensureRoom(options.store.storage, this.bytesToWrite());
      await this.save();
      for (const file of wanted.whole) if (!this.hasWhole(file.path)) await this.keepWhole(file.path, file.sha256);
      for (const file of wanted.plan.files) await this.file(file);
      manifest.complete = true;
    }
    await this.save();
    for (const file of wanted.beside) if (!this.hasWhole(file.path)) await this.keepBeside(file);
    this.report(0, true);
    return manifest;
  }

  private isThere(): boolean {
    const { manifest, wanted, missing } = this;
    return (
      manifest.complete &&
      !needsAny(manifest, missing) &&
      wanted.whole.every(({ path }) => Object.hasOwn(manifest.whole, path))
    );
  }

  private bytesToWrite(): number {
    const { whole, plan } = this.wanted;
    const small = whole.reduce((sum, { path, size }) => sum + (this.hasWhole(path) ? 0 : size), 0);
    const pieces = plan.files.flatMap((file) => file.pieces).filter((piece) => !this.isKept(piece));
    return pieces.reduce((sum, piece) => sum + pieceBytes(piece), small);
  }

  private hasWhole(path: string): boolean {
    const { whole } = this.manifest;
    return Object.hasOwn(whole, path) && !this.missing.has(whole[path]!.sha256);
  }

  private isKept({ tensor, index }: Piece): boolean {
    const part = this.manifest.tensors[tensor.name]!.parts[index];
    return part !== undefined && !this.missing.has(part.sha256);
  }

  /** The entry is complete without it: where it cannot be had or kept, it lacks (`lackedOf`). Where its bytes are not
   *  those that the source states, it is left out for good: they would be fetched and refused at each opening. */
  private async keepBeside({ path, size, sha256 }: SourceFile): Promise<void> {
    try {
      await ensureRoom(this.options.store.storage, size);
      await this.keepWhole(path, sha256);
    } catch (error) {
      if (!(error instanceof LensError) || error instanceof AbortedError) throw error;
      if (error instanceof CorruptFileError && sha256 !== null) await this.leaveOut(path);
    }
  }

  private async leaveOut(path: string): Promise<void> {
    const { manifest } = this;
    const { meta } = manifest;
    if (!meta) return;
    const beside = (meta.beside ?? []).filter((other) => other !== path);
    manifest.meta = { ...meta, beside, notices: [...(meta.notices ?? []), notAsStated(path)] };
    delete manifest.whole[path];
    await this.save();
  }

  private async keepWhole(path: string, stated: string | null): Promise<void> {
    const { signal } = this.options;
    const bytes = await this.wanted.source.read(path, { signal, onBytes: (loaded) => this.report(loaded) });
    throwIfAborted(signal);
    // Compared before anything is written: what is not named would lie there until the store is swept.
    const ref = await this.options.store.parts.refOf(bytes);
    if (stated !== null && ref.sha256 !== stated) throw altered(path);
    this.manifest.whole[path] = await this.write(bytes.slice(), ref);
    await this.save();
    this.report(0, true);
  }

  private async file(plan: FilePlan): Promise<void> {
    const { path } = plan.file;
    for (let again = false; ; again = true) {
      if (!Object.hasOwn(this.manifest.hashes, path)) await this.stream(plan);
      if (await this.mend(plan)) return;
      // The piece was altered in transit, or another GPU rounded differently. The hash of the whole file tells which.
      if (again) throw altered(path);
      await this.forget(plan);
    }
  }

  /** Reads from where the file was left to its end. It converts and writes one piece while it fetches the next. */
  private async stream({ file, pieces }: FilePlan): Promise<void> {
    const { path, size } = file;
    const { source } = this.wanted;
    const { signal } = this.options;
    const { hash, offset } = await this.takeUp({ file, pieces });
    const longest = pieces.reduce((most, { begin, end }) => Math.max(most, end - begin), 0);
    let filling = new ArrayBuffer(longest);
    let converting = new ArrayBuffer(longest);
    let writing: Promise<void> = Promise.resolve();
    let at = offset;
    let next = pieces.findIndex(({ begin }) => begin >= offset);
    if (next < 0) next = pieces.length;
    try {
      for await (const chunk of source.stream(path, at, size, { signal })) {
        throwIfAborted(signal);
        if (at + chunk.length > size) throw wrongLength(path, at + chunk.length, size);
        let from = 0;
        while (from < chunk.length) {
          const piece = pieces[next];
          const inside = piece !== undefined && at >= piece.begin;
          const stop = piece === undefined ? size : inside ? piece.end : piece.begin;
          const bytes = chunk.subarray(from, from + Math.min(chunk.length - from, stop - at));
          hash.update(bytes);
          if (inside) new Uint8Array(filling).set(bytes, at - piece.begin);
          at += bytes.length;
          from += bytes.length;
          if (inside && at === piece.end) {
            const state = hash.save();
            await writing;
            writing = this.keep(path, piece, new Uint8Array(filling, 0, piece.end - piece.begin), {
              offset: at,
              state,
            });
            // This promise is awaited below in every case.
            writing.catch(() => undefined);
            [filling, converting] = [converting, filling];
            next++;
          }
        }
        this.report(at - this.offsetOf(path));
      }
    } finally {
      await writing;
    }
    if (at !== size) throw wrongLength(path, at, size);
    await this.finish({ file, pieces }, hash.digest());
  }

  /** Restores the hash and the position where a file was left. */
  private async takeUp(plan: FilePlan): Promise<{ hash: RunningHash; offset: number }> {
    const { path } = plan.file;
    const left = Object.hasOwn(this.manifest.resume, path) ? this.manifest.resume[path]! : null;
    const resumed = left && (await runningHash(left.state));
    if (resumed) return { hash: resumed, offset: left.offset };
    // The state is of another version's hash: start the file again.
    if (left) await this.forget(plan);
    return { hash: (await runningHash())!, offset: 0 };
  }

  private async keep(
    path: string,
    piece: Piece,
    bytes: Uint8Array,
    resume: { offset: number; state: string },
  ): Promise<void> {
    const { tensor, index, rows } = piece;
    const ref = await this.write(await convertPiece(piece, bytes, this.options.converter));
    this.manifest.tensors[tensor.name]!.parts[index] = { ...ref, rows };
    this.manifest.resume[path] = resume;
    await this.save();
  }

  private async write(bytes: Uint8Array<ArrayBuffer>, named?: PartRef): Promise<PartRef> {
    const ref = await this.options.store.parts.write(bytes, named);
    this.missing.delete(ref.sha256);
    return ref;
  }

  private async finish(plan: FilePlan, hash: string): Promise<void> {
    const { path, sha256 } = plan.file;
    if (sha256 !== null && hash !== sha256) {
      await this.forget(plan);
      throw altered(path);
    }
    delete this.manifest.resume[path];
    this.manifest.hashes[path] = hash;
    await this.save();
  }

  /** Fetches again the pieces of a file that are recorded but lost, each by its own range. The file's hash covered the
   *  first reading; now each piece's own hash must match. Returns false if one differs. */
  private async mend({ file, pieces }: FilePlan): Promise<boolean> {
    const { converter, signal } = this.options;
    for (const piece of pieces) {
      if (this.isKept(piece)) continue;
      const recorded = this.manifest.tensors[piece.tensor.name]!.parts[piece.index]!;
      const bytes = await readRange(this.wanted.source, file, piece.begin, piece.end, { signal });
      const { sha256 } = await this.write(await convertPiece(piece, bytes, converter));
      if (sha256 !== recorded.sha256) return false;
      await this.save();
      this.report(0);
    }
    return true;
  }

  /** Forgets all progress on the file. */
  private async forget({ file, pieces }: FilePlan): Promise<void> {
    const { manifest } = this;
    this.dropped = true;
    delete manifest.resume[file.path];
    delete manifest.hashes[file.path];
    for (const { tensor } of pieces) manifest.tensors[tensor.name] = emptyRecord(tensor);
    await this.save();
  }

  private offsetOf(path: string): number {
    return Object.hasOwn(this.manifest.resume, path) ? this.manifest.resume[path]!.offset : 0;
  }

  /** Bytes of the source that are installed. */
  private readSoFar(): number {
    const { manifest, wanted } = this;
    let read = [...wanted.whole, ...wanted.beside].reduce(
      (sum, { path, size }) => sum + (this.hasWhole(path) ? size : 0),
      0,
    );
    for (const { file, pieces } of wanted.plan.files) {
      read += Object.hasOwn(manifest.hashes, file.path) ? file.size : this.offsetOf(file.path);
      if (this.missing.size === 0) continue;
      for (const piece of pieces) {
        const part = manifest.tensors[piece.tensor.name]!.parts[piece.index];
        if (part && this.missing.has(part.sha256)) read -= piece.end - piece.begin;
      }
    }
    return read;
  }

  private async save(): Promise<void> {
    this.manifest.read = this.readSoFar();
    await this.options.store.manifests.put(this.manifest);
  }

  /** `ahead`: bytes received since the manifest was last written. */
  private report(ahead: number, always = false): void {
    const { read, total } = this.manifest;
    const loaded = Math.min(total, read + ahead);
    if (!always && Math.abs(loaded - this.reported) < REPORT && loaded !== total) return;
    this.reported = loaded;
    this.options.onProgress?.({ stage: 'download', loaded, total });
  }
}

function altered(file: string): CorruptFileError {
  return new CorruptFileError(
    `${file} is not what its source says it is: its SHA-256 differs, so the download was altered or damaged. Open it again to fetch it anew.`,
    {
      file,
    },
  );
}

function wrongLength(file: string, got: number, size: number): CorruptFileError {
  return new CorruptFileError(`${file} gave ${got} bytes, and its source says that it has ${size}. Open it again.`, {
    file,
  });
}
