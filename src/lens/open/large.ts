import { DamagedStoreError, StoreUnavailableError, throwIfAborted, UnsupportedModelError } from '../api/errors';
import type { Progress } from '../api/open';
import type { ModelRef, Opening, OpenRequest, SourceRef } from '../api/request';
import { type Gpu, openGpu } from '../engine/device';
import { checkLargestBinding } from '../engine/resident';
import type { Runtime } from '../engine/runtime';
import { checkWasm } from '../engine/wasm-limit';
import { type DecoderConfig, openConfig } from '../folders/config';
import { otherDictionaries } from '../folders/dictionaries';
import type { DictionaryPlan } from '../folders/dictionary-plan';
import { nameOf } from '../folders/forms/stated';
import { halfOf } from '../folders/nla-pair';
import { createConverter } from '../kernels/convert';
import { createHostConverter } from '../kernels/convert-host';
import { checkDictionarySize } from '../kernels/dictionary-upload';
import type { DictionarySize } from '../kernels/layout';
import type { EngineLens } from '../lens';
import { isSmall, type WasmOpening, wasmMemory } from '../sizes';
import { openSource } from '../sources/open-source';
import type { Source } from '../sources/source';
import { type Completion, installModel } from '../store/install';
import { type Manifest, partsOf } from '../store/manifest';
import type { StoredFormat } from '../store/plan-pieces';
import { Store } from '../store/store';
import { describeStored } from '../store/stored';
import { chooseProvider } from './choose-provider';
import { DictionarySource } from './dictionary-source';
import { formatOn, formatsLeft } from './interrupted';
import { pairOpener } from './pair';
import type { Place } from './place';
import { refOfOrigin } from './request';
import { type FolderOptions, openFolder } from './small';
import { StoredModel } from './stored-model';

/** WebAssembly keeps half floats by default; the GPU that the browser has since got may not compute with them. */
const KEPT_IN_HALVES =
  'It is kept as f16, and this GPU does not compute with half floats (shader-f16): it runs on WebAssembly. Open it as q8 for the GPU.';

/** Most attempts to open a model: each finds one damaged part. */
const ATTEMPTS = 5;

/** A whole entry of the store, or where to fetch the model. */
type Found = { manifest: Manifest } | Fetched;

interface Fetched {
  source: Source;
  config: DecoderConfig;
  /** Null: that of an interrupted download (`left`), or the default of the provider that it opens on. */
  format: StoredFormat | null;
  left?: readonly StoredFormat[];
}

/** Opens a model from this browser's store, and fetches it into the store first if it is not there. Opens a small model
 *  that is not kept from its source, unless another format is asked for. */
export async function openStored(asked: Opening, load: () => Promise<Runtime>): Promise<EngineLens> {
  const { model, signal } = asked;
  const small = asked.format === 'f32';
  // A small model also opens without a store.
  const store = small
    ? null
    : await Store.shared().catch((error: unknown) =>
        error instanceof StoreUnavailableError ? error : Promise.reject(error),
      );
  const kept = store instanceof Store ? await wholeEntry(store, asked) : null;
  if (!kept) {
    const source = await openSource(await fetchable(model, store), { signal });
    await refuseHalf(source, signal);
    const config = await openConfig(source, { signal });
    // An interrupted download continues in its own format.
    const entry = model.kind === 'kept' && store instanceof Store ? await store.manifests.get(model.key) : null;
    const format = entry ? (entry.detail as StoredFormat) : asked.format;
    if (format === 'f32' || (!format && isSmall(config)))
      return openFolder(
        source,
        { ...asked, config, origin: source.origin, dictionaries: othersOf(asked), pair: pairOpener(asked) },
        load,
      );
    if (!(store instanceof Store)) throw store;
    const left = await formatsLeft(store, model, source);
    return openLarge(store, { source, config, format: format ?? null, left }, asked, load);
  }
  return openLarge(store as Store, { manifest: kept }, asked, load);
}

/** Half of a pair is a checkpoint of the model's own kind, and would open as one. */
async function refuseHalf(source: Source, signal?: AbortSignal): Promise<void> {
  const role = await halfOf(source, { signal });
  if (role === null) return;
  const does = role === 'av' ? 'puts a model’s vectors into words' : 'makes vectors of words';
  throw new UnsupportedModelError(
    `${source.name} is the ${role} of a trained pair, which ${does}, and no model to read. Open the pair’s model, and name its two folders as the verbalizer.`,
    { role },
  );
}

