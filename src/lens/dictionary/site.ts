import type { FeatureData } from '../artifacts/feature-data';
import { float16ToFloat32 } from '../artifacts/halves';
import type { SaeFiles } from '../artifacts/sae';
import type { Compute, Dictionary } from '../kernels/compute';
import type { SiteInfo } from '../types';

/** An SAE at its site: weights on the device, statistics on the host. */
export class Site {
  readonly layer: number;
  readonly dictionary: Dictionary;
  readonly info: SiteInfo;
  /** Largest value seen per feature on this machine: stands in for the maximum where the dictionary has no statistics. */
  readonly seen: Float32Array;

  constructor(
    private readonly sae: SaeFiles,
    compute: Compute,
    /** What was found out about its features; null: the folder has none. */
    readonly features: FeatureData | null = null,
  ) {
    this.layer = sae.layer;
    this.dictionary = compute.dictionary(sae.weights);
    this.seen = new Float32Array(sae.width);
    this.info = {
      layer: sae.layer,
      width: sae.width,
      k: sae.k,
      center: sae.center,
      normMedian: sae.stats?.normMedian ?? null,
      maximum: sae.stats?.maximum ?? null,
      density: sae.stats?.density ?? null,
      sha256: sae.sha256,
      features: features?.head ?? null,
    };
  }

  /** W_dec[feature], [d]. */
  decoderRow(feature: number): Float32Array {
    const { decoder } = this.sae.weights;
    const row = decoder.subarray(feature * this.sae.d, (feature + 1) * this.sae.d);
    return row instanceof Float32Array ? row.slice() : float16ToFloat32(row);
  }
}
