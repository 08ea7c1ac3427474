import { neuronpediaSource } from '../../lens/exchange/neuronpedia';

/** A feature's name in one of the forms that are in use. */
interface CopyForm {
  id: 'id' | 'neuronpedia' | 'hook' | 'hidden' | 'sdk' | 'saelens';
  /** Whose form it is. */
  name: string;
  text: string;
}

interface CopiedFeature {
  /** The model folder's own name. */
  model: string;
  /** How many blocks the model has. */
  layers: number;
  layer: number;
  width: number;
  id: number;
  /** Whether the dictionary stores its maximum. */
  known: boolean;
}

/** All forms of a feature's name that are one text, the shortest first. */
export function copyForms({ model, layers, layer, width, id, known }: CopiedFeature): CopyForm[] {
  const hook = `blocks.${layer}.hook_resid_post`;
  return [
    { id: 'id', name: 'Feature', text: `${layer}:${id}` },
    { id: 'neuronpedia', name: 'Neuronpedia', text: `${model}@${neuronpediaSource(layer, width)}:${id}` },
    { id: 'hook', name: 'TransformerLens', text: hook },
    { id: 'hidden', name: 'Transformers', text: hiddenStates(layer, layers) },
    {
      id: 'sdk',
      name: 'Lenslet',
      text: known
        ? `lens.steer({ layer: ${layer}, feature: ${id}, weight: 1 })`
        : `{ layer: ${layer}, feature: ${id}, mode: 'add', strength: 1 }`,
    },
    {
      id: 'saelens',
      name: 'SAELens',
      // Python reads a JSON string as the same string.
      text: `from sae_lens import SAE\nsae = SAE.load_from_disk(${JSON.stringify(`${model}/sae/${hook}`)})\nrow = sae.W_dec[${id}]`,
    },
  ];
}

/** The site among a Hugging Face model's hidden states, the first of which is the embedding. The last is taken after
 *  the final norm, so no hidden state holds the last block's output: a forward hook on the block gives it. */
function hiddenStates(layer: number, layers: number): string {
  return layer + 1 < layers ? `hidden_states[${layer + 1}]` : `model.model.layers[${layer}]`;
}

/** What the decoder row's file is called. */
export const rowFile = (model: string, layer: number, id: number): string => `${model}.${layer}.${id}.decoder.npy`;
