import type { Source } from '../sources/source';
import { memorySource } from './memory-source';

/** A folder whose files a test has in memory and that cannot be listed. Paths are relative, with `/` between folders. */
export const memoryFolder = (name: string, files: Record<string, Uint8Array>): Source =>
  memorySource(files, { name, listed: false });
