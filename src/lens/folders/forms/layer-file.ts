import { ShapeMismatchError } from '../../api/errors';
import { readTorchFile } from '../../formats/torch-file';
import type { Source } from '../../sources/source';
import { topk } from '../architectures/topk';
import { type DictionaryPlan, NO_FOLD } from '../dictionary-plan';
import type { DictionaryEntry, PlanOptions } from './entry';
import { chosenK, statedK } from './stated';
import { arrange, type Layout, widthOf } from './tensors';

/** Qwen-Scope's, as its cards state it. Either matrix may be stored as a transposed view. */
const QWEN_SCOPE: Layout = {
  encoder: ['W_enc', 'rows'],
  decoder: ['W_dec', 'columns'],
  encoderBias: 'b_enc',
  decoderBias: 'b_dec',
};

/** A file for each layer, in one folder: `layer12.sae.pt` of Qwen-Scope. */
export function layerFile(source: Source, path: string): DictionaryEntry | null {
  const [, folder = '', number] = /^(.*\/)?layer(0|[1-9]\d{0,3})\.sae\.pt$/.exec(path) ?? [];
  if (number === undefined) return null;
  const about = { library: 'Qwen-Scope', architecture: 'topk', folder: folder.slice(0, -1), l0: null, levels: null };
  const layer = Number(number);
  return {
    ...{ layer, about, d: null, width: null },
    form: 'qwen-scope',
    activation: 'topk',
    k: statedK(source, folder),
    plan: (from, options) => plan(from, path, layer, about, options),
  };
}

async function plan(
  source: Source,
  path: string,
  layer: number,
  about: DictionaryEntry['about'],
  { d, layers, k, signal }: PlanOptions,
): Promise<DictionaryPlan> {
  if (layer >= layers)
    throw new ShapeMismatchError(
      `${path} is of layer ${layer}, and the model has layers 0 to ${layers - 1}. Use a dictionary of this model.`,
      { layer },
    );
  const { file, tensors: stored } = await readTorchFile(source, path, { signal });
  const width = stored.has('W_enc') ? widthOf(path, stored, QWEN_SCOPE.encoder, d) : 0;
  const tensors = arrange(path, stored, { d, width }, QWEN_SCOPE);
  const stated = chosenK(source, statedK(source, about.folder), k, width);
  const activation = topk.activation({ k: stated, threshold: null, width, file: path });
  return {
    ...{ layer, d, width, activation, about, file, tensors },
    k: stated,
    fold: NO_FOLD,
    notices: [],
    form: 'qwen-scope',
  };
}
