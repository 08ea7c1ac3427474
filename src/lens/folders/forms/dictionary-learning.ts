import { CorruptFileError, UnsupportedModelError } from '../../api/errors';
import { JsonObject } from '../../formats/json';
import { readTorchFile } from '../../formats/torch-file';
import type { Source } from '../../sources/source';
import type { Architecture } from '../architectures/architecture';
import { batchtopk } from '../architectures/batchtopk';
import { gated } from '../architectures/gated';
import { jumprelu } from '../architectures/jumprelu';
import { relu } from '../architectures/relu';
import { topk } from '../architectures/topk';
import type { DictionaryPlan } from '../dictionary-plan';
import { slotsFor } from '../slots';
import { Complaints } from './complaints';
import { checkFits, type DictionaryEntry, type PlanOptions } from './entry';
import type { FolderForm } from './form';
import { narrowed } from './narrow';
import { namedForStream, takenForStream } from './place';
import { readNumbers, readScalar } from './scalars';
import { chosenK } from './stated';
import { arrange, type Layout, levelsIn, MAX_WIDTH } from './tensors';
import { noticesOf } from './trained';

const WEIGHTS = 'ae.pt';

interface Class {
  rule: Architecture;
  layout: Layout;
  /** Whether it encodes h - b_dec. */
  centred: boolean;
  /** Whether loading it with its library makes all decoder rows 1 long. */
  rescaled?: boolean;
  /** Tensors that are read as numbers, or not at all. */
  beside: string[];
}

const LINEAR = { encoder: ['encoder.weight', 'rows'], decoder: ['decoder.weight', 'columns'] } as const;
const MATRICES: Layout = {
  encoder: ['W_enc', 'columns'],
  decoder: ['W_dec', 'rows'],
  encoderBias: 'b_enc',
  decoderBias: 'b_dec',
};
const WITH_K: Layout = { ...LINEAR, encoderBias: 'encoder.bias', decoderBias: 'b_dec' };

/** By `dict_class`. Of two classes with the same tensors it alone decides: AutoEncoderTopK encodes by k and has its
 *  threshold for another use. */
const CLASSES: Readonly<Record<string, Class>> = {
  AutoEncoderTopK: { rule: topk, layout: WITH_K, centred: true, beside: ['k', 'threshold'] },
  BatchTopKSAE: { rule: batchtopk, layout: WITH_K, centred: true, beside: ['k', 'threshold'] },
  MatryoshkaBatchTopKSAE: {
    rule: batchtopk,
    layout: MATRICES,
    centred: true,
    beside: ['k', 'threshold', 'group_sizes'],
  },
  JumpReluAutoEncoder: {
    rule: jumprelu,
    layout: { ...MATRICES, threshold: 'threshold' },
    centred: false,
    beside: [],
  },
  AutoEncoder: {
    rule: relu,
    layout: { ...LINEAR, encoderBias: 'encoder.bias', decoderBias: 'bias' },
    centred: true,
    rescaled: true,
    beside: [],
  },
  GatedAutoEncoder: {
    rule: gated,
    layout: {
      ...LINEAR,
      encoderBias: 'mag_bias',
      decoderBias: 'decoder_bias',
      magnitude: 'r_mag',
      gateBias: 'gate_bias',
    },
    centred: true,
    beside: [],
  },
};

interface Read {
  layer: number;
  d: number;
  width: number;
  /** A key of CLASSES. */
  name: string;
  k: number | null;
  levels: number[] | null;
  model: string | null;
  /** Whether configuration or names say that it reads the stream. */
  told: boolean;
}

