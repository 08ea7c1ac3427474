import {
  AccessDeniedError,
  CorruptFileError,
  MissingFileError,
  RateLimitedError,
  ShapeMismatchError,
  UnknownKError,
  UnsupportedModelError,
} from '../api/errors';
import type { SourceRef } from '../api/request';
import {
  type DictionaryList,
  entryOf,
  folderOf,
  isIn,
  layersOf,
  listDictionaries,
  noticesOfLeft,
} from '../folders/dictionary-list';
import type { DictionaryPlan } from '../folders/dictionary-plan';
import { middle } from '../maths/middle';
import { openSource } from '../sources/open-source';
import type { Source } from '../sources/source';
import { installDictionary } from '../store/install';
import type { Manifest } from '../store/manifest';
import type { Store } from '../store/store';
import type { InstallOptions } from '../store/wanted';

/** The dictionaries of a large model: those kept in the store, and the source to fetch the others from. Kept
 *  dictionaries need no network. */
export class DictionarySource {
  private source: Source | null;
  private listed: DictionaryList | null = null;
  private readonly unread: DictionaryList['left'] = [];
  /** Keys of the entries that this object installed, by layer. */
  private readonly installed = new Map<number, string>();

  /** `from`: where to fetch dictionaries. `own`: set if `from` is the model's own folder, with its source if that is
   *  open; null if the request named the dictionary. */
  constructor(
    private readonly store: Store,
    private readonly from: SourceRef,
    private readonly model: { d: number; layers: number; name?: string; k?: number; folders?: readonly string[] },
    private readonly own: { source: Source | null } | null = null,
  ) {
    this.source = own?.source ?? null;
  }

  /** Layers that are kept whole, and all others once the source has been listed; in ascending order. */
  async layers(): Promise<number[]> {
    const kept = (await this.allKept()).flatMap(({ meta, complete }) => (meta && complete ? [meta.layer] : []));
    return [...new Set([...kept, ...layersOf(this.listed?.entries ?? [])])]
      .filter((layer) => layer < this.model.layers)
      .sort((a, b) => a - b);
  }

  /** The layers to open if `sites` names none: the middle one of the kept layers, else of all. If the folder of a kept
   *  model cannot be reached, it returns no layers: the model opens without a network. */
  async chosen(sites: readonly number[] | undefined, signal?: AbortSignal): Promise<number[]> {
    if (sites) return [...new Set(sites)].sort((a, b) => a - b);
    const kept = await this.layers();
    if (kept.length > 0) return middle(kept);
    const list = await this.list(signal).catch((error: unknown) => this.noneOrThrow(error));
    const all = layersOf(list.entries);
    if (all.length === 0 && list.left[0] && !this.own) throw list.left[0].error;
    return middle(all);
  }

  /** The entry of a layer if all of it is kept and its k is the one asked for, else null; installing then checks and
   *  notes k. */
  async kept(layer: number): Promise<Manifest | null> {
    const key = this.installed.get(layer);
    const manifest = key
      ? await this.store.manifests.get(key)
      : ((await this.allKept()).find(({ meta }) => meta?.layer === layer) ?? null);
    const { d, k } = this.model;
    const fits = manifest?.meta?.d === d && (k === undefined || manifest.meta.k === k);
    return fits && (await this.store.whole(manifest)) ? manifest : null;
  }

  /** Throws SiteUnavailableError, AmbiguousDictionaryError, and what `DictionaryEntry.plan` throws. */
  async plan(layer: number, signal?: AbortSignal): Promise<DictionaryPlan> {
    const source = await this.open(signal);
    const entry = entryOf(source, await this.list(signal), layer);
    return entry.plan(source, { ...this.model, signal });
  }

  /** Like `plan`; null for one of the model's own that cannot be read, which `notices` then names: nobody asked for it,
   *  and the model opens without it. */
  async planUnasked(layer: number, signal?: AbortSignal): Promise<DictionaryPlan | null> {
    try {
      return await this.plan(layer, signal);
    } catch (error) {
      const unread = error instanceof UnsupportedModelError || error instanceof CorruptFileError;
      if (!this.own || !(unread || error instanceof ShapeMismatchError || error instanceof UnknownKError)) throw error;
      this.unread.push({ folder: `layer ${layer}`, error });
      return null;
    }
  }

  /** A sentence for each folder that was left out, if the source has been listed. */
  notices(): string[] {
    return noticesOfLeft([...(this.listed?.left ?? []), ...this.unread]);
  }

  async install(plan: DictionaryPlan, options: Omit<InstallOptions, 'store'>): Promise<Manifest> {
    const source = plan.source ?? (await this.open(options.signal));
    const chosen = this.model.folders !== undefined;
    const manifest = await installDictionary(source, plan, { ...options, store: this.store, chosen });
    this.installed.set(plan.layer, manifest.key);
    return manifest;
  }

  /** Entries of the store that lie in the folders asked for, the newest complete one first. */
  private async allKept(): Promise<Manifest[]> {
    const all = await this.store.allStored('dictionary', this.from);
    return all.filter(({ files }) => files.every(({ path }) => isIn(folderOf(path), this.model.folders)));
  }

  private noneOrThrow(error: unknown): DictionaryList {
    const unreachable =
      error instanceof MissingFileError || error instanceof AccessDeniedError || error instanceof RateLimitedError;
    if (this.own?.source === null && unreachable) return { entries: [], left: [] };
    throw error;
  }

  private async list(signal?: AbortSignal): Promise<DictionaryList> {
    const { layers, folders } = this.model;
    this.listed ??= await listDictionaries(await this.open(signal), { layers, folders, signal });
    return this.listed;
  }

  private async open(signal?: AbortSignal): Promise<Source> {
    this.source ??= await openSource(this.from, { signal });
    return this.source;
  }
}
