import { LensError, throwIfAborted } from '../api/errors';
import type { DictionaryFormat, Origin } from '../api/model';
import type { Opening } from '../api/request';
import { Site } from '../dictionary/site';
import { fittingContext, fittingOnWasm } from '../engine/context';
import type { Gpu } from '../engine/device';
import { KeptWeights } from '../engine/kept-weights';
import { Model } from '../engine/model';
import { ResidentWeights } from '../engine/resident';
import type { Runtime } from '../engine/runtime';
import type { Tokenizer } from '../engine/tokenizer';
import { openTokenizer } from '../engine/tokenizer-files';
import { CUT_ELSEWHERE, checkWasm } from '../engine/wasm-limit';
import { readStatistics } from '../folders/beside';
import { type DecoderConfig, openConfig } from '../folders/config';
import type { DictionaryPlan } from '../folders/dictionary-plan';
import type { FeatureData } from '../folders/feature-data';
import { sha256OfFiles } from '../formats/sha256';
import type { Activations } from '../graph/weights';
import type { Compute } from '../kernels/compute';
import { createConverter } from '../kernels/convert';
import { createHostConverter } from '../kernels/convert-host';
import { checkDictionarySize } from '../kernels/dictionary-upload';
import type { DictionarySize } from '../kernels/layout';
import { createWasmCompute } from '../kernels/wasm';
import { createWebGpuCompute } from '../kernels/webgpu';
import type { EngineLens, SitesOptions } from '../lens';
import { wasmMemory } from '../sizes';
import type { Source } from '../sources/source';
import type { Completion } from '../store/install';
import { noticesOfLacked } from '../store/look-beside';
import type { Manifest } from '../store/manifest';
import type { StoredFormat } from '../store/plan-pieces';
import type { Store } from '../store/store';
import { describeStored, storedDictionary, storedSource, storedTensors } from '../store/stored';
import { buildFailure } from './common';
import type { DictionarySource } from './dictionary-source';
import { openFeatures } from './features';
import { makeLens } from './make-lens';
import { measureFvu } from './measure-fvu';
import { pairOpener } from './pair';
import type { Place } from './place';
import { probeHalves } from './probe-halves';

interface Opened {
  store: Store;
  manifest: Manifest;
  /** As in the model's config.json; the context that fits the device may be shorter. */
  config: DecoderConfig;
  place: Place;
  runtime: Runtime;
  dictionarySource: DictionarySource;
  asked: Opening;
}

/** Said of a family whose residual stream overflows: there, half floats are not even tried. */
const TOO_LARGE_FOR_HALVES =
  'Half floats cannot hold the residual stream of models like this: activations are float32.';

/** The weights, and the facts found while loading them. */
interface Loaded {
  folder: Source;
  tokenizer: Tokenizer;
  compute: Compute;
  /** On the GPU, or read from the store for each model. */
  weights: ResidentWeights | KeptWeights;
  activations: Activations;
  /** On a GPU with the context length that fits there. */
  config: DecoderConfig;
  notices: readonly string[];
  sha256: string | null;
}

type Turn = <T>(task: () => Promise<T>) => Promise<T>;

/** The weights of a kept model, on the device or in the store. Its lenses share them, one lens after another, each with
 *  the dictionaries of its own layers. */
export class StoredModel {
  private constructor(
    private readonly opened: Opened,
    private readonly loaded: Loaded,
  ) {}

  static config(store: Store, manifest: Manifest, options: { signal?: AbortSignal }): Promise<DecoderConfig> {
    return openConfig(storedSource(store, manifest), options);
  }

  /** Puts the weights on the device. Throws DamagedStoreError for a damaged part. If this fails, the device still
   *  belongs to the caller. */
  static async open(opened: Opened): Promise<StoredModel> {
    const { store, manifest, config, place, asked } = opened;
    const { signal, onProgress } = asked;
    const folder = storedSource(store, manifest);
    const tokenizer = await openTokenizer(folder, config, {
      signal,
      onBytes: (loaded, total) => onProgress?.({ stage: 'tokenizer', loaded, total }),
    });
    const compute = place.gpu ? createWebGpuCompute(place.gpu.device) : createWasmCompute();
    let weights: ResidentWeights | undefined;
    try {
      const loaded = place.gpu ? await onGpu(opened, place.gpu, compute) : onWasm(opened);
      if (loaded.weights instanceof ResidentWeights) weights = loaded.weights;
      const hashes = new Map(manifest.files.map(({ path }) => [path, manifest.hashes[path] ?? null]));
      const sha256 = hashes.size === 1 ? [...hashes.values()][0]! : await sha256OfFiles(hashes);
      return new StoredModel(opened, { ...loaded, folder, tokenizer, compute, sha256 });
    } catch (error) {
      compute.destroy();
      weights?.release();
      throw error;
    }
  }

