import type { SiteInfo } from '../api/site';
import type { DictionaryFiles } from '../folders/dictionary';
import type { FeatureData } from '../folders/feature-data';
import { type Compute, type Dictionary, slice } from '../kernels/compute';

/** Facts about a dictionary beside its matrices. */
type SiteFacts = Pick<SiteInfo, 'layer' | 'center' | 'normMedian' | 'maximum' | 'density' | 'fvu' | 'sha256' | 'about'>;

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
    this.layer = facts.layer;
    this.seen = new Float32Array(width);
    this.info = { ...facts, width, k, activation, features: features?.head ?? null };
  }

  /** Makes a site of an SAE folder that was read into memory. */
  static open(
    { layer, weights, center, stats, sha256, about }: DictionaryFiles,
    compute: Compute,
    features: FeatureData | null = null,
  ): Site {
    const { normMedian, maximum, density } = stats ?? { normMedian: null, maximum: null, density: null };
    const stated = stats?.fvu ?? null;
    const fvu = stated === null ? null : { stated, probe: null, far: false };
    return new Site(
      compute,
      compute.dictionary(weights),
      { layer, center, normMedian, maximum, density, fvu, sha256, about },
      features,
    );
  }

  /** Makes a site of a dictionary from this browser's store, which keeps no statistics; mu is b_dec. */
  static stored(
    { layer, sha256, about }: Pick<SiteFacts, 'layer' | 'sha256' | 'about'>,
    dictionary: Dictionary,
    compute: Compute,
  ): Site {
    return new Site(compute, dictionary, {
      layer,
      center: 'b_dec',
      normMedian: null,
      maximum: null,
      density: null,
      fvu: null,
      sha256,
      about,
    });
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
