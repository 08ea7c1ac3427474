import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type LookAlike, startHub } from '../../../tools/hub/server.mjs';
import type { ConnectionOptions } from '../sources/retry';
import type { Source } from '../sources/source';

export interface TestHub extends LookAlike {
  /** The folder it serves. */
  root: string;
  /** Writes files under ROOT/folder and returns that folder's path. */
  write(folder: string, files: Record<string, string | Uint8Array>): Promise<string>;
}

/** A look-alike of the Hub over a new folder, its large files on a second port; `close` removes the folder. */
export async function testHub(options: Omit<Parameters<typeof startHub>[0], 'root'> = {}): Promise<TestHub> {
  const root = await mkdtemp(join(tmpdir(), 'hub-'));
  const hub = await startHub({ cdnPort: 0, ...options, root });
  return {
    ...hub,
    root,
    async write(folder, files) {
      for (const [path, content] of Object.entries(files)) {
        const file = join(root, folder, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content);
      }
      return join(root, folder);
    },
    async close() {
      await hub.close();
      await rm(root, { recursive: true });
    },
  };
}

/** Options whose pauses take no time, and are written down. */
export function quick(options: ConnectionOptions = {}): ConnectionOptions & { pauses: number[] } {
  const pauses: number[] = [];
  return { ...options, pauses, pause: async (ms) => void pauses.push(ms) };
}

export async function readAll(
  source: Source,
  path: string,
  begin = 0,
  end?: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const last = end ?? (await source.stat(path))!.size;
  const pieces: Uint8Array[] = [];
  for await (const piece of source.stream(path, begin, last, { signal })) pieces.push(piece.slice());
  return new Uint8Array(Buffer.concat(pieces));
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Bytes that repeat late, so that a part in the wrong place shows. */
export function noise(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}
