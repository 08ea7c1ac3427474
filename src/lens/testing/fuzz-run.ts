import { LensError } from '../api/errors';
import { seeded } from './fixtures';
import type { FuzzCase } from './fuzz-case';

export interface FuzzReport {
  /** Inputs that were read; the others were refused by a LensError. */
  read: number;
  refused: number;
  /** Milliseconds of processor time, and its seed. */
  slowest: { ms: number; seed: number };
  /** Bytes by which the heap grew at most while one input was read, and its seed. Garbage counts. */
  largest: { bytes: number; seed: number };
}

/** Of processor time, for one input. */
const MOST_MS = 1000;
/** For one input: what parsers make of a byte at most (an empty tuple is two), and what the engine itself takes.
 *  Garbage counts. */
const HEAP_PER_BYTE = 500;
const HEAP = 16e6;

/** Runs the inputs of the seeds [from, to). Throws where one is neither read nor refused by name, takes too long, or
 *  makes memory grow beyond what the file is worth. `onSeed` is told before each. */
export async function runFuzz(
  kind: string,
  { make, read, beside = 0, heapPerByte = HEAP_PER_BYTE }: FuzzCase,
  from: number,
  to: number,
  onSeed?: (seed: number) => void,
): Promise<FuzzReport> {
  const report: FuzzReport = { read: 0, refused: 0, slowest: { ms: 0, seed: from }, largest: { bytes: 0, seed: from } };
  for (let seed = from; seed < to; seed++) {
    onSeed?.(seed);
    const bytes = make(seeded(seed));
    const fail = (why: string, cause?: unknown) =>
      new Error(
        `${kind}, seed ${seed}: ${why}. The input, in base64: ${Buffer.from(bytes).toString('base64').slice(0, 1000)}`,
        { cause },
      );
    const before = process.memoryUsage();
    const cpu = process.cpuUsage();
    const began = performance.now();
    const guard = guardAllocations(bytes.length + beside);
    try {
      await read(bytes);
      report.read++;
    } catch (error) {
      if (!(error instanceof LensError)) throw fail(`threw ${String(error)}`, error);
      report.refused++;
    } finally {
      guard.lift();
    }
    const wall = performance.now() - began;
    const after = process.memoryUsage();
    // Where the machine is busy the clock runs on; processor time counts other threads too: the smaller of both is the
    // input's.
    const { user, system } = process.cpuUsage(cpu);
    const ms = Math.min(wall, (user + system) / 1000);
    const grown = after.heapUsed + after.external - before.heapUsed - before.external;
    if (ms > report.slowest.ms) report.slowest = { ms, seed };
    if (grown > report.largest.bytes) report.largest = { bytes: grown, seed };
    if (guard.refused !== null)
      throw fail(`${guard.refused} bytes were asked for at once, for ${bytes.length} in the file`);
    if (ms > MOST_MS) throw fail(`took ${Math.round(ms)} ms`);
    if (grown > HEAP + heapPerByte * bytes.length)
      throw fail(`made the heap grow by ${grown} bytes, for ${bytes.length} in the file`);
  }
  return report;
}

const GUARDED = [
  'ArrayBuffer',
  'Uint8Array',
  'Uint16Array',
  'Uint32Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
  'BigUint64Array',
  'Array',
] as const;

/** While it stands, no array of more than `most` bytes is made by its length: a parser that believes a stated length is
 *  stopped before the memory is gone. */
function guardAllocations(most: number): { lift(): void; refused: number | null } {
  const guard = {
    refused: null as number | null,
    lift: () => {
      for (const name of GUARDED) Object.assign(globalThis, { [name]: real[name] });
    },
  };
  const real = Object.fromEntries(GUARDED.map((name) => [name, globalThis[name]]));
  for (const name of GUARDED) {
    const size = (real[name] as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
    const construct = (
      target: new (...args: unknown[]) => object,
      args: unknown[],
      newTarget: typeof target,
    ): object => {
      if (typeof args[0] === 'number' && args[0] * size > most) {
        guard.refused = args[0] * size;
        throw new RangeError(`${guard.refused} bytes`);
      }
      return Reflect.construct(target, args, newTarget) as object;
    };
    Object.assign(globalThis, { [name]: new Proxy(real[name]!, { construct } as ProxyHandler<object>) });
  }
  return guard;
}
