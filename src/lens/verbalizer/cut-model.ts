import type { Engine } from '../engine/engine';
import { Model } from '../engine/model';
import { openWeights } from '../folders/weights';
import { insideBytes } from '../sizes';
import type { Source } from '../sources/source';
import { type LoadOptions, SharedLoad } from './shared';
import type { DeviceContext } from './source';

/** The open model, cut behind a block: its own sessions where a site is open there, else a second set that is built on
 *  first use and kept until the lens is closed: on the same weights where they lie on the device, else from the
 *  folder's, which the browser has in its HTTP cache. */
export class CutModel {
  private readonly second: SharedLoad<Model>;

  constructor(
    private readonly engine: Engine,
    private readonly host: DeviceContext,
    private readonly folder: Source,
    private readonly layer: number,
  ) {
    this.second = new SharedLoad((options) => this.build(this.host, options));
  }

  private get open(): boolean {
    return this.engine.model.parts.some(({ spec }) => spec.to === this.layer);
  }

  /** Bytes that the second set keeps in memory, 0 where it has none of its own. */
  get memory(): number {
    return this.open || this.host.resident ? 0 : insideBytes(this.engine.model.config);
  }

  async get(options: LoadOptions): Promise<Model> {
    return this.open ? this.engine.model : this.second.get(options);
  }

  private async build(
    { runtime, gpu, resident, compute, queue }: DeviceContext,
    { signal, onProgress }: LoadOptions,
  ): Promise<Model> {
    const weights =
      resident ??
      (await openWeights(this.folder, { signal, onBytes: (loaded, total) => onProgress?.({ loaded, total }) }));
    const { config } = this.engine.model;
    const { activations } = config;
    return queue.run(() =>
      Model.create({ config, weights, activations, sites: [this.layer], runtime, gpu, compute, signal }),
    );
  }

  /** As WordSource.release. */
  release(): Promise<void> {
    return this.second.release();
  }
}