/** Opens on a real GPU if there is one, else on WebAssembly. */
function openLarge(store: Store, found: Found, asked: Opening, load: () => Promise<Runtime>): Promise<EngineLens> {
  const open = (place: Place) => openMending(store, found, place, asked, load);
  return chooseProvider<EngineLens>({
    wanted: asked.provider ?? 'auto',
    openGpu,
    onGpu: async (gpu, notices) => {
      if (asked.provider !== 'webgpu' && 'manifest' in found && found.manifest.detail === 'f16' && !hasHalves(gpu)) {
        gpu.device.destroy();
        return open({ gpu: null, adapter: gpu.name, notices: [...notices, KEPT_IN_HALVES] });
      }
      const refusals = watchRefusals(gpu);
      try {
        const lens = await open({ gpu, adapter: gpu.name, notices });
        refusals.check();
        return lens;
      } catch (error) {
        gpu.device.destroy();
        throw error;
      } finally {
        refusals.end();
      }
    },
    onWasm: (adapter, notices) => open({ gpu: null, adapter, notices }),
  });
}

/** Opens, and fetches again what turns out to be damaged. */
async function openMending(
  store: Store,
  found: Found,
  place: Place,
  asked: Opening,
  load: () => Promise<Runtime>,
): Promise<EngineLens> {
  for (let attempt = 1, now = found; ; attempt++) {
    try {
      return await openOn(store, now, place, asked, load);
    } catch (error) {
      if (!(error instanceof DamagedStoreError) || attempt === ATTEMPTS) throw error;
      // A damaged part was found, and the store has forgotten it. Installing the model again fetches only that part.
      // A damaged part of a dictionary needs no refetch here: its DictionarySource will find it missing.
      if ('manifest' in now && !isElsewhere(error, now.manifest)) now = await refetch(asked, now.manifest);
    }
  }
}

/** Records uncaptured GPU errors during opening. After one, buffer contents are undefined, so `check` throws. */
function watchRefusals({ device }: Gpu): { check: () => void; end: () => void } {
  let refused: string | null = null;
  const note = ({ error }: GPUUncapturedErrorEvent) => {
    refused ??= error.message || 'out of memory';
  };
  device.addEventListener('uncapturederror', note);
  return {
    check: () => {
      if (refused === null) return;
      throw new UnsupportedModelError(
        `The GPU refused work while the model was opened: ${refused}. Close other pages, or choose a smaller format.`,
      );
    },
    end: () => device.removeEventListener('uncapturederror', note),
  };
}

function isElsewhere({ fields: { part } }: DamagedStoreError, manifest: Manifest): boolean {
  return part !== undefined && !partsOf(manifest).some(({ sha256 }) => sha256 === part);
}

async function refetch({ model, signal }: Opening, { origin, detail }: Manifest): Promise<Found> {
  const source = await openSource(refOfOrigin(origin, model), { signal });
  return { source, config: await openConfig(source, { signal }), format: detail as StoredFormat };
}

/** Throws UnsupportedModelError for what does not fit there. Reads nothing. */
function checkPlace(
  { gpu }: Place,
  found: Found,
  config: DecoderConfig,
  asked: Opening,
  plans: DictionaryPlan[],
  opening: WasmOpening,
): void {
  if (!gpu) {
    checkWasm('This model', wasmMemory(config, opening));
    return;
  }
  for (const plan of plans)
    checkDictionarySize(gpu.device.limits, { ...plan, format: asked.dictionaryFormat ?? 'f16' });
  if ('source' in found) checkLargestBinding(config, formatOf(found, gpu), gpu.device.limits);
}

function formatOf({ config, format, left = [] }: Fetched, gpu: Gpu | null): StoredFormat {
  if (format) return format;
  const { maxBufferSize = 0, maxStorageBufferBindingSize = 0 } = gpu?.device.limits ?? {};
  const binding = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  return formatOn(config, left, { wasm: !gpu, halves: gpu !== null && hasHalves(gpu), binding });
}

const hasHalves = ({ device }: Gpu): boolean => device.features.has('shader-f16');

/** Fetches missing parts, then puts the model on the device. Fetched parts stay in the store even if a later step
 *  fails. */
