import type { SiteInfo } from '../api/site';
import type { DictionaryFiles } from '../folders/dictionary';
import type { FeatureData } from '../folders/feature-data';
import { type FeatureStats, NONE } from '../folders/sae-stats';
import { type Compute, type Dictionary, slice } from '../kernels/compute';

/** Facts about a dictionary beside its matrices; `stats`: null where nothing was measured. */
interface SiteFacts extends Pick<SiteInfo, 'layer' | 'center' | 'sha256' | 'about'> {
  stats: FeatureStats | null;
}

/** An SAE at its site: weights on the device alone, statistics on the host. */
export class Site {
  readonly layer: number;
  readonly info: SiteInfo;
  /** Largest value seen per feature on this machine: stands in for the maximum where the dictionary has no
   *  statistics. */
  readonly seen: Float32Array;
  private readonly lengths = new Map<number, number>();

  constructor(
    private readonly compute: Compute,
    readonly dictionary: Dictionary,
    facts: SiteFacts,
    /** Data about its features; null if there are none. */
    readonly features: FeatureData | null = null,
  ) {
    const { width, k, activation } = dictionary;
    const { stats, ...known } = facts;
    const { normMedian, maximum, density, fvu: stated } = stats ?? NONE;
    const fvu = stated === null ? null : { stated, probe: null, far: false };
    this.layer = facts.layer;
    this.seen = new Float32Array(width);
    const measured = { normMedian, maximum, density, fvu };
    this.info = { ...known, ...measured, width, k, activation, features: features?.head ?? null };
  }

  /** Makes a site of an SAE folder that was read into memory. */
  static open(
    { layer, weights, center, stats, sha256, about }: DictionaryFiles,
    compute: Compute,
    features: FeatureData | null = null,
  ): Site {
    return new Site(compute, compute.dictionary(weights), { layer, center, stats, sha256, about }, features);
  }

  /** W_dec[feature] as it lies on the device, [d]. Waits for the device: call it within the engine's queue. */
  async decoderRow(feature: number): Promise<Float32Array> {
    const out = this.compute.rows(1, this.dictionary.d);
    try {
      this.compute.decoderRow(this.dictionary, feature, slice(out));
      return (await this.compute.read([out]))[0]!;
    } finally {
      this.compute.release(out);
    }
  }

  /** |W_dec[feature]|, read once. Within the engine's queue. */
  async decoderLength(feature: number): Promise<number> {
    let length = this.lengths.get(feature);
    if (length === undefined) {
      length = Math.hypot(...(await this.decoderRow(feature)));
      this.lengths.set(feature, length);
    }
    return length;
  }
}
