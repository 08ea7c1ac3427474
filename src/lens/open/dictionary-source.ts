import {
  AbortedError,
  AccessDeniedError,
  AmbiguousDictionaryError,
  CorruptFileError,
  LensError,
  MissingFileError,
  RateLimitedError,
  ShapeMismatchError,
  UnknownKError,
  UnsupportedModelError,
} from '../api/errors';
import type { Origin } from '../api/model';
import type { SourceRef } from '../api/request';
import { UNSTATED } from '../api/site';
import {
  type DictionaryList,
  entryOf,
  folderNamed,
  folderOf,
  isIn,
  layersOf,
  listDictionaries,
  noticesOfLeft,
} from '../folders/dictionary-list';
import type { DictionaryPlan } from '../folders/dictionary-plan';
import type { DictionaryEntry } from '../folders/forms/entry';
import { middle } from '../maths/middle';
import { openSource } from '../sources/open-source';
import type { Source } from '../sources/source';
import { bytesOf, type Completion, completeDictionary, findLacked, installDictionary } from '../store/install';
import { type Beside, lookBeside } from '../store/look-beside';
import { lackedOf, type Manifest, withoutLacked } from '../store/manifest';
import type { Store } from '../store/store';
import type { InstallOptions } from '../store/wanted';
import { refOfOrigin } from './request';

/** The dictionaries of a large model: those kept in the store, and the source to fetch the others from. A kept dictionary
 *  needs no network, but for one question: the source is asked, where it can be reached, whether it has another one of
 *  the layer, or what an earlier version did not note. */
export class DictionarySource {
  private source: Source | null;
  private listed: DictionaryList | null = null;
  private readonly unread: DictionaryList['left'] = [];
  /** Keys of the entries that this object installed or chose, by layer. */
  private readonly decided = new Map<number, string>();
  /** Sentences about what the source could not be asked, by layer. */
  private readonly unasked = new Map<number, string>();
  /** What was found beside dictionaries that are not installed yet. */
  private readonly beside = new WeakMap<DictionaryPlan, Beside>();
  /** The source at the commits of kept entries, by commit. */
  private readonly pinned = new Map<string, Source>();

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
   *  notes k. Null also where the source has several, or another than the kept one: `plan` then finds what it has. Where
   *  the source cannot be asked, the only kept one opens, which `notices` says. Throws AmbiguousDictionaryError where
   *  several are kept then. */
  async kept(layer: number, signal?: AbortSignal): Promise<Manifest | null> {
    const key = this.decided.get(layer);
    if (key) {
      const manifest = await this.store.manifests.get(key);
      return manifest && this.fits(manifest, layer) && (await this.store.whole(manifest)) ? manifest : null;
    }
    const found = await this.certain(layer, await this.fitting(layer), signal);
    if (found) this.decided.set(layer, found.key);
    return found;
  }

  private fits({ meta }: Manifest, layer: number): boolean {
    const { d, k } = this.model;
    return meta?.layer === layer && meta.d === d && (k === undefined || meta.k === k);
  }

  /** The whole entries of a layer, the newest one of each folder. */
  private async fitting(layer: number): Promise<Manifest[]> {
    const found = new Map<string, Manifest>();
    for (const manifest of await this.allKept())
      if (this.fits(manifest, layer) && !found.has(placeOf(manifest)) && (await this.store.whole(manifest)))
        found.set(placeOf(manifest), manifest);
    return [...found.values()];
  }

  private async certain(layer: number, fits: Manifest[], signal?: AbortSignal): Promise<Manifest | null> {
    const [first, second] = fits;
    if (!first || (!second && this.isAlone(first) && !isEarlier(first))) return first ?? null;
    const there = await this.thereOf(layer, signal);
    if (there.length === 0) {
      if (second) throw severalKept(layer, fits);
      const at = placeOf(first).slice(0, -1) || 'its own folder';
      this.unasked.set(
        layer,
        `The dictionary of layer ${layer} is the kept one in ${at}: its source could not be asked whether that is the one.`,
      );
      return first;
    }
    const [only, another] = there;
    const own = fits.find((manifest) => liesIn(only!, placeOf(manifest)));
    if (another || !own) return null;
    return isEarlier(own) ? this.noted(only!, own, signal) : own;
  }

