import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Chat } from '../../lens/api/chat';
import { newId } from '../base/id';
import { isEmpty, samePrompt } from '../reading/prompt';
import type { Branch, Branches, Origin, Refusal } from './branches';
import { sameWords } from './turns';

/** A conversation through all its changes. Where it is kept, it is the branch of this id. Undo, the text and a run lead
 *  back to it. */
export interface Thread {
  id: string;
  /** It came from outside and was not changed: it is the branch of the same words, once there is one. */
  seeks: boolean;
}

export interface Threaded {
  readonly chat: Chat;
  readonly thread: Thread;
}

export interface ShownState {
  /** The branch on show; null: what is on show is kept nowhere as it stands. */
  shown: string | null;
  /** The conversation that waits while the text is on show. */
  aside: Threaded | null;
  /** What stands in the box for the next turn. */
  draft: string;
}

/** Which branch is on show. One is from when it was returned to, held or begun, through every change of it by hand,
 *  until another conversation comes. Undo and redo bring a conversation's thread along. Equal words make a branch the
 *  one on show only for a conversation that comes from outside: with the page, a link, or Back. What another
 *  conversation replaces is kept. */
export interface Shown {
  store: StoreApi<ShownState>;
  /** The thread on show; null: the text is. */
  thread(): Thread | null;
  /** Where the thread of these very words is, on show or behind the text. */
  threadOf(chat: Chat): Thread | null;
  /** The conversation that `go` shows at once is this thread's. All others come from outside. */
  as<T>(thread: Thread, go: () => T): T;
  /** The same for the thread on show: a change by hand. */
  hand<T>(go: () => T): T;
  /** Keeps what is on show as a branch; says why where that cannot be. */
  hold(from?: Origin | null): void;
  /** Whether nothing would be lost if another conversation came; where it would, says so. */
  leaves(): boolean;
  /** The conversation that waits behind the text, after a reload. */
  wait(chat: Chat): void;
  stop(): void;
}

interface Parts {
  model: () => string | null;
  /** The exact tokens of the last answer. */
  exact: (chat: Chat) => number[] | undefined;
  say: (sentence: string) => void;
}

const WHY: Record<Refusal, string> = {
  long: 'The conversation is too long to be kept as a branch.',
  full: 'There is no room for another branch: those with a name stay.',
};
/** What there is to do before another conversation comes. */
const FIRST: Record<Refusal, string> = {
  long: 'It would be lost if another took its place: export it, and remove turns, first.',
  full: 'The conversation would be lost if another took its place: remove a branch first.',
};

export const newThread = (): Thread => ({ id: newId(), seeks: false });

