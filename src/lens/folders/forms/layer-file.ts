import { CorruptFileError, UnsupportedModelError } from '../../api/errors';
import { readTorchFile } from '../../formats/torch-file';
import type { Source } from '../../sources/source';
import { batchtopk } from '../architectures/batchtopk';
import { jumprelu } from '../architectures/jumprelu';
import { topk } from '../architectures/topk';
import { type DictionaryPlan, NO_FOLD } from '../dictionary-plan';
import { slotsFor } from '../slots';
import { checkFits, type DictionaryEntry, type PlanOptions, refuseK } from './entry';
import { checkValues, kIn, type LayerContent, numberIn } from './layer-values';
import { narrowed } from './narrow';
import { chosenK, statedK } from './stated';
import { arrange, type Layout, l0Of, type MatrixName, type Stored, widthOf } from './tensors';

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
    ...{ layer, about, d: null, width: null, file: path.slice(folder.length) },
    form: scope === undefined ? 'layer-file' : 'qwen-scope',
    activation: scope === undefined ? null : 'topk',
    k: statedK(source, folder),
    plan: (from, options) => plan(from, read, options),
  };
}

type Read = Pick<DictionaryEntry, 'layer' | 'about'> & { path: string };
type Planned = Omit<DictionaryPlan, 'layer' | 'd' | 'file' | 'source'>;

interface File extends LayerContent {
  /** The source that the file was found in. */
  from: Source;
  read: Read;
  options: PlanOptions;
}

/** What a file holds tells which kind it is; only Qwen-Scope's layout is told by the file's name. */
async function plan(from: Source, read: Read, options: PlanOptions): Promise<DictionaryPlan> {
  const { path, layer, about } = read;
  const { d, signal } = options;
  checkFits(path, { layer, d }, options);
  const found = await readTorchFile(from, path, { signal });
  const { copy, ...file } = await narrowed({ ...found, stored: found.tensors, source: from }, { signal });
  const of: File = { ...file, values: found.values, from, read, options };
  const kind = found.tensors.has(`${STATE}W_enc`) ? scaledPlan : about.library === null ? thresholdPlan : scopePlan;
  return { layer, d, file: file.file, ...copy, ...(await kind(of)) };
}

