import type { Engine } from '../engine/engine';
import { Model } from '../engine/model';
import { ResidentWeights } from '../engine/resident';
import { CUT_ELSEWHERE, checkWasm } from '../engine/wasm-limit';
import { openWeights } from '../folders/weights';
import { heldMemory, insideBytes, wasmMemory } from '../sizes';
import type { Source } from '../sources/source';
import { type LoadOptions, SharedLoad } from './shared';
import type { DeviceContext } from './source';

/** The open model, cut behind a block. If a site is open there, it uses the model's own sessions. Else it builds a
 *  second set on first use and keeps that until the lens is closed. The second set shares weights that lie on the
 *  device; other weights it reads from the store, or from the folder, which the browser has in its HTTP cache. */
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

  /** Bytes of weights that the second set keeps in memory; 0 if it has no weights of its own. */
  get memory(): number {
    if (this.open || this.host.weights instanceof ResidentWeights) return 0;
    return insideBytes(this.engine.model.config);
  }

  async get(options: LoadOptions): Promise<Model> {
    return this.open ? this.engine.model : this.second.get(options);
  }

  private async build(
    { runtime, gpu, weights: shared, compute, queue }: DeviceContext,
    { signal, onProgress }: LoadOptions,
  ): Promise<Model> {
    const { config } = this.engine.model;
    const sites = [this.layer];
    // What is kept is read for each part; a folder's files lie in memory meanwhile.
    if (!gpu) checkWasm(CUT_ELSEWHERE, (shared ? wasmMemory : heldMemory)(config, { sites }));
    const weights =
      shared ??
      (await openWeights(this.folder, { signal, onBytes: (loaded, total) => onProgress?.({ loaded, total }) }));
    const { activations } = config;
    return queue.run(() => Model.create({ config, weights, activations, sites, runtime, gpu, compute, signal }));
  }

  /** As WordSource.release. */
  release(): Promise<void> {
    return this.second.release();
  }
}
