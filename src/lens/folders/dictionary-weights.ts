/** What is done to a dictionary's matrices and pre-activations beside the common form. */
export interface Shaping {
  /** See SiteInfo.activation. */
  activation: 'topk' | 'threshold';
  /** What each row is multiplied by, [width]; null: 1. */
  encoderScale: Float32Array | null;
  decoderScale: Float32Array | null;
  /** Of a `threshold` dictionary, [width], from 0 on: p is a latent above it. Null: 0. */
  threshold: Float32Array | null;
}

/** A top-k dictionary whose matrices are used as they are. */
export const AS_STORED: Shaping = { activation: 'topk', encoderScale: null, decoderScale: null, threshold: null };

/** An SAE's weights as they were stored. W_enc is kept transposed, one row a feature, so that both matrices are [width,
 *  d]. */
export interface DictionaryWeights extends Shaping {
  d: number;
  width: number;
  /** Codes that are kept a token. */
  k: number;
  /** 'float16': bits of IEEE half floats, two a u32; kept packed on the GPU, exact. */
  dtype: 'float32' | 'float16';
  encoder: Float32Array | Uint16Array; // [width * d]
  decoder: Float32Array | Uint16Array; // [width * d]
  encoderBias: Float32Array; // [width]
  decoderBias: Float32Array; // [d]
  /** mu of FVU, [d]. */
  center: Float32Array;
}
