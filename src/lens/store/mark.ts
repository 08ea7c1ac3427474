import { sha256 } from '../formats/sha256';
import { readRange } from '../sources/read-range';
import type { Source, SourceFile, StreamOptions } from '../sources/source';

const WINDOW = 4096;
const WINDOWS = 4;

/**
 * Tells folders with the same address or name apart, such as a fine-tune and its base. It hashes the paths, the sizes
 * and, for files without a stated SHA-256, four windows of each, the first and the last bytes included. Null for the
 * Hub, where the commit identifies the files. It misses a change in place outside the windows.
 */
export async function markOf(
  source: Source,
  files: readonly SourceFile[],
  options: StreamOptions,
): Promise<string | null> {
  if (source.origin.kind === 'hub') return null;
  const lines: string[] = [];
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    lines.push(`${file.path} ${file.size} ${file.sha256 ?? (await windowsOf(source, file, options))}\n`);
  }
  const hash = await sha256(new TextEncoder().encode(lines.join('')));
  return hash === null ? null : hash.slice(0, 16);
}

async function windowsOf(source: Source, file: SourceFile, options: StreamOptions): Promise<string> {
  const { size } = file;
  if (size <= WINDOW * WINDOWS) return (await sha256(await readRange(source, file, 0, size, options))) ?? '';
  const all = new Uint8Array(WINDOW * WINDOWS);
  for (let i = 0; i < WINDOWS; i++) {
    const begin = Math.floor(((size - WINDOW) * i) / (WINDOWS - 1));
    all.set(await readRange(source, file, begin, begin + WINDOW, options), i * WINDOW);
  }
  return (await sha256(all)) ?? '';
}