export function createShown(
  tracer: Pick<StoreApi<{ chat: Chat | null }>, 'getState' | 'subscribe'>,
  branches: Branches,
  { model, exact, say }: Parts,
): Shown {
  const store = createStore<ShownState>(() => ({ shown: null, aside: null, draft: '' }));
  let thread: Thread | null = null;
  /** What the branch on show was when this page last saw or wrote it; null: no branch is on show. */
  let known: Chat | null = null;
  let coming: Thread | null = null;

  const list = () => branches.store.getState().list;
  const find = (id: string): Branch | undefined => list().find((one) => one.id === id);
  const onShow = (): Threaded | null => {
    const { chat } = tracer.getState();
    return chat && thread && { chat, thread };
  };
  const isKept = ({ chat, thread: { id } }: Threaded): boolean => {
    const branch = find(id);
    return branch !== undefined && sameWords(branch.chat, chat);
  };
  const note = () => {
    const now = onShow();
    store.setState({ shown: now && isKept(now) ? now.thread.id : null });
  };
  const renew = (one: Thread) => {
    one.id = newId();
    if (one === thread) known = null;
  };

  /** Keeps a conversation under its thread's id; why not, else. */
  const keep = (one: Threaded, from: Origin | null = null): Refusal | null => {
    if (isKept(one)) return null;
    const refused = branches.refuses(one.chat);
    if (refused) return refused;
    if (find(one.thread.id)) renew(one.thread);
    branches.add(one.chat, from, model(), { id: one.thread.id, exact: exact(one.chat) });
    return null;
  };
  /** Whether nothing is lost without it. */
  const isSpare = (one: Threaded): boolean =>
    isEmpty(one.chat) || isKept(one) || list().some(({ chat }) => samePrompt(chat, one.chat));
  const leave = (one: Threaded) => {
    const refused = isSpare(one) ? null : keep(one);
    if (refused) say(WHY[refused]);
  };

  const take = ({ chat, thread: next }: Threaded) => {
    thread = next;
    const found = next.seeks && list().find((one) => samePrompt(one.chat, chat));
    if (found) next.id = found.id;
    const branch = find(next.id);
    // A branch that has other words by now is another conversation.
    if (branch && !sameWords(branch.chat, chat)) renew(next);
    else known = branch?.chat ?? null;
    note();
  };
  const byHand = ({ chat, thread: same }: Threaded, before: Chat) => {
    same.seeks = false;
    // Another model's tokens are no change of what is said: the branch keeps its own.
    if (known && !sameWords(chat, before)) {
      const was = known;
      known = chat;
      if (!branches.update(same.id, chat, model(), exact(chat))) {
        known = was;
        if (sameWords(was, before))
          say('The conversation is too long to be kept as a branch by now: the branch stays as it was.');
      }
    }
    note();
  };

  const changed = (chat: Chat | null, before: Chat | null) => {
    const { aside } = store.getState();
    const was = before && thread ? { chat: before, thread } : aside;
    const next = coming;
    coming = null;
    if (!chat) {
      thread = null;
      known = null;
      store.setState({ aside: was, shown: null });
      return;
    }
    if (!next && before && samePrompt(chat, before)) return;
    void branches.need();
    const one = { chat, thread: next ?? { ...newThread(), seeks: true } };
    if (before && thread && thread.id === one.thread.id) return byHand({ chat, thread }, before);
    thread = null;
    known = null;
    store.setState({ aside: null });
    if (was && was.thread.id !== one.thread.id) leave(was);
    take(one);
  };

  /** The branches have changed: by this page, or by another tab. */
  const listed = () => {
    const now = onShow();
    if (!now) return;
    if (!known) return take(now);
    const branch = find(now.thread.id);
    if (branch && samePrompt(branch.chat, known)) return note();
    if (branch && sameWords(branch.chat, now.chat)) known = branch.chat;
    else {
      // Removed, or another tab writes in it: what is on show goes on as a conversation of its own.
      renew(now.thread);
      if (branch) keep(now);
    }
    note();
  };

  const stops = [
    tracer.subscribe((now, before) => {
      if (now.chat !== before.chat) changed(now.chat, before.chat);
    }),
    branches.store.subscribe((now, before) => {
      if (now.list !== before.list) listed();
    }),
  ];

  const as = <T>(next: Thread, go: () => T): T => {
    coming = next;
    try {
      return go();
    } finally {
      // The very words were on show already.
      const now = onShow();
      if (coming && now && now.thread.id !== next.id) changed(now.chat, now.chat);
      coming = null;
    }
  };
  return {
    store,
    thread: () => thread,
    threadOf: (chat) => {
      const now = onShow() ?? store.getState().aside;
      return now && samePrompt(now.chat, chat) ? now.thread : null;
    },
    as,
    hand: (go) => as(thread ?? newThread(), go),
    hold: (from) => {
      const now = onShow();
      const refused = now && !isEmpty(now.chat) ? keep(now, from) : null;
      if (refused) say(WHY[refused]);
    },
    leaves: () => {
      const now = onShow() ?? store.getState().aside;
      const refused = now && !isSpare(now) ? branches.refuses(now.chat) : null;
      if (refused) say(`${WHY[refused]} ${FIRST[refused]}`);
      return refused === null;
    },
    wait: (chat) => store.setState({ aside: { chat, thread: { ...newThread(), seeks: true } } }),
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}