  /** Whether an entry is its source's only one of its layer in the folders that were asked for, so far as is known. */
  private isAlone(manifest: Manifest): boolean {
    const [asked, ...more] = this.model.folders ?? [];
    if (asked === undefined) return !manifest.detail.includes(' in ');
    return more.length === 0 && folderNamed(asked) === placeOf(manifest);
  }

  /** What the source has of a layer; nothing where it cannot be asked. */
  private async thereOf(layer: number, signal?: AbortSignal): Promise<DictionaryEntry[]> {
    try {
      return (await this.list(signal)).entries.filter((entry) => entry.layer === layer);
    } catch (error) {
      if (isUnreachable(error)) return [];
      throw error;
    }
  }

  /** An entry that an earlier version kept, if its source says that it has the common form, which is then noted; else
   *  null. That version did not look at every tensor. */
  private async noted(entry: DictionaryEntry, manifest: Manifest, signal?: AbortSignal): Promise<Manifest | null> {
    try {
      const source = await this.open(signal);
      const { activation, fold, about, notices, k, tensors } = await entry.plan(source, { ...this.model, signal });
      const common = activation.kind === 'topk' && k === manifest.meta!.k && !fold.centred && !fold.rescaled;
      if (!common || fold.inputScale !== 1 || Object.keys(tensors).length !== 4) return null;
      const meta = { ...manifest.meta!, activation, fold, about, notices };
      await this.store.manifests.update(manifest.key, (now) => ({ ...now, meta }));
      return { ...manifest, meta };
    } catch (error) {
      if (error instanceof AbortedError) throw error;
      return isUnreachable(error) ? manifest : null;
    }
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

  /** A sentence for each folder that was left out, if the source has been listed, and for each layer whose dictionary is
   *  a guess. */
  notices(): string[] {
    return [...noticesOfLeft([...(this.listed?.left ?? []), ...this.unread]), ...this.unasked.values()];
  }

  /** Bytes that installing a dictionary fetches, with what lies beside it. */
  async bytesOf(plan: DictionaryPlan, signal?: AbortSignal): Promise<number> {
    const beside = await lookBeside(plan.source ?? (await this.open(signal)), plan, { signal });
    this.beside.set(plan, beside);
    return bytesOf(plan, beside);
  }

  async install(plan: DictionaryPlan, options: Omit<InstallOptions, 'store'>): Promise<Manifest> {
    const source = plan.source ?? (await this.open(options.signal));
    const chosen = this.model.folders !== undefined;
    const how = { ...options, store: this.store, chosen, beside: this.beside.get(plan) };
    const manifest = await installDictionary(source, plan, how);
    this.decided.set(plan.layer, manifest.key);
    this.unasked.delete(plan.layer);
    return manifest;
  }

  /** Whether statistics or feature data of a kept dictionary are missing in the store and could be fetched with little
   *  effort. They are not asked for where that would cost every opening without a network a wait. */
  lacks(manifest: Manifest): boolean {
    if (globalThis.navigator?.onLine === false) return false;
    if (lackedOf(manifest).length > 0) return true;
    const { meta, files, origin } = manifest;
    const unasked = meta?.beside ? (meta.unasked ?? []).length > 0 : files.some(({ path }) => isSaeLens(path));
    if (!unasked) return false;
    return this.source !== null || (origin.kind === 'url' && isOwnOrigin(origin.url));
  }

  /** What a kept dictionary lacks and its source has: the very commit that it was fetched at, since another one is
   *  another entry. Null where it lacks nothing, or nothing can be had. Throws AbortedError. */
  async lacking(manifest: Manifest, signal?: AbortSignal): Promise<Completion | null> {
    if (!this.lacks(manifest)) return null;
    try {
      const { layer, k, activation } = manifest.meta!;
      const source = await this.sourceOf(manifest, signal);
      const folders = [placeOf(manifest)];
      const list =
        source === this.source ? await this.list(signal) : await listDictionaries(source, { folders, signal });
      const entries = list.entries.filter((entry) => liesIn(entry, placeOf(manifest)));
      const asked = { ...this.model, k: activation?.kind === 'threshold' ? undefined : k };
      const plan = await entryOf(source, { entries, left: [] }, layer).plan(source, { ...asked, signal });
      const found = await findLacked(plan.source ?? source, plan, manifest, { signal });
      // The files at an address are others now. Nothing of theirs is of the kept dictionary, at no later opening either.
      if (!found) await this.store.manifests.update(manifest.key, withoutLacked);
      return found;
    } catch (error) {
      if (!(error instanceof LensError) || error instanceof AbortedError) throw error;
      return null;
    }
  }

  /** Fetches what `lacking` found. Nothing is lost where that fails: the dictionary is used without. Throws
   *  AbortedError. */
  async complete(found: Completion, options: Omit<InstallOptions, 'store'>): Promise<void> {
    try {
      await completeDictionary(found, { ...options, store: this.store });
    } catch (error) {
      if (!(error instanceof LensError) || error instanceof AbortedError) throw error;
    }
  }

  /** Entries of the store that lie in the folders asked for, the newest complete one first. */
  private async allKept(): Promise<Manifest[]> {
    const all = await this.store.allStored('dictionary', this.from);
    return all.filter(({ files }) => files.every(({ path }) => isIn(folderOf(path), this.model.folders)));
  }

  private noneOrThrow(error: unknown): DictionaryList {
    if (this.own?.source === null && isUnreachable(error)) return { entries: [], left: [] };
    throw error;
  }

  private async list(signal?: AbortSignal): Promise<DictionaryList> {
    const { layers, folders } = this.model;
    this.listed ??= await listDictionaries(await this.open(signal), { layers, folders, signal });
    return this.listed;
  }

  /** The source as it was when an entry was kept. */
  private async sourceOf({ origin }: Manifest, signal?: AbortSignal): Promise<Source> {
    if (origin.kind !== 'hub') return this.open(signal);
    const { revision } = origin;
    const isThat = (of: Origin | undefined) => of?.kind === 'hub' && of.revision === revision;
    if (this.source && isThat(this.source.origin)) return this.source;
    const source = this.pinned.get(revision) ?? (await openSource(refOfOrigin(origin, this.from), { signal }));
    this.pinned.set(revision, source);
    return source;
  }

  private async open(signal?: AbortSignal): Promise<Source> {
    this.source ??= await openSource(this.from, { signal });
    return this.source;
  }
}

const isUnreachable = (error: unknown): boolean =>
  error instanceof MissingFileError || error instanceof AccessDeniedError || error instanceof RateLimitedError;

/** The folder of an entry's file: '' or a path that ends with '/'. */
const placeOf = ({ files }: Manifest): string => folderOf(files[0]?.path ?? '');

/** Whether a source's dictionary lies in such a folder. */
const liesIn = ({ about }: DictionaryEntry, place: string): boolean => place === (about.folder && `${about.folder}/`);

/** Whether an earlier version kept a dictionary of SAELens, and noted no more than its sizes. */
const isEarlier = ({ meta, files }: Manifest): boolean =>
  meta?.about === null && files.some(({ path }) => isSaeLens(path));

const isSaeLens = (path: string): boolean => path.endsWith('sae_weights.safetensors');

/** Whether an address lies beside the page, which may always read from there. */
const isOwnOrigin = (url: string): boolean => new URL(url).origin === globalThis.location?.origin;

function severalKept(layer: number, kept: Manifest[]): AmbiguousDictionaryError {
  const folders = kept.map((manifest) => placeOf(manifest).slice(0, -1) || 'its own folder');
  return new AmbiguousDictionaryError(
    `This browser keeps ${kept.length} dictionaries of layer ${layer}, in ${folders.join(', ')}, and their source could not be asked. Choose one folder.`,
    {
      layer,
      choices: kept.map(({ meta, files }) => ({
        layer,
        about: meta!.about ?? { ...UNSTATED, folder: folderOf(files[0]?.path ?? '').slice(0, -1) },
        ...{ d: meta!.d, width: meta!.width },
        activation: meta!.activation?.kind ?? 'topk',
        k: meta!.activation?.kind === 'threshold' ? null : meta!.k,
      })),
      left: [],
    },
  );
}
