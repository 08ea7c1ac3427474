import type { InferOutput } from 'valibot';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Chat } from '../../lens/api/chat';
import { charactersOf, MOST_MESSAGES } from '../../lens/exchange/chat-fields';
import { newId } from '../base/id';
import { createRecordKeeper, opening, type RecordKeeper, type RecordsState } from '../base/records';
import { openRecordsDb, type RecordsDb } from '../base/records-db';
import type { branch } from './format';
import { LONGEST_NAME, MOST_BRANCHES, MOST_CHARACTERS } from './limits';

/** A conversation that is kept, to be returned to. */
export type Branch = InferOutput<typeof branch>;
export type Origin = NonNullable<Branch['from']>;

interface BranchesState extends RecordsState {
  /** The latest first. */
  list: readonly Branch[];
  /** What was removed last, until it is put back or something else is. */
  removed: Branch | null;
}

/** `long`: it has too many characters. `full`: those with a name stay, and leave no room. */
export type Refusal = 'long' | 'full';

interface More {
  /** Of a new one by default. */
  id?: string;
  /** The exact tokens of the last answer, where it is whole. */
  exact?: number[];
}

export interface Branches {
  store: StoreApi<BranchesState>;
  /** Reads what is kept, the first time. Never rejects. */
  need(): Promise<void>;
  /** Why a conversation cannot be kept as one branch more; null: it can. */
  refuses(chat: Chat): Refusal | null;
  /** Keeps a conversation, and gives its id; null where that is refused. Where there is no more room the oldest without
   *  a name go. */
  add(chat: Chat, from: Origin | null, model: string | null, more?: More): string | null;
  /** What has become of a branch that is on show; false where it is too long by now: the branch stays as it was. */
  update(id: string, chat: Chat, model: string | null, exact?: number[]): boolean;
  /** The name letter by letter, as it is typed. */
  rename(id: string, name: string): void;
  /** The name has been typed: spaces around it go. */
  settleName(id: string): void;
  remove(id: string): void;
  /** Takes the last removal back. */
  putBack(): void;
  flush(): Promise<void>;
  close(): void;
}

export type BranchesDb = RecordsDb<'branches'>;
export const openBranchesDb = (name = 'lenslet-chats'): Promise<BranchesDb> => openRecordsDb(name, ['branches']);

/** Branches over a place to keep them, which is opened when they are first needed. What is typed is written `pause`
 *  milliseconds after the first letter that waits, everything else at once. */
export function createBranches(
  open: () => Promise<BranchesDb>,
  { now = Date.now, most = MOST_BRANCHES, pause = 300 } = {},
): Branches {
  const store = createStore<BranchesState>(() => ({ list: [], removed: null, ...opening }));
  let keeper: RecordKeeper<{ branches: Branch }> | null = null;
  const keep = () => {
    keeper ??= createRecordKeeper<{ branches: Branch }>(open, {
      kinds: ['branches'],
      parsers: async () => {
        const { parseBranch } = await import('./format');
        return {
          branches: (value) => {
            const one = parseBranch(value);
            return [one.id, one];
          },
        };
      },
      // Two tabs together may have kept more than there is room for.
      settle: ({ branches }) => ({ branches: byId(withinRoom(notAhead([...branches.values()], now()), most)) }),
      show: ({ branches }) => store.setState({ list: [...branches.values()] }),
      state: store.getState,
      says: store.setState,
    });
    return keeper;
  };
  const change = (list: readonly Branch[], rest: Partial<BranchesState> = {}, wait = 0) => {
    const before = store.getState().list;
    store.setState({ ...rest, list });
    keep().changed({ branches: byId(before) }, { branches: byId(list) }, wait);
  };
  const patch = (id: string, how: (one: Branch) => Branch, wait = 0) =>
    change([...store.getState().list].map((one) => (one.id === id ? how(one) : one)).sort(latestFirst), {}, wait);
  const refuses = (chat: Chat): Refusal | null => {
    if (tooLong(chat)) return 'long';
    // What is left for one and what takes its place have room together.
    return store.getState().list.filter(isNamed).length > most - 2 ? 'full' : null;
  };
  return {
    store,
    need: () => keep().ready,
    refuses,
    add: (chat, from, model, { id = newId(), exact } = {}) => {
      if (refuses(chat)) return null;
      const time = now();
      const added: Branch = { id, name: '', chat, exact, from, model, began: time, updated: time };
      change(withinRoom([added, ...store.getState().list], most));
      return id;
    },
    update: (id, chat, model, exact) => {
      if (tooLong(chat)) return false;
      patch(id, (one) => ({ ...one, chat, exact, model, updated: now() }), pause);
      return true;
    },
    rename: (id, name) => patch(id, (one) => ({ ...one, name: name.slice(0, LONGEST_NAME) }), pause),
    settleName: (id) => patch(id, (one) => ({ ...one, name: settled(one.name) })),
    remove: (id) => {
      const { list } = store.getState();
      const removed = list.find((one) => one.id === id);
      if (removed)
        change(
          list.filter((one) => one !== removed),
          { removed },
        );
    },
    putBack: () => {
      const { removed, list } = store.getState();
      if (removed)
        change(withinRoom([removed, ...list.filter(({ id }) => id !== removed.id)], most, removed), { removed: null });
    },
    flush: async () => keeper?.flush(),
    close: () => keeper?.close(),
  };
}

/** What is kept must be read again. */
const tooLong = (chat: Chat): boolean => chat.messages.length > MOST_MESSAGES || charactersOf(chat) > MOST_CHARACTERS;

const latestFirst = (a: Branch, b: Branch): number =>
  b.updated - a.updated || b.began - a.began || (a.id < b.id ? -1 : 1);

/** A time in the future, which a fast clock left, becomes now: it would come first for ever. */
const notAhead = (list: readonly Branch[], time: number): Branch[] =>
  list.map((one) =>
    Math.max(one.updated, one.began) > time
      ? { ...one, updated: Math.min(one.updated, time), began: Math.min(one.began, time) }
      : one,
  );

const settled = (name: string): string => name.trim().replaceAll(/\s+/g, ' ');
const isNamed = ({ name }: Branch): boolean => settled(name) !== '';

/** The latest first, at most `most` where that can be: the oldest without a name go. One with a name never does, nor
 *  `asked`, nor the last two, which may have come before those that were kept were read. */
function withinRoom(list: readonly Branch[], most: number, asked?: Branch): Branch[] {
  const sorted = [...list].sort(latestFirst);
  const stays = (one: Branch) => isNamed(one) || one === asked;
  const rest = sorted.filter((one) => !stays(one));
  const room = Math.max(2, most - (sorted.length - rest.length));
  const stay = new Set(rest.slice(0, room));
  return sorted.filter((one) => stays(one) || stay.has(one));
}

const byId = (list: readonly Branch[]): Map<string, Branch> => new Map(list.map((one) => [one.id, one]));

/** What a branch is called: by the reader, else by what the user said first. */
export function branchName({ name, chat }: Pick<Branch, 'name' | 'chat'>): string {
  const first = chat.messages.find(({ role }) => role === 'user')?.content ?? chat.messages[0]?.content ?? '';
  const words = first.trim().replaceAll(/\s+/g, ' ');
  return settled(name) || (words.length > 48 ? `${[...words].slice(0, 47).join('')}…` : words) || 'Without words';
}

/** Where a branch began, in words. */
export function originSays({ turn, token, position, was, now }: Origin): string {
  const at = token === null ? `position ${position ?? 0}` : `token ${token}`;
  return `from turn ${turn}, ${at}: “${now}” in place of “${was}”`;
}
