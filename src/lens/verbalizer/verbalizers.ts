import { InvalidOptionError, LensError, SiteUnavailableError, VerbalizerUnavailableError } from '../api/errors';
import type {
  Score,
  ScoreControls,
  VerbalizeOptions,
  VerbalizerInfo,
  VerbalizerList,
  VerbalizerSource,
  VerbalizeStep,
} from '../api/verbalizer';
import type { Engine } from '../engine/engine';
import type { EngineTrace } from '../engine/trace';
import type { NlaPair } from '../folders/nla-pair';
import type { Source } from '../sources/source';
import { openNla } from './nla';
import { PATCHSCOPES } from './patchscopes';
import { SELFIE } from './selfie';
import type { DeviceContext, ScoringSource, WordSource } from './source';
import { runOf, targetsOf } from './targets';
import { TrainingFree } from './training-free';

/** The sources with which an open lens puts vectors into words. Turns the options of the lens's methods into runs. */
export class Verbalizers {
  private readonly free: readonly TrainingFree[];
  private found: Promise<ScoringSource | null> | null = null;

  constructor(
    private readonly engine: Engine,
    private readonly host: DeviceContext,
    private readonly folder: Source,
    /** Opens the pair that was named beside the model; null: the folder's own counts. */
    private readonly named: (() => Promise<NlaPair>) | null,
  ) {
    this.free = [SELFIE, PATCHSCOPES].map((recipe) => new TrainingFree(engine, host, folder, recipe));
  }

  async list(): Promise<VerbalizerList> {
    const { pair, notice } = await this.whole();
    return {
      sources: [...(pair ? [pair.info] : []), ...(await Promise.all(this.free.map((source) => source.described())))],
      notice,
    };
  }

  async *verbalize(target: EngineTrace | Float32Array, options: VerbalizeOptions): AsyncGenerator<VerbalizeStep> {
    const source = await this.source(options.source);
    const run = runOf(options, source.info);
    const layer = this.layerOf(source.info, options.layer);
    const targets = await targetsOf(target, options.position, { layer, d: this.engine.model.config.d });
    yield* source.verbalize(targets, { ...run, layer });
  }

  async reconstruct(texts: readonly string[]): Promise<Float32Array[]> {
    return (await this.pair()).reconstruct(texts);
  }

  async score(
    texts: readonly string[],
    target: EngineTrace | Float32Array,
    position: number | undefined,
  ): Promise<Score[]> {
    const pair = await this.pair();
    return pair.score(texts, await this.vector(pair, target, position));
  }

  async controls(
    target: EngineTrace | Float32Array,
    position: number | undefined,
    others: readonly string[] | undefined,
  ): Promise<ScoreControls> {
    const pair = await this.pair();
    return pair.controls(await this.vector(pair, target, position), { others });
  }

  /** As WordSource.release. */
  async release(): Promise<void> {
    for (const source of this.free) await source.release();
    const pair = await this.found?.catch(() => null);
    await pair?.release();
  }

  /** The folder's pair, or a notice that says why the pair cannot be used; both null if the folder has no pair. */
  private async whole(): Promise<{ pair: ScoringSource | null; notice: string | null }> {
    try {
      return { pair: await this.trained(), notice: null };
    } catch (error) {
      if (!(error instanceof LensError)) throw error;
      const whose = this.named ? 'The trained pair beside the model' : 'The folder’s trained pair';
      return { pair: null, notice: `${whose} is left out. ${error.message}` };
    }
  }

  /** The folder's pair; null if it has none. After a failed look-up, the next call looks again. */
  private trained(): Promise<ScoringSource | null> {
    const find = async () => {
      const pair = await this.named?.();
      return openNla(this.folder, this.host, this.engine.model.config, undefined, pair);
    };
    this.found ??= find().catch((error) => {
      this.found = null;
      throw error;
    });
    return this.found;
  }

  private async pair(): Promise<ScoringSource> {
    const pair = await this.trained();
    if (pair) return pair;
    throw new VerbalizerUnavailableError(
      `${this.folder.name} has no trained pair (no nla/index.json): words can come from SelfIE and Patchscopes, but nothing can be reconstructed or scored.`,
    );
  }

  private async source(wanted: VerbalizerSource | undefined): Promise<WordSource> {
    if (wanted === 'nla') return this.pair();
    const source =
      wanted === undefined
        ? ((await this.whole()).pair ?? this.free[0])
        : this.free.find(({ info }) => info.source === wanted);
    if (!source)
      throw new InvalidOptionError(
        `There is no source "${wanted}". There are nla, ${this.free.map(({ info }) => info.source).join(', ')}.`,
      );
    return source;
  }

  /** The layer to read: the pair's own, else the requested open site, by default the deepest. */
  private layerOf(info: VerbalizerInfo, wanted: number | undefined): number {
    const sites = this.engine.sites.map((site) => site.layer);
    if (info.layer !== null) {
      if (wanted === undefined || wanted === info.layer) return info.layer;
      throw new SiteUnavailableError(`${info.name} reads layer ${info.layer} alone, not ${wanted}.`, { layer: wanted });
    }
    const layer = wanted ?? sites.at(-1);
    if (layer !== undefined && sites.includes(layer)) return layer;
    throw new SiteUnavailableError(
      `There is no open dictionary ${layer === undefined ? 'in this model' : `at layer ${layer}`}. Layers with one: ${sites.join(', ') || 'none'}.`,
      { layer },
    );
  }

  private async vector(
    pair: ScoringSource,
    target: EngineTrace | Float32Array,
    position: number | undefined,
  ): Promise<Float32Array> {
    const { d } = this.engine.model.config;
    const [read] = await targetsOf(target, position, { layer: pair.info.layer!, d });
    return read!.vector;
  }
}
