import { UnsupportedModelError } from '../../api/errors';
import { readTorchFile } from '../../formats/torch-file';
import type { Source } from '../../sources/source';
import { batchtopk } from '../architectures/batchtopk';
import { jumprelu } from '../architectures/jumprelu';
import { topk } from '../architectures/topk';
import { type DictionaryPlan, NO_FOLD } from '../dictionary-plan';
import { slotsFor } from '../slots';
import { checkFits, type DictionaryEntry, type PlanOptions, refuseK } from './entry';
import { narrowed } from './narrow';
import { readScalar } from './scalars';
import { chosenK, statedK } from './stated';
import { arrange, type Layout, type MatrixName, type Stored, widthOf } from './tensors';

/** Qwen-Scope's, as its cards state it. Either matrix may be stored as a transposed view. */
const QWEN_SCOPE: Layout = {
  encoder: ['W_enc', 'rows'],
  decoder: ['W_dec', 'columns'],
  encoderBias: 'b_enc',
  decoderBias: 'b_dec',
};
/** The dict in the dict of files that keep their scale beside it. */
const STATE = 'state.';

/** A file for each layer: `layer12.sae.pt` of Qwen-Scope, `layer_12.pt` of others. */
export function layerFile(source: Source, path: string): DictionaryEntry | null {
  const [, folder = '', scope, flat] =
    /^(.*\/)?(?:layer(0|[1-9]\d{0,3})\.sae\.pt|layer_?(\d{1,4})\.pt)$/.exec(path) ?? [];
  const number = scope ?? flat;
  if (number === undefined) return null;
  const about = {
    library: scope === undefined ? null : 'Qwen-Scope',
    architecture: scope === undefined ? null : 'topk',
    ...{ folder: folder.slice(0, -1), l0: null, levels: null },
  };
  const layer = Number(number);
  const read = { path, layer, about };
  return {
    ...{ layer, about, d: null, width: null },
    form: scope === undefined ? 'layer-file' : 'qwen-scope',
    activation: scope === undefined ? null : 'topk',
    k: statedK(source, folder),
    plan: (from, options) => plan(from, read, options),
  };
}

type Read = Pick<DictionaryEntry, 'layer' | 'about'> & { path: string };
type Planned = Omit<DictionaryPlan, 'layer' | 'd' | 'file' | 'source'>;

/** What a file holds tells which kind it is. */
async function plan(from: Source, read: Read, options: PlanOptions): Promise<DictionaryPlan> {
  const { path, layer } = read;
  const { d, signal } = options;
  checkFits(path, { layer, d }, options);
  const found = await readTorchFile(from, path, { signal });
  const { copy, ...file } = await narrowed({ ...found, stored: found.tensors, source: from }, { signal });
  const of: File = { ...file, values: found.values, from, read, options };
  const { tensors } = found;
  const batched = tensors.has('threshold') || found.values.has('threshold');
  const planned = tensors.has(`${STATE}W_enc`) ? scaledPlan(of) : batched ? await batchedPlan(of) : scopePlan(of);
  return { layer, d, file: file.file, ...copy, ...planned };
}

interface File {
  file: DictionaryPlan['file'];
  stored: Stored;
  values: ReadonlyMap<string, number | string | boolean>;
  /** To read numbers of the file from, and the source that it was found in. */
  source: Source;
  from: Source;
  read: Read;
  options: PlanOptions;
}

function scopePlan({ stored, from, read, options }: File): Planned {
  const { path, about } = read;
  const { d } = options;
  const width = stored.has('W_enc') ? widthOf(path, stored, QWEN_SCOPE.encoder, d) : 0;
  const tensors = arrange(path, stored, { d, width }, QWEN_SCOPE);
  const k = chosenK(from, statedK(from, about.folder), options.k, width);
  return {
    ...{ width, k, about, tensors },
    activation: topk.activation({ k, threshold: null, width, file: path }),
    fold: NO_FOLD,
    notices: [],
    form: 'qwen-scope',
  };
}