  /** Returns a lens with the dictionaries of these layers, all of them in the store. `turn` runs work on the device. */
  async lens(
    layers: readonly number[],
    { signal, onProgress }: SitesOptions,
    turn: Turn = (task) => task(),
  ): Promise<EngineLens> {
    const { place, runtime, config, store, dictionarySource, manifest } = this.opened;
    const { gpu, adapter } = place;
    const sites: Site[] = [];
    const { config: fitted, said } = this.fitted(layers);
    const notices = [...place.notices, ...this.loaded.notices, ...said, ...dictionarySource.notices()];
    let model: Model | undefined;
    try {
      const manifests = new Map<number, Manifest>();
      for (const layer of layers) manifests.set(layer, await this.kept(layer, signal));
      const features = await this.features([...manifests.values()], notices, signal);
      for (const [layer, kept] of manifests) {
        const read = () => this.site(kept, features.get(layer), { signal, onProgress }, turn);
        const { site, about } = await store.reading(read, { signal });
        sites.push(site);
        notices.push(...about);
      }
      const openable = [...new Set([...layers, ...(await dictionarySource.layers())])].sort((a, b) => a - b);
      throwIfAborted(signal);
      model = await turn(() => this.model(fitted, sites, { signal, onProgress }));
      const lens = makeLens({
        facts: {
          model: addressOf(manifest.origin),
          sha256: this.loaded.sha256,
          effects: [],
          adapter,
          dtype: this.loaded.activations,
          format: manifest.detail as StoredFormat,
          origin: manifest.origin,
          openable,
          memory: {
            weights: this.loaded.weights.bytes,
            dictionaries: bytesOf(sites),
          },
          contextOfModel: config.contextLength,
          notices,
        },
        config: fitted,
        tokenizer: this.loaded.tokenizer,
        model,
        sites,
        runtime,
        gpu,
        folder: this.loaded.folder,
        pair: pairOpener(this.opened.asked),
        weights: this.loaded.weights,
        // Until it is closed, this lens's dictionaries lie beside those of the next one.
        withSites: (others, options, next) => this.others(others, bytesOf(sites), options, next),
        release: (all) => {
          for (const { dictionary } of sites) this.loaded.compute.releaseDictionary(dictionary);
          if (!all) return;
          this.free();
          gpu?.device.destroy();
        },
      });
      await turn(() => measureFvu(lens, { signal, onProgress }));
      return lens;
    } catch (error) {
      await model?.release().catch(() => {});
      for (const { dictionary } of sites) this.loaded.compute.releaseDictionary(dictionary);
      throw buildFailure(error);
    }
  }

  private get dictionaryFormat(): DictionaryFormat {
    return this.opened.asked.dictionaryFormat ?? 'f16';
  }

  /** Frees everything it put on the device, but not the device. */
  free(): void {
    if (this.loaded.weights instanceof ResidentWeights) this.loaded.weights.release();
    this.loaded.compute.destroy();
  }

  /** Fetches the missing dictionaries of other layers, and opens them. `held`: bytes of the open ones. */
  private async others(
    layers: readonly number[],
    held: number,
    options: SitesOptions,
    turn: Turn,
  ): Promise<EngineLens> {
    const { dictionarySource, config, store } = this.opened;
    const { gpu } = this.opened.place;
    const wanted = await dictionarySource.chosen(layers, options.signal);
    if (!gpu) checkWasm(CUT_ELSEWHERE, wasmMemory(config, { sites: wanted, held }));
    const dictionaries: DictionarySize[] = [];
    const missing: { plan: DictionaryPlan | null; lacked: Completion | null }[] = [];
    for (const layer of wanted) {
      const kept = await dictionarySource.kept(layer, options.signal);
      const lacked = kept && (await dictionarySource.lacking(kept, options.signal));
      const plan = kept ? null : await dictionarySource.plan(layer, options.signal);
      dictionaries.push(plan ?? describeStored(store, kept!));
      if (plan && gpu) checkDictionarySize(gpu.device.limits, { ...plan, format: this.dictionaryFormat });
      if (plan || lacked) missing.push({ plan, lacked });
    }
    if (!gpu) checkWasm(CUT_ELSEWHERE, wasmMemory(config, { sites: wanted, held, dictionaries }));
    for (const { plan, lacked } of missing) {
      const converter = gpu ? createConverter(gpu.device) : createHostConverter();
      try {
        if (plan) await dictionarySource.install(plan, { ...options, converter });
        else await dictionarySource.complete(lacked!, { ...options, converter });
      } finally {
        converter.destroy();
      }
    }
    return this.lens(wanted, options, turn);
  }

  /** The configuration with the context that fits, and what there is to say of it. On WebAssembly it depends on where the
   *  model is cut. */
  private fitted(layers: readonly number[]): { config: DecoderConfig; said: readonly string[] } {
    const { config } = this.loaded;
    if (this.opened.place.gpu) return { config, said: [] };
    const { length, sentence } = fittingOnWasm(config, layers);
    return { config: { ...config, contextLength: length }, said: sentence ? [sentence] : [] };
  }