async function scopePlan(of: File): Promise<Planned> {
  const { stored, read, options } = of;
  const { path, about } = read;
  const { d } = options;
  const width = stored.has('W_enc') ? widthOf(path, stored, QWEN_SCOPE.encoder, d) : 0;
  const tensors = arrange(path, stored, { d, width }, QWEN_SCOPE, ['k']);
  checkValues(of, ['k'], { layer: read.layer, d, width });
  const k = await kOf(of, width);
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
async function scaledPlan(of: File): Promise<Planned> {
  const { stored, read, options } = of;
  const { path, about } = read;
  const { d, signal } = options;
  const encoder = turned(path, stored, `${STATE}W_enc`, d);
  const width = widthOf(path, stored, encoder, d);
  const layout: Layout = {
    encoder,
    decoder: turned(path, stored, `${STATE}W_dec`, d),
    encoderBias: `${STATE}b_enc`,
    decoderBias: `${STATE}b_pre`,
  };
  const tensors = arrange(path, stored, { d, width }, layout, ['scale', 'k']);
  checkValues(of, ['scale', 'k'], { layer: read.layer, d, width });
  const scale = await numberIn(of, 'scale', { signal });
  if (scale === null || !(scale > 0 && scale < 1e12))
    throw new UnsupportedModelError(
      `${path} has no "scale" that is a number above 0, which its input is multiplied by.`,
      { file: path, key: 'scale' },
    );
  const k = await kOf(of, width);
  return {
    ...{ width, k, tensors },
    about: { ...about, library: null, architecture: 'topk' },
    activation: topk.activation({ k, threshold: null, width, file: path }),
    fold: { inputScale: scale, centred: true, rescaled: false },
    notices: [],
    form: 'layer-file',
  };
}

/** With a threshold. The file does not say whether b_dec is subtracted from the input: all published code for batch-top-k
 *  dictionaries does, which have one threshold for all features, and that for JumpReLU ones, which have one for each,
 *  does not. */
async function thresholdPlan(of: File): Promise<Planned> {
  const { stored, values, read, options } = of;
  const { path, layer, about } = read;
  const { d, signal } = options;
  refuseK(path, options.k);
  refuseUntold(path, stored, values);
  const encoder = turned(path, stored, 'W_enc', d);
  const width = widthOf(path, stored, encoder, d);
  const layout: Layout = {
    encoder,
    decoder: turned(path, stored, 'W_dec', d),
    encoderBias: 'b_enc',
    decoderBias: 'b_dec',
  };
  const each = hasThresholds(stored);
  const sizes = { layer, d, width };
  if (each) {
    const tensors = arrange(path, stored, sizes, { ...layout, threshold: 'threshold' });
    checkValues(of, [], sizes);
    return {
      ...{ width, tensors, fold: NO_FOLD, form: 'layer-file', k: slotsFor(width, null) },
      about: { ...about, architecture: 'jumprelu' },
      activation: jumprelu.activation({ k: null, threshold: null, width, file: path }),
      notices: [
        `The file of layer ${layer} does not say how its thresholds are meant. It is read as the code for JumpReLU dictionaries reads it: b_dec is not subtracted from the input, and what lies above a feature's threshold is active.`,
      ],
    };
  }
  const tensors = arrange(path, stored, sizes, layout, ['k', 'threshold']);
  checkValues(of, ['k', 'threshold'], sizes);
  const threshold = await numberIn(of, 'threshold', { signal });
  const l0 = l0Of(await numberIn(of, 'k', { signal }));
  return {
    ...{ width, tensors, form: 'layer-file', k: slotsFor(width, l0) },
    about: { ...about, architecture: 'batchtopk', l0 },
    activation: batchtopk.activation({ k: null, threshold, width, file: path }),
    fold: { inputScale: 1, centred: true, rescaled: false },
    notices: [
      `The file of layer ${layer} does not say how its threshold is meant. It is read as the code for batch-top-k dictionaries reads it: b_dec is subtracted from the input, and what lies above the threshold is active.`,
    ],
  };
}

/** Whether there is a threshold for each feature. */
function hasThresholds(stored: Stored): boolean {
  const shape = stored.get('threshold')?.shape ?? [];
  return shape.reduce((product, n) => product * n, 1) !== 1;
}

/** Throws UnsupportedModelError for files that may be of either of two kinds with other codes. */
function refuseUntold(path: string, stored: Stored, values: LayerContent['values']): void {
  const refuse = (why: string) => new UnsupportedModelError(`${path} ${why}`, { file: path });
  if (!stored.has('threshold') && !values.has('threshold'))
    throw refuse(
      'has no threshold, and no state with its scale: nothing says which latents are active, or whether b_dec is subtracted from the input. Files of Qwen-Scope are named as layer12.sae.pt is.',
    );
  if (stored.has('encoder.weight'))
    throw refuse(
      'has the tensors of dictionary_learning, whose configuration alone says whether k or the threshold decides. Open its folder with ae.pt and config.json, as they were saved.',
    );
  if (hasThresholds(stored) && (stored.has('k') || values.has('k')))
    throw refuse(
      'has a threshold for each feature and a k: it may be a JumpReLU or a batch-top-k dictionary, and only of the second b_dec is subtracted from the input. Open it as the library that trained it saves it, with its configuration.',
    );
}

/** k by the file, the names around it, or the caller; those that say it must agree. */
async function kOf(of: File, width: number): Promise<number> {
  const { from, read, options } = of;
  const [inside, named] = [await kIn(of, width, options), statedK(from, read.about.folder)];
  if (inside !== null && named !== null && inside !== named)
    throw new CorruptFileError(`${read.path} says k ${inside}, and the name of ${from.name} says ${named}.`, {
      file: read.path,
    });
  return chosenK(from, inside ?? named, options.k, width);
}

/** Which way a matrix lies, by its shape. Throws UnsupportedModelError where it is square. */
function turned(path: string, stored: Stored, name: string, d: number): MatrixName {
  const { shape = [] } = stored.get(name) ?? {};
  if (shape[0] === d && shape[1] === d)
    throw new UnsupportedModelError(
      `${name} in ${path} has ${d} rows and columns: which of them are features cannot be told.`,
      { file: path, tensor: name },
    );
  return [name, shape[0] === d ? 'columns' : 'rows'];
}
