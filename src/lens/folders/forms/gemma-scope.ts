import { UnsupportedModelError } from '../../api/errors';
import { readNpz } from '../../formats/npz';
import type { Source } from '../../sources/source';
import { jumprelu } from '../architectures/jumprelu';
import { type DictionaryPlan, NO_FOLD } from '../dictionary-plan';
import { slotsFor } from '../slots';
import { checkFits, type DictionaryEntry, type PlanOptions, refuseK } from './entry';
import type { FolderForm } from './form';
import { narrowed } from './narrow';
import { namedForStream, takenForStream } from './place';
import { nameOf } from './stated';
import { arrange, type Layout, widthOf } from './tensors';

const LAYOUT: Layout = {
  encoder: ['W_enc', 'columns'],
  decoder: ['W_dec', 'rows'],
  encoderBias: 'b_enc',
  decoderBias: 'b_dec',
  threshold: 'threshold',
};

/** Gemma Scope: `layer_12/width_16k/average_l0_82/params.npz`, JumpReLU without b_dec in its input. The layer and the
 *  average count are in the path, the site in the name of the repository or of a folder (`…-res`). */
export const gemmaScope: FolderForm = {
  name: 'gemma-scope',
  config: null,
  weights: 'params.npz',
  claims: () => true,
  async read(source, folder) {
    const path = `${nameOf(source.origin)}/${folder}`;
    const told = namedForStream(source, folder, `${folder}params.npz`);
    const layer = /(?:^|\/)layer_(\d{1,4})\//.exec(path)?.[1];
    if (layer === undefined)
      throw new UnsupportedModelError(
        `${folder}params.npz lies in no folder that names its layer, as layer_12/width_16k/average_l0_82 does.${path.includes('embedding') ? ' It reads the embeddings, before any block.' : ''}`,
        { folder },
      );
    const l0 = /(?:^|\/)average_l0_(\d{1,6})\//.exec(path)?.[1];
    const notices = told ? [] : [takenForStream(Number(layer))];
    return entryOf(folder, { layer: Number(layer), l0: l0 === undefined ? null : Number(l0), notices });
  },
};

type Read = { layer: number; l0: number | null; notices: string[] };

function entryOf(folder: string, { layer, l0, notices }: Read): DictionaryEntry {
  const about = { library: 'Gemma Scope', architecture: 'jumprelu', folder: folder.slice(0, -1), l0, levels: null };
  return {
    ...{ layer, about, d: null, width: null, k: null },
    form: 'gemma-scope',
    activation: 'threshold',
    plan: (source, options) => plan(source, { folder, layer, about, notices }, options),
  };
}

async function plan(
  from: Source,
  { folder, layer, about, notices }: Pick<DictionaryEntry, 'layer' | 'about'> & { folder: string; notices: string[] },
  options: PlanOptions,
): Promise<DictionaryPlan> {
  const { d, signal } = options;
  const path = `${folder}params.npz`;
  checkFits(path, { layer, d }, options);
  refuseK(path, options.k);
  const npz = await readNpz(from, path, { signal });
  const { file, stored, copy } = await narrowed(
    { ...npz, stored: npz.arrays, copied: npz.source !== from },
    { signal },
  );
  const width = widthOf(path, stored, LAYOUT.encoder, d);
  return {
    ...{ layer, d, width, about, file, ...copy },
    tensors: arrange(path, stored, { d, width }, LAYOUT),
    activation: jumprelu.activation({ k: null, threshold: null, width, file: path }),
    k: slotsFor(width, about.l0),
    fold: NO_FOLD,
    notices,
    form: 'gemma-scope',
  };
}
