import { createStore, type StoreApi } from 'zustand/vanilla';
import { AbortedError, type ErrorData, errorToData } from '../../lens/api/errors';
import { HUB } from '../../lens/api/hub-address';
import { matches } from '../../lens/api/identity';
import type { KeptEntry, LensStore, StoreProgress, StoreUsage, WeightFormat } from '../../lens/api/model';
import type { ModelRef, OpenRequest } from '../../lens/api/request';
import { folderName } from '../../lens/exchange/model-name';
import type { TakenFolder } from './picked-folder';

interface ModelsState {
  /** The request that the sheet asks the reader to confirm; null: the sheet lists the models. */
  planned: OpenRequest | null;
  /** What was taken of the planned folder. */
  folder: Pick<TakenFolder, 'says' | 'opens' | 'choices'> | null;
  /** What is kept in this browser; null until it was asked. */
  kept: readonly KeptEntry[] | null;
  usage: StoreUsage | null;
  /** Why it cannot be said, or what failed last. */
  error: ErrorData | null;
  /** The entry that is being verified: its parts are read and compared. */
  verifying: { key: string; progress: StoreProgress } | null;
  /** How many damaged parts verifying found, by entry; 0 if all parts are as they were written. */
  verified: Readonly<Record<string, number>>;
  /** The entry that the reader has asked to delete once; a second word deletes it. */
  deleting: string | null;
}

/** Large models: what is planned, and what is kept in this browser. */
export interface Models {
  store: StoreApi<ModelsState>;
  plan(request: OpenRequest | null, folder?: Pick<TakenFolder, 'says' | 'opens' | 'choices'>): void;
  /** Reads what is kept. Never rejects. */
  read(): Promise<void>;
  verify(key: string): Promise<void>;
  stopVerifying(): void;
  /** Asks the first time; deletes the second time. */
  remove(key: string): Promise<void>;
  keepIt(): void;
  /** Asks the browser not to clear the store by itself. */
  persist(): Promise<void>;
}

type OpenStore = () => Promise<LensStore>;

export const openLensStore: OpenStore = async () => (await import('../../lens/store/store')).lensStore();

