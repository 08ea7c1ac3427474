import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Chat } from '../../lens/api/chat';
import type { Sampling } from '../base/sampling';
import type { Thread } from '../chat/shown';
import type { Tracer } from '../reading/trace';
import type { EditRow } from '../steering/edits';
import type { Steering } from '../steering/steering';

/** The reader's own work, which undo can restore. */
export interface Work {
  text: string;
  /** The conversation in place of the text; null: the text. */
  chat: Chat | null;
  bos: boolean;
  /** The conversation's own, through all its changes. It is not compared: what a branch is called is no change. */
  thread: Thread | null;
  rows: EditRow[];
  control: boolean;
  draw: number;
  sampling: Sampling;
}

/** Steps that can be taken back. */
const MOST = 200;

export interface History {
  /** How many steps there are either way. */
  store: StoreApi<{ back: number; forth: number }>;
  /** Null where there is nothing to take back. The caller brings the page to it. */
  undo(): Work | null;
  redo(): Work | null;
  /** Ends the step under way, and begins no other until the returned function is called. All that is done in between is
   *  one step, however long it takes. */
  hold(): () => void;
  /** Forgets all steps: the history begins with the present state. */
  restart(): void;
  stop(): void;
}

/** The open dictionaries are not part of the reader's work, and another unit of a strength is no change of it. */
const written = ({ thread: _thread, ...work }: Work): string =>
  JSON.stringify(work, (key, value: unknown) => (key === 'closed' || key === 'unit' ? undefined : value));

const same = (a: Work, b: Work): boolean => a === b || written(a) === written(b);

/** Follows text, edits, control and sampling. `thread`: that of the conversation on show. A step ends when they have stood still for `pause` milliseconds: a burst
 *  of typing or a drag is one step. */
export function createHistory(
  tracer: Tracer,
  steering: Steering,
  sampling: StoreApi<Sampling>,
  thread: () => Thread | null,
  pause = 500,
): History {
  const store = createStore(() => ({ back: 0, forth: 0 }));
  const past: Work[] = [];
  const future: Work[] = [];
  const now = (): Work => {
    const { rows, control, draw } = steering.store.getState();
    const { text, chat, bos } = tracer.store.getState();
    return { text, chat, bos, thread: thread(), rows, control, draw, sampling: sampling.getState() };
  };
  let present = now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let holds = 0;

  const count = () => store.setState({ back: past.length, forth: future.length });
  const settle = () => {
    clearTimeout(timer);
    timer = undefined;
    const work = now();
    if (same(work, present)) {
      present = work;
      return;
    }
    past.push(present);
    if (past.length > MOST) past.shift();
    future.length = 0;
    present = work;
    count();
  };
  const changed = () => {
    clearTimeout(timer);
    if (holds === 0) timer = setTimeout(settle, pause);
  };
  const move = (from: Work[], to: Work[]): Work | null => {
    settle();
    const next = from.pop();
    if (!next) return null;
    to.push(present);
    present = next;
    count();
    return next;
  };

  const stops = [
    tracer.store.subscribe((state, before) => {
      if (state.text !== before.text || state.chat !== before.chat || state.bos !== before.bos) changed();
    }),
    steering.store.subscribe(changed),
    sampling.subscribe(changed),
  ];
  return {
    store,
    undo: () => move(past, future),
    redo: () => move(future, past),
    hold: () => {
      settle();
      holds++;
      return () => {
        holds--;
        if (holds === 0) settle();
      };
    },
    restart: () => {
      clearTimeout(timer);
      past.length = 0;
      future.length = 0;
      present = now();
      count();
    },
    stop: () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    },
  };
}
