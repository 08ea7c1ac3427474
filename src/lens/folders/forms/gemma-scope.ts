import { UnsupportedModelError } from '../../api/errors';
import { readNpz } from '../../formats/npz';
import type { Source } from '../../sources/source';
import { jumprelu } from '../architectures/jumprelu';
import { REFUSED } from '../architectures/refused';
import { type DictionaryPlan, NO_FOLD } from '../dictionary-plan';
import { slotsFor } from '../slots';
import { checkFits, type DictionaryEntry, type PlanOptions, refuseK } from './entry';
import type { FolderForm } from './form';
import { narrowed } from './narrow';
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
 *  average count are in the path, the site in the repository's name (`…-res`). */
export const gemmaScope: FolderForm = {
  name: 'gemma-scope',
  config: null,
  weights: 'params.npz',
  claims: () => true,
  async read(source, folder) {
    const path = `${nameOf(source.origin)}/${folder}`;
    const site = /-(att|mlp|transcoders)(?:$|[-/])/.exec(nameOf(source.origin))?.[1];
    if (site !== undefined) {
      const why =
        site === 'transcoders'
          ? REFUSED.transcoder!
          : `it reads the output of ${site === 'mlp' ? 'an MLP' : 'an attention'}, and Lenslet reads the stream behind a block`;
      throw new UnsupportedModelError(`${folder}params.npz is a dictionary of ${nameOf(source.origin)}: ${why}.`, {
        folder,
      });
    }
    const layer = /(?:^|\/)layer_(\d{1,4})\//.exec(path)?.[1];
    if (layer === undefined)
      throw new UnsupportedModelError(
        `${folder}params.npz lies in no folder that names its layer, as layer_12/width_16k/average_l0_82 does.${path.includes('embedding') ? ' It reads the embeddings, before any block.' : ''}`,
        { folder },
      );
    const l0 = /(?:^|\/)average_l0_(\d{1,6})\//.exec(path)?.[1];
    return entryOf(folder, Number(layer), l0 === undefined ? null : Number(l0));
  },
};

function entryOf(folder: string, layer: number, l0: number | null): DictionaryEntry {
  const about = { library: 'Gemma Scope', architecture: 'jumprelu', folder: folder.slice(0, -1), l0, levels: null };
  return {
    ...{ layer, about, d: null, width: null, k: null },
    form: 'gemma-scope',
    activation: 'threshold',
    plan: (source, options) => plan(source, folder, layer, about, options),
  };
}

async function plan(
  from: Source,
  folder: string,
  layer: number,
  about: DictionaryEntry['about'],
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
    notices: [],
    form: 'gemma-scope',
  };
}
