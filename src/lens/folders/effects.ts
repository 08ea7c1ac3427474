import * as v from 'valibot';
import type { Effect } from '../api/effect';
import * as s from '../exchange/schemas';
import { parseJson } from '../formats/json';
import type { ReadOptions } from '../sources/folder';
import type { Source } from '../sources/source';

const FILE = 'effects.json';
const FORMAT = 'lenslet-effects-1';

const rate = v.pipe(
  s.object({ rate: s.number(0, 1), low: s.number(0, 1), high: s.number(0, 1), n: s.whole(1, 1e9) }),
  s.rule(
    'high',
    ({ low, high }) => low <= high,
    ({ low }) => `must be a number from ${low} to 1`,
  ),
);

const effect = s.object({
  name: s.text(100),
  title: s.text(100),
  shipped: s.flagOrNot,
  prompt: s.text(8000),
  chat: s.flagOrNot,
  edit: s.object({
    layer: s.Layer,
    feature: s.Feature,
    mode: s.EditMode,
    strength: s.number(-1e6, 1e6),
    on: v.optional(s.EditOn, 'active'),
    where: v.optional(s.where(16, 1e6), 'all'),
  }),
  maxTokens: s.whole(1, 1024),
  rates: s.object({ baseline: rate, edited: rate, randomDirections: rate, randomFeatures: rate }),
  claim: s.text(2000),
});

const nameTwice = (effects: Effect[]) =>
  effects.find(({ name }, i) => effects.findIndex((other) => other.name === name) < i)?.name;

const file = v.pipe(
  s.object({ format: v.literal(FORMAT, `must be ${FORMAT}`), effects: s.list(effect, 100) }),
  v.check(
    ({ effects }) => nameTwice(effects) === undefined,
    ({ input }) => `names ${nameTwice(input.effects)} twice`,
  ),
);

/** Reads the measured effects of a model folder; empty without the file. Throws CorruptFileError for another format. */
export async function openEffects(folder: Source, options: ReadOptions = {}): Promise<Effect[]> {
  const bytes = await folder.tryRead(FILE, options);
  return bytes ? parseEffects(parseJson(bytes, FILE)) : [];
}

export const parseEffects = (json: unknown): Effect[] => s.read(file, json, FILE).effects;
