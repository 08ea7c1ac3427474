import { createStore, type StoreApi } from 'zustand/vanilla';
import { AbortedError, type ErrorData, errorToData } from '../../lens/api/errors';
import type { KeptEntry, LensStore, StoreProgress, StoreUsage } from '../../lens/api/model';
import { folderName, HUB, type ModelRequest, noChoice } from './model-url';

export interface ModelsState {
  /** What the sheet asks the reader to confirm; null: it lists the models. */
  planned: ModelRequest | null;
  /** What is kept in this browser; null until it was asked. */
  kept: readonly KeptEntry[] | null;
  usage: StoreUsage | null;
  /** Why it cannot be said, or what failed last. */
  error: ErrorData | null;
  /** The entry whose parts are read and compared. */
  verifying: { key: string; progress: StoreProgress } | null;
  /** What verifying found: parts that were damaged, 0 where all is as it was written. */
  verified: Readonly<Record<string, number>>;
  /** The entry whose deletion waits for a second word. */
  deleting: string | null;
}

/** Large models: what is planned, and what is kept in this browser. */
export interface Models {
  store: StoreApi<ModelsState>;
  plan(request: ModelRequest | null): void;
  /** Reads what is kept. Never rejects. */
  read(): Promise<void>;
  verify(key: string): Promise<void>;
  stopVerifying(): void;
  /** The first time it asks; the second time it deletes. */
  remove(key: string): Promise<void>;
  keepIt(): void;
  /** Asks the browser not to clear the store by itself. */
  persist(): Promise<void>;
}

export type OpenStore = () => Promise<LensStore>;

export const openKeptStore: OpenStore = async () => (await import('../../lens/store/store')).lensStore();

export function createModels(openStore: OpenStore = openKeptStore): Models {
  const store = createStore<ModelsState>(() => ({
    planned: null,
    kept: null,
    usage: null,
    error: null,
    verifying: null,
    verified: {},
    deleting: null,
  }));
  let verifying: AbortController | null = null;

  const read = async () => {
    try {
      const kept = await openStore();
      const [entries, usage] = await Promise.all([kept.list(), kept.usage()]);
      store.setState({ kept: [...entries].sort((a, b) => b.opened - a.opened), usage });
    } catch (error) {
      store.setState({ kept: [], error: errorToData(error) });
    }
  };

  return {
    store,
    plan: (planned) => store.setState({ planned }),
    read,
    verify: async (key) => {
      verifying?.abort();
      const controller = new AbortController();
      verifying = controller;
      const mine = () => verifying === controller;
      store.setState(({ verified: { [key]: _before, ...verified } }) => ({
        verifying: { key, progress: { loaded: 0, total: 0 } },
        verified,
        error: null,
      }));
      try {
        const onProgress = (progress: StoreProgress) => mine() && store.setState({ verifying: { key, progress } });
        const damaged = await (await openStore()).verify(key, { signal: controller.signal, onProgress });
        store.setState(({ verified }) => ({ verified: { ...verified, [key]: damaged } }));
      } catch (error) {
        if (mine() && !(error instanceof AbortedError)) store.setState({ error: errorToData(error) });
      }
      if (!mine()) return;
      store.setState({ verifying: null });
      await read();
    },
    stopVerifying: () => {
      verifying?.abort();
      store.setState({ verifying: null });
    },
    remove: async (key) => {
      if (store.getState().deleting !== key) {
        store.setState({ deleting: key, error: null });
        return;
      }
      store.setState({ deleting: null });
      try {
        await (await openStore()).remove(key);
      } catch (error) {
        store.setState({ error: errorToData(error) });
      }
      await read();
    },
    keepIt: () => store.setState({ deleting: null }),
    persist: async () => {
      await navigator.storage?.persist?.().catch(() => false);
      await read();
    },
  };
}

/** Whether an entry is of the repository that is asked for; a request without a revision takes the commit that `main`
 *  was when it was kept. */
function isOf({ origin }: KeptEntry, repo: string, revision: string | null, endpoint: string | null): boolean {
  if (origin.kind !== 'hub' || origin.repo !== repo || origin.endpoint !== (endpoint ?? HUB)) return false;
  const asked = revision ?? 'main';
  return origin.asked === asked || origin.revision === asked;
}

const layerOf = ({ detail }: KeptEntry): number => Number(/^layer(\d+)$/.exec(detail)?.[1] ?? Number.NaN);

/** The request as it can be opened without any network, with the format and the layer that are kept where it names
 *  none; null where something of it is missing. A folder that is at hand is read anew: another may have its name. */
