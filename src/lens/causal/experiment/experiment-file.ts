import type { InferOutput } from 'valibot';
import { CorruptFileError } from '../../api/errors';
import { jsonText, nineDigits } from '../../exchange/json-text';
import { read, readJson } from '../../exchange/schemas';
import { hashText } from '../prompts/hash';
import { identified } from '../prompts/prompt-set';
import type { Experiment } from './experiment';
import { experimentSchema } from './experiment-schema';
import { checkTogether } from './rules';

/** In UTF-16 units. */
const MOST_TEXT = 32_000_000;

/** Parses an experiment, and gives its prompts their ids. Throws CorruptFileError for a value out of range and for an
 *  unknown key: an experiment read in part would run as another. */
export async function parseExperiment(text: string, file = 'The experiment'): Promise<Experiment> {
  if (text.length > MOST_TEXT)
    throw new CorruptFileError(`${file} has ${text.length} characters; at most ${MOST_TEXT} are read.`, { file });
  return whole(readJson(experimentSchema, new TextEncoder().encode(text), file), file);
}

/** The same for an object that is part of another file. */
export async function readExperiment(value: unknown, file: string): Promise<Experiment> {
  return whole(read(experimentSchema, value, file), file);
}

async function whole(given: InferOutput<typeof experimentSchema>, file: string): Promise<Experiment> {
  const prompts: [string, Experiment['prompts'][string]][] = [];
  for (const [name, set] of Object.entries(given.prompts))
    prompts.push([name, { ...set, items: await identified(set.items, `${file}: prompts: ${name}`) }]);
  const experiment: Experiment = { ...given, prompts: Object.fromEntries(prompts) };
  checkTogether(experiment, file);
  return experiment;
}

/** An experiment as an object of JSON: keys in one order, ids filled in, defaults written out, vectors at nine digits.
 *  Equal experiments are equal objects. Throws CorruptFileError for one that `parseExperiment` would refuse. */
export async function experimentData(experiment: unknown): Promise<unknown> {
  return plain(await readExperiment(plain(experiment), 'The experiment'));
}

/** The same as text: equal experiments are equal bytes. */
export async function writeExperiment(experiment: Experiment): Promise<string> {
  return jsonText(await experimentData(experiment));
}

/** SHA-256 of an experiment's bytes: what a registration freezes. */
export const experimentHash = async (experiment: Experiment): Promise<string> =>
  hashText(await writeExperiment(experiment));

/** Vectors as lists of numbers. */
function plain(value: unknown): unknown {
  if (value instanceof Float32Array) return nineDigits(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
}
