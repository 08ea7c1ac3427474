import type { View } from '../base/view';
import { chipAt } from '../reading/chips';
import { promptOf } from '../reading/prompt';
import type { Page } from './selectors';

/** Keeps locks valid. A lock in the text moves with its token where only the first token came
 *  or went, else to the chip that now holds its position, or goes; a lock in a generated
 *  text goes with that text. Another text clears `left`. Returns a function that stops this. */
export function followLocks(page: Page, view: View): () => void {
  const stops = [
    page.follow(
      (s) => promptOf(s.tracer),
      () => {
        if (view.store.getState().left) view.set({ left: null });
      },
    ),
    page.follow(
      (s) => s.tracer.serial,
      () => {
        const { reading, moved } = page.getState().tracer;
        const { locked, anchor } = view.store.getState();
        if (!reading || locked === null) return;
        const first = (position: number | null) =>
          chipAt(reading.chips, position === null ? null : position + moved)?.from ?? null;
        view.set({ locked: first(locked), anchor: first(locked) === null ? null : first(anchor) });
      },
    ),
    page.follow(
      (s) => s.runner.streams,
      (streams) => {
        const { generated } = view.store.getState();
        if (generated && streams && !streams[generated.stream]) view.unlock();
      },
    ),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
