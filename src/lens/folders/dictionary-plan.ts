import type { DictionaryAbout } from '../api/site';
import type { Source, SourceFile } from '../sources/source';

/** Where a matrix or vector of a dictionary lies in its file. */
export interface DictionaryTensor {
  dtype: 'F32' | 'F16' | 'BF16';
  /** Shape as stored, row-major: a matrix is [width, d], or [d, width] if `transposed`. */
  shape: number[];
  begin: number;
  end: number;
  transposed: boolean;
}

/** How a dictionary's own numbers become p = h W + b, z = act(p), h^ = z W_dec + b_dec (folders/fold.ts). In this
 *  order: the input is scaled, b_dec subtracted, and latents measured in units of their decoder row. */
export interface Fold {
  /** h is multiplied by it before the encoder, and h^ divided by it; 1 of most. */
  inputScale: number;
  /** The encoder reads h - b_dec. */
  centred: boolean;
  /** p is multiplied by its decoder row's norm, and the row divided by it: the row's in the residual's units, so
   *  divided by `inputScale`. */
  rescaled: boolean;
}

export type Activation =
  | { kind: 'topk'; k: number }
  /** `all`: the threshold of every feature, where the file has no tensor of them. Below 0 it is 0. */
  | { kind: 'threshold'; all: number };

/** Describes one layer's dictionary in a source, without its weights. All sizes were checked against the model; the
 *  conversion checks that the numbers are finite. */
export interface DictionaryPlan {
  layer: number;
  d: number;
  width: number;
  /** Codes to keep a token: k, or room for the largest ones. */
  k: number;
  activation: Activation;
  fold: Fold;
  about: DictionaryAbout;
  /** What its reader should know: it was trained on another model, behind a first token, … Whole sentences. */
  notices: string[];
  /** How its files are named and laid out (folders/forms/). */
  form: 'qwen-scope' | 'saelens' | 'sparsify' | 'dictionary-learning' | 'gemma-scope' | 'gemma-scope-2' | 'layer-file';
  file: SourceFile;
  /** The source to read `file` from, where that is not the one it was found in but a copy in memory: the file is
   *  compressed, or of float64. */
  source?: Source;
  /** Tensors share no bytes. Of a gated dictionary, `encoderBias` is that of the magnitudes: W = W_enc e^magnitude,
   *  b = encoderBias, threshold = encoderBias - e^magnitude gateBias. */
  tensors: {
    encoder: DictionaryTensor;
    decoder: DictionaryTensor;
    encoderBias: DictionaryTensor;
    decoderBias: DictionaryTensor;
    threshold?: DictionaryTensor;
    magnitude?: DictionaryTensor;
    gateBias?: DictionaryTensor;
  };
}

/** The fold of a dictionary that has the common form already. */
export const NO_FOLD: Fold = { inputScale: 1, centred: false, rescaled: false };
