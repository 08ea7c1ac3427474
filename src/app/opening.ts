import { fromTypedJson } from '../state/base/typed-json';
import { encodeLink } from '../state/page/link-codec';
import type { Recording } from '../state/page/recording';

/** Milliseconds after which a recording is not worth waiting for. */
const SOON = 5000;

/** The recording that the page opens with, a file of the build's own. Null where it cannot be had: the page then waits
 *  for the model. */
export async function loadRecording(): Promise<Recording | null> {
  try {
    const response = await fetch(new URL('./recording.json', import.meta.url), { signal: AbortSignal.timeout(SOON) });
    return response.ok ? fromTypedJson<Recording>(await response.json()) : null;
  } catch {
    return null;
  }
}

/** The fragment that the page has while it shows a recording and nothing else was touched. */
export function recordingLink({ text, view, rows, sampling }: Recording): string {
  return encodeLink({ prompt: text, site: view.site, token: view.locked, feature: view.feature, rows, sampling });
}
