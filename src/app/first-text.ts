import { decodeLink } from '../state/page/link-codec';
import { isPacked } from '../state/page/link-packed';
import type { Workbench } from '../state/page/workbench';
import { FIRST_TEXT } from '../state/steering/examples';

/** Gives the page its first text, unless it has one or the fragment that it was opened with names one, which may
 *  not be here yet. */
export function firstText(bench: Workbench, asked: string): void {
  if (
    bench.tracer.store.getState().text !== '' ||
    bench.tracer.store.getState().chat !== null ||
    bench.tracer.store.getState().status !== 'idle' ||
    decodeLink(asked).prompt !== undefined ||
    isPacked(asked)
  )
    return;
  bench.tracer.store.setState({ text: FIRST_TEXT });
  bench.history.restart();
}
