const TRANSCODER = 'it reads the input of an MLP and writes its output, and Lenslet reads the stream between blocks';

/** Why architectures are not read, by SAELens' names and those of others; each continues a sentence. */
export const REFUSED: Readonly<Record<string, string>> = {
  temporal: 'its latents depend on earlier tokens',
  matching_pursuit: 'it chooses its latents one after the other',
  abstopk: 'its latents may be negative',
  groupmax: 'it keeps the largest latent of each group',
  transcoder: TRANSCODER,
  skip_transcoder: TRANSCODER,
  jumprelu_transcoder: TRANSCODER,
  jumprelu_skip_transcoder: TRANSCODER,
};