  private async kept(layer: number, signal?: AbortSignal): Promise<Manifest> {
    const manifest = await this.opened.dictionarySource.kept(layer, signal);
    if (manifest) return manifest;
    throw new LensError(`The dictionary of layer ${layer} was removed while it was opened. Open it again.`, { layer });
  }

  /** The feature data of kept dictionaries, by layer; `notices` gets a sentence for each file that is not there. */
  private async features(
    manifests: readonly Manifest[],
    notices: string[],
    signal?: AbortSignal,
  ): Promise<Map<number, FeatureData>> {
    const { store, config } = this.opened;
    notices.push(...manifests.flatMap(noticesOfLacked));
    const known = { vocabulary: config.vocabularySize, model: this.loaded.sha256, notices, signal };
    const described = manifests.map((manifest) => describeStored(store, manifest));
    return store.reading(() => openFeatures(described, known), { signal });
  }

  /** The site of a kept dictionary, and sentences about it. */
  private async site(
    manifest: Manifest,
    features: FeatureData | undefined,
    { signal, onProgress }: SitesOptions,
    turn: Turn,
  ): Promise<{ site: Site; about: readonly string[] }> {
    const { store } = this.opened;
    const { compute } = this.loaded;
    await store.touch(manifest.key);
    const { layer, d, width, sha256, source, folder } = describeStored(store, manifest);
    const kept = await storedDictionary(store, manifest, { signal });
    const notices = [...kept.notices];
    const stats = folder === null ? null : await readStatistics(source, folder, { d, width, notices, signal });
    const parts = { ...kept, format: this.dictionaryFormat, center: stats?.mean ?? kept.decoderBias };
    const onBytes = (loaded: number, total: number) => onProgress?.({ stage: 'dictionary', loaded, total });
    const dictionary = await turn(() => compute.dictionaryFromParts(parts, { signal, onBytes }));
    const center = stats?.mean ? 'mean' : 'b_dec';
    const facts = { layer, center, stats, sha256, about: kept.about } as const;
    return { site: new Site(compute, dictionary, facts, features), about: notices };
  }

  private model(config: DecoderConfig, sites: readonly Site[], { signal, onProgress }: SitesOptions): Promise<Model> {
    const { place, runtime } = this.opened;
    const { weights, activations, compute } = this.loaded;
    const onPart = (loaded: number, total: number) => onProgress?.({ stage: 'compile', loaded, total });
    return Model.create({
      config,
      weights,
      activations,
      sites: sites.map(({ layer }) => layer),
      runtime,
      gpu: place.gpu,
      compute,
      onPart,
      signal,
    });
  }
}

const bytesOf = (sites: readonly Site[]): number => sites.reduce((sum, { dictionary }) => sum + dictionary.bytes, 0);

type Put = Pick<Loaded, 'weights' | 'activations' | 'config' | 'notices'>;

/** Nothing is read yet: each model reads the weights as it is made. */
function onWasm({ store, manifest, config }: Opened): Put {
  return {
    weights: KeptWeights.of(
      config,
      manifest.detail as StoredFormat,
      storedTensors(store, manifest),
      store.reading.bind(store),
    ),
    activations: 'float32',
    config,
    notices: [],
  };
}

async function onGpu(opened: Opened, gpu: Gpu, compute: Compute): Promise<Put> {
  const { store, manifest, config, asked } = opened;
  const { signal, onProgress } = asked;
  const { device } = gpu;
  const halves = device.features.has('shader-f16') && config.block.fitsHalves;
  const longest = fittingContext(config, device.limits, halves ? 'float16' : 'float32').length;
  const weights = await store.reading(
    () =>
      ResidentWeights.load({
        config,
        format: manifest.detail as StoredFormat,
        tensors: storedTensors(store, manifest),
        device,
        contextLength: longest,
        signal,
        onBytes: (loaded, total) => onProgress?.({ stage: 'upload', loaded, total }),
      }),
    { signal },
  );
  try {
    const probed = halves
      ? await probeHalves({ ...opened, config: { ...config, contextLength: longest } }, gpu, weights, compute)
      : null;
    const activations = probed?.ok ? 'float16' : 'float32';
    weights.settle(activations);
    const context = fittingContext(config, device.limits, activations);
    const notices = [
      'Kept weights are not compared with WebAssembly at opening.',
      ...(probed?.sentence ? [probed.sentence] : []),
      ...(config.block.fitsHalves ? [] : [TOO_LARGE_FOR_HALVES]),
      ...(context.sentence ? [context.sentence] : []),
    ];
    return { weights, activations, config: { ...config, contextLength: context.length }, notices };
  } catch (error) {
    weights.release();
    throw error;
  }
}

/** A unique name for a model. For a repository: the address of its files at the commit. */
function addressOf(origin: Origin): string {
  if (origin.kind === 'hub') return `${origin.endpoint.replace(/\/+$/, '')}/${origin.repo}/resolve/${origin.revision}`;
  return origin.kind === 'url' ? origin.url : origin.name;
}