/** `{state: {W_enc, b_enc, W_dec, b_pre}, scale, k, width}`: the k largest of ((scale h - b_pre) W_enc + b_enc); what is
 *  decoded is divided by the scale again (the card of Qwen3.8-27B-Scope). */
function scaledPlan({ stored, values, from, read, options }: File): Planned {
  const { path, about } = read;
  const { d } = options;
  const encoder = turned(path, stored, `${STATE}W_enc`, d);
  const width = widthOf(path, stored, encoder, d);
  const layout: Layout = {
    encoder,
    decoder: turned(path, stored, `${STATE}W_dec`, d),
    encoderBias: `${STATE}b_enc`,
    decoderBias: `${STATE}b_pre`,
  };
  const scale = values.get('scale');
  if (typeof scale !== 'number' || !(scale > 0 && scale < 1e12))
    throw new UnsupportedModelError(
      `${path} has no "scale" that is a number above 0, which its input is multiplied by.`,
      {
        file: path,
        key: 'scale',
      },
    );
  const stated = values.get('k');
  const k = chosenK(from, typeof stated === 'number' ? stated : statedK(from, about.folder), options.k, width);
  return {
    ...{ width, k },
    tensors: arrange(path, stored, { d, width }, layout),
    about: { ...about, architecture: 'topk' },
    activation: topk.activation({ k, threshold: null, width, file: path }),
    fold: { inputScale: scale, centred: true, rescaled: false },
    notices: [],
    form: 'layer-file',
  };
}

/** With a threshold, for all features or for each: a batch-top-k dictionary, whose file does not say whether b_dec is
 *  subtracted from its input. All published batch-top-k code does. */
async function batchedPlan({ file, stored, values, source, read, options }: File): Promise<Planned> {
  const { path, layer, about } = read;
  const { d, signal } = options;
  refuseK(path, options.k);
  const linear = stored.has('encoder.weight');
  const encoder: MatrixName = linear ? ['encoder.weight', 'rows'] : turned(path, stored, 'W_enc', d);
  const layout: Layout = {
    encoder,
    decoder: linear ? ['decoder.weight', 'columns'] : turned(path, stored, 'W_dec', d),
    encoderBias: linear ? 'encoder.bias' : 'b_enc',
    decoderBias: 'b_dec',
  };
  const width = widthOf(path, stored, encoder, d);
  const each = (stored.get('threshold')?.shape.length ?? 0) > 0;
  const beside = each ? ['k'] : ['k', 'threshold'];
  const tensors = arrange(path, stored, { d, width }, each ? { ...layout, threshold: 'threshold' } : layout, beside);
  const number = async (name: string) => {
    const value = values.get(name);
    return typeof value === 'number' ? value : readScalar(source, file, stored, name, { signal });
  };
  const threshold = each ? null : await number('threshold');
  const l0 = await number('k');
  return {
    ...{ width, tensors },
    about: { ...about, architecture: 'batchtopk', l0 },
    activation: (each ? jumprelu : batchtopk).activation({ k: null, threshold, width, file: path }),
    k: slotsFor(width, l0),
    fold: { inputScale: 1, centred: true, rescaled: false },
    notices: [
      `The file of layer ${layer} does not say how its threshold is meant. It is read as the code for batch-top-k dictionaries reads it: b_dec is subtracted from the input, and what lies above the threshold is active.`,
    ],
    form: 'layer-file',
  };
}

/** Which way a matrix lies, by its shape. Throws UnsupportedModelError where it is square. */
function turned(path: string, stored: Stored, name: string, d: number): MatrixName {
  const { shape = [] } = stored.get(name) ?? {};
  if (shape[0] === d && shape[1] === d)
    throw new UnsupportedModelError(
      `${name} in ${path} has ${d} rows and columns: which of them are features cannot be told.`,
      {
        file: path,
        tensor: name,
      },
    );
  return [name, shape[0] === d ? 'columns' : 'rows'];
}