async function openOn(
  store: Store,
  found: Found,
  place: Place,
  asked: Opening,
  load: () => Promise<Runtime>,
): Promise<EngineLens> {
  const { gpu } = place;
  const { signal, onProgress } = asked;
  const config = 'config' in found ? found.config : await StoredModel.config(store, found.manifest, { signal });
  const dictionarySource = await dictionarySourceOf(store, found, config, asked);
  const sites: number[] = [];
  const dictionaries: DictionarySize[] = [];
  const plans: DictionaryPlan[] = [];
  const lacking: Completion[] = [];
  for (const layer of await dictionarySource.chosen(asked.sites, signal)) {
    const kept = await dictionarySource.kept(layer, signal);
    const lacked = kept && (await dictionarySource.lacking(kept, signal));
    if (lacked) lacking.push(lacked);
    if (kept) dictionaries.push(describeStored(store, kept));
    if (!kept) {
      const plan = await (asked.sites
        ? dictionarySource.plan(layer, signal)
        : dictionarySource.planUnasked(layer, signal));
      if (!plan) continue;
      plans.push(plan);
      dictionaries.push(plan);
    }
    sites.push(layer);
  }
  checkPlace(place, found, config, asked, plans, { sites, dictionaries });
  let manifest = 'manifest' in found ? found.manifest : null;
  if (!manifest || plans.length > 0 || lacking.length > 0) {
    const sizes = await Promise.all(plans.map((plan) => dictionarySource.bytesOf(plan, signal)));
    sizes.push(...lacking.map(({ bytes }) => bytes));
    const converter = gpu ? createConverter(gpu.device) : createHostConverter();
    const stage = new Download(onProgress);
    const behind = (from: number) => sizes.slice(from).reduce((sum, size) => sum + size, 0);
    const how = { converter, signal, onWait: () => onProgress?.({ stage: 'wait', loaded: 0, total: 0 }) };
    try {
      if ('source' in found)
        manifest = await installModel(found.source, formatOf(found, gpu), {
          ...how,
          store,
          onProgress: stage.step(behind(0)),
        });
      for (const [i, plan] of plans.entries())
        await dictionarySource.install(plan, { ...how, onProgress: stage.step(behind(i + 1)) });
      for (const [i, lacked] of lacking.entries()) {
        const onProgress = stage.step(behind(plans.length + i + 1));
        await dictionarySource.complete(lacked, { ...how, onProgress });
      }
    } finally {
      converter.destroy();
    }
  }
  throwIfAborted(signal);
  await store.touch(manifest!.key);
  const model = await StoredModel.open({
    store,
    manifest: manifest!,
    config,
    place,
    runtime: await load(),
    dictionarySource,
    asked,
  });
  try {
    return await model.lens(sites, { signal, onProgress });
  } catch (error) {
    model.free();
    throw error;
  }
}

/** Reports several installations as one stage: each continues the byte count of the one before. */
class Download {
  private before = 0;
  private last = 0;

  constructor(private readonly onProgress: ((p: Progress) => void) | undefined) {}

  /** The progress callback for the next installation; `rest`: bytes of the installations after it. */
  step(rest: number): (p: Progress) => void {
    this.before += this.last;
    this.last = 0;
    return ({ loaded, total }) => {
      this.last = loaded;
      this.onProgress?.({ stage: 'download', loaded: this.before + loaded, total: this.before + total + rest });
    };
  }
}

async function wholeEntry(store: Store, { model, format }: OpenRequest): Promise<Manifest | null> {
  const manifest = await store.findStored('model', model, format);
  return manifest && (await store.whole(manifest)) ? manifest : null;
}

async function fetchable(ref: ModelRef, store: Store | StoreUnavailableError | null): Promise<SourceRef> {
  if (ref.kind !== 'kept') return ref;
  if (!(store instanceof Store))
    throw (
      store ??
      new StoreUnavailableError('What is kept in this browser’s store is opened in the format that it is kept in.')
    );
  const manifest = await store.manifests.get(ref.key);
  if (!manifest)
    throw new StoreUnavailableError('This browser keeps no such model any more. Open it from where it came.', {
      key: ref.key,
    });
  return refOfOrigin(manifest.origin, ref);
}

/** The dictionaries that the request names, else those in the model's own source. */
async function dictionarySourceOf(
  store: Store,
  found: Found,
  config: DecoderConfig,
  { model, dictionary, k, folders }: OpenRequest,
): Promise<DictionarySource> {
  const name = 'source' in found ? found.source.name : nameOf(found.manifest.origin);
  const shape = { d: config.d, layers: config.layers, name, k, folders };
  if (dictionary) return new DictionarySource(store, await fetchable(dictionary, store), shape);
  const [source, { origin }] = 'source' in found ? [found.source, found.source] : [null, found.manifest];
  const from: SourceRef =
    origin.kind === 'picked'
      ? { kind: 'picked', folder: { name: origin.name, files: [] } }
      : refOfOrigin(origin, model);
  return new DictionarySource(store, from, shape, { source });
}

/** For a small model: the dictionaries that the request names, read into memory. */
function othersOf({ dictionary, k }: OpenRequest): FolderOptions['dictionaries'] {
  if (!dictionary) return undefined;
  return async (_, model, options = {}) => {
    const source = await openSource(await fetchable(dictionary, null), options);
    return otherDictionaries(source, { ...model, k }, options);
  };
}
