import { createStore, type StoreApi } from 'zustand/vanilla';

/** Who has something to say. */
export type NoticeSource =
  | 'link'
  | 'model'
  | 'recipe'
  | 'run'
  | 'log'
  | 'folder'
  | 'tab'
  | 'file'
  | 'text'
  | 'chat'
  /** About the words that were pasted last; goes with them. */
  | 'paste';

interface Notice {
  source: NoticeSource;
  lines: readonly string[];
}

/** What was asked of the page and could not be had, in sentences. */
export interface Notices {
  /** At most one notice per source; the source that spoke last comes last. */
  store: StoreApi<{ list: readonly Notice[] }>;
  /** Replaces the notice of this source and no other; without lines, removes it. */
  say(source: NoticeSource, lines: readonly string[]): void;
  /** Says something more beside what this source said before. */
  add(source: NoticeSource, lines: readonly string[]): void;
  clear(): void;
}

export function createNotices(): Notices {
  const store = createStore<{ list: readonly Notice[] }>(() => ({ list: [] }));
  const say = (source: NoticeSource, lines: readonly string[]) =>
    store.setState(({ list }) => {
      const others = list.filter((notice) => notice.source !== source);
      return { list: lines.length ? [...others, { source, lines }] : others };
    });
  return {
    store,
    say,
    add: (source, lines) => {
      const before = store.getState().list.find((notice) => notice.source === source)?.lines ?? [];
      say(source, [...before, ...lines]);
    },
    clear: () => store.setState({ list: [] }),
  };
}
