import type { OpenOptions } from '../api/open';
import { probeFvu } from '../engine/fvu';
import type { EngineLens } from '../lens';

/** Measures the FVU of a new lens's dictionaries (engine/fvu.ts), and adds what is to be said of it to its notices. */
export async function measureFvu(
  { engine, info }: EngineLens,
  { signal, onProgress }: Pick<OpenOptions, 'signal' | 'onProgress'>,
): Promise<void> {
  if (!info.sites.some(({ fvu }) => fvu)) return;
  onProgress?.({ stage: 'probe', loaded: 0, total: 1 });
  info.notices.push(...(await probeFvu(engine, signal)));
  onProgress?.({ stage: 'probe', loaded: 1, total: 1 });
}