export function createModels(openStore: OpenStore = openLensStore): Models {
  const store = createStore<ModelsState>(() => ({
    planned: null,
    folder: null,
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
    plan: (planned, folder) => store.setState({ planned, folder: folder ?? null }),
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

const LAYER = /^layer(\d+)(?: in (.+))?$/s;
const layerOf = ({ detail }: KeptEntry): number => Number(LAYER.exec(detail)?.[1] ?? Number.NaN);

/** Whether a kept dictionary lies in one of the folders asked for; by default any does. */
function liesIn({ detail }: KeptEntry, folders: readonly string[] | undefined): boolean {
  const folder = LAYER.exec(detail)?.[2];
  return !folders || folders.some((asked) => (asked.slice(-LONGEST_DETAIL) || '.') === folder);
}
/** Of a folder's name, the end is kept in an entry's detail. */
const LONGEST_DETAIL = 80;

/** The request in a form that opens without any other site, with the kept format and layer if it names none; null if a
 *  part is missing. A folder that is at hand is read anew, since a kept one of its name may be another. */
export function storedRequest(entries: readonly KeptEntry[], request: OpenRequest): OpenRequest | null {
  const { model, dictionary, sites, folders } = request;
  const entry = keptModel(entries, request);
  if (!entry) return null;
  if (model.kind === 'kept') return request;
  if (model.kind === 'picked') return { ...requestOfEntry(entry), verbalizer: request.verbalizer, sites };
  const place = dictionaryPlaceOf(request);
  if (model.kind === 'url' || !place) return null;
  const found = { ...request, format: formatOf(entry) };
  // If the request names no dictionary, and none of the model's own folder was ever begun, open without one.
  if (!dictionary && !sites && !entries.some((each) => isRowsOf(each, place))) return found;
  const layers = storedLayers(entries, place, folders);
  const layer = sites?.[0] ?? layers[0];
  if (layer !== undefined && layers.includes(layer)) return { ...found, sites: [layer] };
  return place.kind === 'url' ? found : null;
}

/** The request's model as it is kept whole; undefined: it is not. */
export const keptModel = (entries: readonly KeptEntry[], request: OpenRequest): KeptEntry | undefined =>
  modelEntries(entries, request).find(({ complete }) => complete);

/** The kept entries of the request's model, in its format. */
const modelEntries = (entries: readonly KeptEntry[], { model, format }: OpenRequest): KeptEntry[] =>
  entries.filter(
    (entry) =>
      entry.kind === 'model' &&
      matches(entry, model) &&
      (model.kind !== 'hub' || format === undefined || entry.detail === format),
  );

/** Where a request's dictionaries come from before they are kept: a repository, by default the model's own, or a named
 *  folder at an address, which lies beside the page. Null of all others. */
export function dictionaryPlaceOf({ model, dictionary }: OpenRequest): ModelRef | null {
  if (dictionary?.kind === 'url') return dictionary;
  const place = dictionary ?? model;
  return place.kind === 'hub' ? place : null;
}

/** Whether the dictionary of a kept model is there without any network, too: the layer asked for, or any. */
export function isLayerKept(entries: readonly KeptEntry[], request: OpenRequest): boolean {
  const { dictionary, sites, folders } = request;
  if (dictionary?.kind !== 'url') return true;
  return storedLayers(entries, dictionary, folders).some((layer) => layer === (sites?.[0] ?? layer));
}

const isRowsOf = (entry: KeptEntry, place: ModelRef): boolean => entry.kind === 'dictionary' && matches(entry, place);

const formatOf = ({ detail }: KeptEntry): WeightFormat | undefined =>
  (['q4', 'q8', 'f16'] as const).find((format) => format === detail);

/** Layers of a dictionary that are kept whole, in their order; with `folders`, those of these alone. */
export function storedLayers(
  entries: readonly KeptEntry[],
  place: ModelRef | null,
  folders?: readonly string[],
): number[] {
  const of = entries.filter((entry) => place && entry.complete && isRowsOf(entry, place) && liesIn(entry, folders));
  return [...new Set(of.map(layerOf))].filter(Number.isInteger).sort((a, b) => a - b);
}

/** A kept model as a request, from its own origin, as it was asked for. A model without a name on the Hub is asked for
 *  by its key, unless the rest of it has to come from its address. */
export const requestOfEntry = (entry: KeptEntry): OpenRequest => ({
  model: refOfEntry(entry),
  format: formatOf(entry),
});

function refOfEntry({ key, origin, complete }: KeptEntry): ModelRef {
  if (origin.kind === 'picked') return { kind: 'kept', key, name: origin.name };
  if (origin.kind === 'url') return complete ? { kind: 'kept', key, name: folderName(origin.url) } : origin;
  const { endpoint, repo, asked } = origin;
  return {
    kind: 'hub',
    repo,
    revision: asked === 'main' ? undefined : asked,
    endpoint: endpoint === HUB ? undefined : endpoint,
  };
}

/** How much of a request is kept, whether whole or not, in bytes. */
export interface Here {
  /** Of its files, which need not be fetched again. */
  read: number;
  /** Of those, what came from beside the page. */
  beside: number;
  /** On the disk. */
  disk: number;
}

export function hereOf(entries: readonly KeptEntry[], request: OpenRequest): Here {
  if (request.model.kind !== 'hub') return { read: 0, beside: 0, disk: 0 };
  const [model] = modelEntries(entries, request);
  const place = dictionaryPlaceOf(request);
  const rows = entries.find(
    (entry) =>
      place && isRowsOf(entry, place) && liesIn(entry, request.folders) && layerOf(entry) === request.sites?.[0],
  );
  return {
    read: (model?.read ?? 0) + (rows?.read ?? 0),
    beside: place?.kind === 'url' ? (rows?.read ?? 0) : 0,
    disk: (model?.bytes ?? 0) + (rows?.bytes ?? 0),
  };
}