export function keptRequest(entries: readonly KeptEntry[], request: ModelRequest): ModelRequest | null {
  const { dictionary, format } = request;
  const models = entries.filter((entry) => entry.kind === 'model' && entry.complete);
  if (request.kind === 'kept') return models.some(({ key }) => key === request.key) ? request : null;
  if (request.kind === 'picked') {
    const { name, files } = request.folder;
    const entry = files.length
      ? undefined
      : models.find(({ origin }) => origin.kind === 'picked' && origin.name === name);
    return entry ? { ...requestOfKept(entry, null, null), layer: request.layer } : null;
  }
  if (request.kind === 'address' || (dictionary !== null && typeof dictionary !== 'string')) return null;
  const { repo, revision, endpoint } = request;
  const model = models.find(
    (entry) => isOf(entry, repo, revision, endpoint) && (format === 'auto' || entry.detail === format),
  );
  if (!model) return null;
  const found: ModelRequest = { ...request, format: formatOf(model) };
  const shelf = shelfOf(request)!;
  const layers = keptLayers(entries, shelf);
  // Where no dictionary was named, and none of the model's own folder was ever begun, it is opened without one.
  if (dictionary === null && request.layer === null && !entries.some((entry) => isRowsOf(entry, shelf))) return found;
  const layer = request.layer ?? layers[0];
  return layer !== undefined && layers.includes(layer) ? { ...found, layer } : null;
}

/** Where a repository's dictionaries are. */
export interface ShelfName {
  dictionary: string;
  dictionaryRevision: string | null;
  endpoint: string | null;
}

/** Where the dictionaries of a request are, by their names on the Hub; those of no other repository are in the model's
 *  own. Null where they have no such name. */
export function shelfOf(request: ModelRequest): ShelfName | null {
  const { dictionary, dictionaryRevision } = request;
  const endpoint = request.kind === 'hub' ? request.endpoint : null;
  if (typeof dictionary === 'string') return { dictionary, dictionaryRevision, endpoint };
  return dictionary === null && request.kind === 'hub'
    ? { dictionary: request.repo, dictionaryRevision: request.revision, endpoint }
    : null;
}

const isRowsOf = (entry: KeptEntry, { dictionary, dictionaryRevision, endpoint }: ShelfName): boolean =>
  entry.kind === 'dictionary' && isOf(entry, dictionary, dictionaryRevision, endpoint);

export const formatOf = ({ detail }: KeptEntry): ModelRequest['format'] =>
  detail === 'q4' || detail === 'q8' || detail === 'f16' ? detail : 'auto';

/** Layers of a dictionary that are kept whole, in their order. */
export function keptLayers(entries: readonly KeptEntry[], shelf: ShelfName): number[] {
  const of = entries.filter((entry) => entry.complete && isRowsOf(entry, shelf));
  return [...new Set(of.map(layerOf))].filter(Number.isInteger).sort((a, b) => a - b);
}

/** A kept model as a request: from its own origin, at the commit that was kept. What has no name of the Hub is asked
 *  for by its key, unless the rest of it has to come from its address. */
export function requestOfKept(entry: KeptEntry, dictionary: string | null, layer: number | null): ModelRequest {
  const choice = { ...noChoice, dictionary, layer, format: formatOf(entry) };
  const { origin } = entry;
  if (origin.kind === 'hub') {
    const { endpoint, repo, asked } = origin;
    return {
      ...choice,
      kind: 'hub',
      repo,
      revision: asked === 'main' ? null : asked,
      endpoint: endpoint === HUB ? null : endpoint,
    };
  }
  if (origin.kind === 'url' && !entry.complete) return { ...choice, kind: 'address', url: origin.url };
  return {
    ...choice,
    kind: 'kept',
    key: entry.key,
    name: origin.kind === 'picked' ? origin.name : folderName(origin.url),
  };
}

/** What is kept of a request, whole or not: bytes of its files that need not be fetched again, and bytes of the disk
 *  that it has already. */
export function hereOf(entries: readonly KeptEntry[], request: ModelRequest): { read: number; disk: number } {
  if (request.kind !== 'hub') return { read: 0, disk: 0 };
  const { repo, revision, endpoint, layer, format } = request;
  const shelf = shelfOf(request);
  const model = entries.find(
    (entry) =>
      entry.kind === 'model' && isOf(entry, repo, revision, endpoint) && (format === 'auto' || entry.detail === format),
  );
  const rows = entries.find((entry) => shelf !== null && isRowsOf(entry, shelf) && layerOf(entry) === layer);
  return { read: (model?.read ?? 0) + (rows?.read ?? 0), disk: (model?.bytes ?? 0) + (rows?.bytes ?? 0) };
}
