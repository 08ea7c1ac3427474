import { AccessDeniedError, MissingFileError, RateLimitedError, SiteUnavailableError } from '../api/errors';
import type { SourceRef } from '../api/request';
import { listDictionaries } from '../folders/dictionary-list';
import { type DictionaryPlan, readDictionaryFile } from '../folders/dictionary-plan';
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
  private listed: number[] | null = null;
  /** Keys of the entries that this object installed, by layer. */
  private readonly installed = new Map<number, string>();

  /** `from`: where to fetch dictionaries. `own`: set if `from` is the model's own folder, with its source if that is
   *  open; null if the request named the dictionary. */
  constructor(
    private readonly store: Store,
    private readonly from: SourceRef,
    private readonly model: { d: number; layers: number; k?: number },
    private readonly own: { source: Source | null } | null = null,
  ) {
    this.source = own?.source ?? null;
  }

  /** Layers that are kept whole, and all others once the source has been listed; in ascending order. */
  async layers(): Promise<number[]> {
    const kept = (await this.store.allStored('dictionary', this.from)).flatMap(({ meta, complete }) =>
      meta && complete ? [meta.layer] : [],
    );
    return [...new Set([...kept, ...(this.listed ?? [])])]
      .filter((layer) => layer < this.model.layers)
      .sort((a, b) => a - b);
  }

  /** The layers to open if `sites` names none: the middle one of the kept layers, else of all. If the folder of a kept
   *  model cannot be reached, it returns no layers: the model opens without a network. */
  async chosen(sites: readonly number[] | undefined, signal?: AbortSignal): Promise<number[]> {
    if (sites) return [...new Set(sites)].sort((a, b) => a - b);
    const kept = await this.layers();
    const all = kept.length > 0 ? kept : await this.list(signal).catch((error: unknown) => this.noneOrThrow(error));
    return middle(all);
  }

  /** The entry of a layer if all of it is kept and its k is the one asked for, else null; installing then checks and
   *  notes k. */
  async kept(layer: number): Promise<Manifest | null> {
    const key = this.installed.get(layer);
    const manifest = key
      ? await this.store.manifests.get(key)
      : await this.store.findStored('dictionary', this.from, `layer${layer}`);
    const { d, k } = this.model;
    const fits = manifest?.meta?.d === d && (k === undefined || manifest.meta.k === k);
    return fits && (await this.store.whole(manifest)) ? manifest : null;
  }

  /** Throws SiteUnavailableError, and what `readDictionaryFile` throws. */
  async plan(layer: number, signal?: AbortSignal): Promise<DictionaryPlan> {
    const layers = await this.list(signal);
    if (!layers.includes(layer)) {
      throw new SiteUnavailableError(
        `There is no dictionary for layer ${layer}. Layers: ${layers.join(', ') || 'none'}.`,
        { layer },
      );
    }
    return readDictionaryFile(await this.open(signal), layer, { ...this.model, signal });
  }

  async install(plan: DictionaryPlan, options: Omit<InstallOptions, 'store'>): Promise<Manifest> {
    const manifest = await installDictionary(await this.open(options.signal), plan, { ...options, store: this.store });
    this.installed.set(plan.layer, manifest.key);
    return manifest;
  }

  private noneOrThrow(error: unknown): number[] {
    const unreachable =
      error instanceof MissingFileError || error instanceof AccessDeniedError || error instanceof RateLimitedError;
    if (this.own?.source === null && unreachable) return [];
    throw error;
  }

  private async list(signal?: AbortSignal): Promise<number[]> {
    this.listed ??= (await listDictionaries(await this.open(signal), { layers: this.model.layers, signal })).layers;
    return this.listed;
  }

  private async open(signal?: AbortSignal): Promise<Source> {
    this.source ??= await openSource(this.from, { signal });
    return this.source;
  }
}
