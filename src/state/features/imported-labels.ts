import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ErrorData } from '../../lens/api/errors';
import type { LensInfo } from '../../lens/api/lens';
import type { SiteInfo } from '../../lens/api/site';
import { createRecordKeeper, opening, type RecordKeeper, type RecordsState } from '../base/records';
import { openRecordsDb, type RecordsDb } from '../base/records-db';
import { regionError } from '../base/region-error';
import { featureKey, keyOf } from './feature-key';
import type { LabelSet } from './label-set';
import type { Labels } from './labels';
import type { LabelFile } from './neuronpedia-labels';

interface ImportedState extends RecordsState {
  sets: ReadonlyMap<string, LabelSet>;
  /** A report on the last import: what it brought and what it left out. */
  says: string | null;
  error: ErrorData | null;
}

export interface ImportedLabels {
  store: StoreApi<ImportedState>;
  /** Reads what was imported before. Never rejects. */
  need(): Promise<void>;
  /** Adds what files say of a site's features; where both name one, the newer file counts. Never rejects. */
  read(info: LensInfo, site: SiteInfo, files: readonly File[]): Promise<void>;
  remove(info: LensInfo, layer: number): void;
  /** Shows what there is for the open dictionaries that come without feature data. */
  apply(info: LensInfo): void;
  flush(): Promise<void>;
  close(): void;
}

export type LabelsDb = RecordsDb<'labels'>;
export const openLabelsDb = (name = 'lenslet-labels'): Promise<LabelsDb> => openRecordsDb(name, ['labels']);

const MOST_FILES = 1000;

/** The dictionary's: model, layer and hash, as the notebook tells features apart. */
export const setKey = (info: LensInfo, layer: number): string => keyOf(featureKey(info, layer, 0));

export function createImportedLabels(
  labels: Labels,
  open: () => Promise<LabelsDb> = openLabelsDb,
  now = () => new Date().toISOString(),
): ImportedLabels {
  const store = createStore<ImportedState>(() => ({ ...opening, sets: new Map(), says: null, error: null }));
  let shown: LensInfo | null = null;
  let keeper: RecordKeeper<{ labels: LabelSet }> | null = null;

  const show = () => {
    for (const site of shown?.sites ?? []) {
      const set = shown && !site.features ? store.getState().sets.get(setKey(shown, site.layer)) : undefined;
      if (set) labels.show(site.layer, site.width, set.labels.filter(([id]) => id < site.width) as [number, string][]);
    }
  };

  const need = (): Promise<void> => {
    keeper ??= createRecordKeeper<{ labels: LabelSet }>(open, {
      kinds: ['labels'],
      parsers,
      settle: (kept) => kept,
      show: ({ labels: sets }) => {
        store.setState({ sets });
        show();
      },
      state: store.getState,
      says: store.setState,
    });
    return keeper.ready;
  };

  const change = (sets: ReadonlyMap<string, LabelSet>) => {
    const before = store.getState().sets;
    store.setState({ sets });
    keeper?.changed({ labels: before }, { labels: sets });
  };

  return {
    store,
    need,
    read: async (info, site, files) => {
      await need();
      store.setState({ says: null, error: null });
      const key = setKey(info, site.layer);
      for (const file of files.slice(0, MOST_FILES)) {
        try {
          const { importSays, labelsIn } = await import('./label-files');
          const found = await labelsIn(file, site);
          const { sets } = store.getState();
          change(new Map(sets).set(key, withFile(sets.get(key), key, file.name, found, now())));
          store.setState({ says: importSays(file, found) });
        } catch (error) {
          store.setState({ error: regionError(error) });
          break;
        }
      }
      show();
    },
    remove: (info, layer) => {
      const { sets } = store.getState();
      const left = new Map(sets);
      left.delete(setKey(info, layer));
      change(left);
      store.setState({ says: null, error: null });
      labels.forget(layer);
    },
    apply: (info) => {
      shown = info;
      if (info.sites.some((site) => !site.features)) void need();
      show();
    },
    flush: () => keeper?.flush() ?? Promise.resolve(),
    close: () => keeper?.close(),
  };
}

async function parsers() {
  const { parseSet } = await import('./label-set');
  return {
    labels: (value: unknown) => {
      const set = parseSet(value);
      return [set.key, set] as const;
    },
  };
}

/** A set with one file more. */
function withFile(before: LabelSet | undefined, key: string, name: string, found: LabelFile, at: string): LabelSet {
  const all = new Map(before?.labels);
  for (const [id, label] of found.labels) all.set(id, label);
  const once = (names: readonly string[], more: readonly string[]) => [...new Set([...names, ...more])].slice(0, 50);
  const of = [[...found.models].join(', '), [...found.sources].join(', ')].filter(Boolean).join(' ');
  return {
    key,
    files: once(before?.files ?? [], [name]),
    of: once(before?.of ?? [], of ? [of] : []),
    at,
    labels: [...all].sort(([a], [b]) => a - b),
  };
}
