import type { LensInfo } from '../../lens/api/lens';
import type { KeptEntry, Origin } from '../../lens/api/model';
import { bytesSay, count, percent } from '../../lens/maths/figures';
import type { Costs } from '../../state/model/costs';
import type { Here } from '../../state/model/models';
import { durationSays } from '../../state/model/progress';

/** What is on the device, and how long a text may be. */
export function factsSay({ format, dtype, provider, memory, contextLength, contextOfModel }: LensInfo): string {
  const parts = [
    `Weights ${format}`,
    `activations ${dtype}`,
    `${bytesSay(memory.weights)} of weights and ${bytesSay(memory.dictionaries)} of dictionaries ${format === 'f32' || provider === 'wasm' ? 'in memory' : 'on the device'}`,
  ];
  return `${parts.join(', ')}; ${contextSays(contextLength, contextOfModel)}.`;
}

export const contextSays = (here: number, model: number): string =>
  here < model
    ? `texts up to ${count(here)} tokens here, ${count(model)} by the model`
    : `texts up to ${count(here)} tokens`;

/** The same files for good, in a line; a commit by its first seven digits. */
export function originSays(origin: Origin): string {
  if (origin.kind === 'picked') return `folder ${origin.name}`;
  if (origin.kind === 'url') return origin.url;
  const host = new URL(origin.endpoint).host;
  return `${origin.repo} at ${origin.revision.slice(0, 7)}, ${host}`;
}

export const originTitle = (origin: Origin): string =>
  origin.kind === 'hub'
    ? `${origin.endpoint}/${origin.repo}, commit ${origin.revision}, asked for as ${origin.asked}`
    : originSays(origin);

export const entryName = ({ origin }: Pick<KeptEntry, 'origin'>): string =>
  origin.kind === 'hub' ? origin.repo : origin.kind === 'picked' ? `folder ${origin.name}` : origin.url;

/** Whole, or how far its download came. */
export const stateSays = ({ complete, read, total }: KeptEntry): string =>
  complete ? 'complete' : `interrupted at ${total > 0 ? percent(Math.min(0.99, read / total)) : 'its beginning'}`;

/** Megabits a second at which a download's time is stated. */
const RATE = 50;
const downloadSays = (bytes: number): string => `${durationSays((bytes * 8) / (RATE * 1e6))} at ${RATE} Mbit/s`;

/** What a press of the button does, before it is pressed. */
export function confirmSays(costs: Costs | null, host: string | null, here: Pick<Here, 'read' | 'beside'>): string {
  const from = host ? `from ${host}` : 'from the folder';
  const stays = 'What you write stays in this tab.';
  if (!costs)
    return `Reads the files ${from}, and keeps them in this browser. How many bytes is said once their headers are read; Cancel stops it at any byte. ${stays}`;
  const { read } = here;
  const left = Math.max(0, costs.download - read);
  const beside = host ? Math.min(left, Math.max(0, costs.beside - here.beside)) : 0;
  const near = beside > 0 ? ` and ${bytesSay(beside)} from this page` : '';
  const already = read > 0 ? ` (${bytesSay(Math.min(read, costs.download))} more are here already)` : '';
  const fetched = host
    ? `Fetches ${bytesSay(left - beside)} ${from}${near}${already}, ${downloadSays(left)}`
    : `Reads ${bytesSay(left)} ${from}${already}`;
  return `${fetched}; keeps ${bytesSay(costs.disk)} in this browser. ${stays}`;
}
