/** An SAE's weights as they were stored. W_enc is kept transposed, one row a feature, so that both matrices are [width,
 *  d]. */
export interface DictionaryWeights {
  d: number;
  width: number;
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