/** dictionary_learning: `trainer_0/{ae.pt,config.json}`. */
export const dictionaryLearning: FolderForm = {
  name: 'dictionary-learning',
  config: 'config.json',
  weights: WEIGHTS,
  claims: (config) => config.get('trainer') !== undefined,
  async read(source, folder, json) {
    const file = `${folder}config.json`;
    const trainer = new JsonObject(json, file).object('trainer');
    if (!trainer) throw new CorruptFileError(`${file}: "trainer" is missing.`, { file, key: 'trainer' });
    const complaints = new Complaints(trainer.file);
    const name = trainer.get('dict_class');
    if (name === undefined) trainer.refuse('dict_class', 'must name the kind of dictionary');
    if (typeof name !== 'string' || !Object.hasOwn(CLASSES, name))
      complaints.add('dict_class', name, `Lenslet reads ${Object.keys(CLASSES).join(', ')}`);
    const place = trainer.get('submodule_name');
    if (place !== undefined && (typeof place !== 'string' || !/^resid_post(?:_layer_\d+)?$/.test(place)))
      complaints.add('submodule_name', place, 'Lenslet reads the stream behind a block ("resid_post_layer_12")');
    complaints.check();
    const told = place !== undefined || namedForStream(source, folder, file);
    const layer = trainer.integer('layer', 0, 9999);
    const named = /_layer_(\d+)$/.exec(String(place ?? ''))?.[1];
    if (named !== undefined && Number(named) !== layer)
      throw new CorruptFileError(`${file} contradicts itself: it is of layers ${layer} and ${Number(named)}.`, {
        file,
      });
    const width = trainer.integer('dict_size', 1, MAX_WIDTH);
    const lm = trainer.get('lm_name');
    return entryOf(folder, {
      ...{ layer, width, name: name as string, told },
      d: trainer.integer('activation_dim', 1, 1 << 16),
      k: trainer.get('k') === undefined ? null : trainer.integer('k', 1, width),
      levels: levelsOf(trainer, width),
      model: typeof lm === 'string' && lm !== '' ? lm : null,
    });
  },
};

/** Widths from the innermost level on; the file has how many features each level adds. */
function levelsOf(trainer: JsonObject, width: number): number[] | null {
  if (trainer.get('group_sizes') === undefined) return null;
  let sum = 0;
  const levels = trainer.list('group_sizes', 64).map((size) => {
    sum += typeof size === 'number' ? size : Number.NaN;
    return sum;
  });
  return sum === width ? levelsIn(levels, width) : null;
}

function entryOf(folder: string, read: Read): DictionaryEntry {
  const { layer, d, width, name, k, levels } = read;
  const { kind } = CLASSES[name]!.rule === topk ? ({ kind: 'topk' } as const) : ({ kind: 'threshold' } as const);
  return {
    ...{ layer, d, width, activation: kind },
    k: kind === 'topk' ? k : null,
    form: 'dictionary-learning',
    about: {
      ...{ library: 'dictionary_learning', architecture: name, levels },
      folder: folder.slice(0, -1),
      // A batch of tokens has k latents a token on average.
      l0: kind === 'topk' ? null : k,
    },
    plan: (source, options) => plan(source, folder, read, options),
  };
}

async function plan(from: Source, folder: string, read: Read, options: PlanOptions): Promise<DictionaryPlan> {
  const { layer, d, width, name, model, told } = read;
  const { signal } = options;
  const { rule, layout, centred, rescaled = false, beside } = CLASSES[name]!;
  checkFits(`${folder}config.json`, read, options);
  const path = `${folder}${WEIGHTS}`;
  const found = await readTorchFile(from, path, { signal });
  const { file, stored, source, copy } = await narrowed({ ...found, stored: found.tensors, source: from }, { signal });
  const tensors = arrange(path, stored, read, layout, beside);
  const inFile =
    stored.has('k') && beside.includes('k') ? await readNumbers(source, file, stored, 'k', { signal }) : [];
  if (inFile[0] !== undefined && read.k !== null && inFile[0] !== read.k)
    throw new UnsupportedModelError(`${path} says k ${inFile[0]}, and its config.json ${read.k}. Save it again.`, {
      file: path,
    });
  const k = rule === topk ? chosenK(source, inFile[0] ?? read.k, options.k, width) : null;
  const threshold = rule.scalar ? await readScalar(source, file, stored, 'threshold', { signal }) : null;
  const activation = rule.activation({ k, threshold, width, file: path });
  const { about } = entryOf(folder, read);
  return {
    ...{ layer, d, width, file, ...copy, tensors, activation, about },
    k: activation.kind === 'topk' ? activation.k : slotsFor(width, about.l0),
    fold: { inputScale: 1, centred, rescaled },
    notices: [...(told ? [] : [takenForStream(layer)]), ...noticesOf({ model, firstToken: null }, layer, options.name)],
    form: 'dictionary-learning',
  };
}
