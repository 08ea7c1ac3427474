import * as v from 'valibot';
import type { Effect } from '../api/effect';
import * as s from '../exchange/schemas';
import { parseJson } from '../formats/json';
import { asToday, onOf } from '../maths/control';
import type { ReadOptions } from '../sources/folder';
import type { Source } from '../sources/source';

const FILE = 'effects.json';
const FORMAT = 'lenslet-effects-2';
const EARLIER = 'lenslet-effects-1';
const MOST_EFFECTS = 100;
const MOST_EDITS = 5;

const rate = v.pipe(
  s.object({ rate: s.number(0, 1), low: s.number(0, 1), high: s.number(0, 1), n: s.whole(1, 1e9) }),
  s.rule(
    'high',
    ({ low, high }) => low <= high,
    ({ low }) => `must be a number from ${low} to 1`,
  ),
);

/** A list with at least one entry. */
const filled = <S extends v.GenericSchema>(of: S, most: number) =>
  v.pipe(
    s.list(of, most),
    v.check((entries) => entries.length > 0, 'must have an entry'),
  );

const edit = {
  layer: s.Layer,
  feature: s.Feature,
  mode: s.EditMode,
  strength: s.number(-1e6, 1e6),
  where: v.optional(s.where(16, 1e6), 'all'),
};

const common = {
  name: s.text(100),
  title: s.text(100),
  shipped: s.flagOrNot,
  prompt: s.text(8000),
  chat: s.flagOrNot,
  maxTokens: s.whole(1, 1024),
  rates: s.object({ baseline: rate, edited: rate, randomDirections: rate, randomFeatures: rate }),
  claim: s.text(2000),
};

const effect = s.object({
  ...common,
  range: s.orNull(s.oneOf(['natural', 'beyond'])),
  beside: s.orNull(s.object({ prompt: s.text(8000), tried: s.text(100), baseline: rate, edited: rate })),
  edits: filled(
    v.pipe(
      s.object({ ...edit, on: v.optional(s.EditOn) }),
      v.transform(({ on, ...rest }) => ({ ...rest, on: on ?? onOf(rest.mode) })),
    ),
    MOST_EDITS,
  ),
  tried: s.text(100),
  outcome: s.text(100),
  strongestChange: s.orNull(s.object({ rate: s.number(0, 1), of: s.whole(1, 1e6) })),
  strongestOther: s.orNull(
    s.object({
      features: filled(s.object({ layer: s.Layer, feature: s.Feature }), MOST_EDITS),
      rate: s.number(0, 1),
      of: s.whole(1, 1e6),
    }),
  ),
});

/** Had one edit, with the former meaning of clamp. */
const earlier = v.pipe(
  s.object({ ...common, edit: s.object({ ...edit, on: v.optional(s.EditOn, 'active') }) }),
  v.transform(
    ({ edit, ...rest }): Effect => ({
      ...rest,
      range: null,
      beside: null,
      edits: [asToday(edit)],
      tried: 'held-out prompts',
      outcome: 'show it',
      strongestChange: null,
      strongestOther: null,
    }),
  ),
);

const nameTwice = (effects: Effect[]) =>
  effects.find(({ name }, i) => effects.findIndex((other) => other.name === name) < i)?.name;

const fileOf = <F extends string>(format: F, one: v.GenericSchema<unknown, Effect>) =>
  v.pipe(
    s.object({ format: v.literal(format, `must be ${format}`), effects: s.list(one, MOST_EFFECTS) }),
    v.check(
      ({ effects }) => nameTwice(effects) === undefined,
      ({ input }) => `names ${nameTwice(input.effects)} twice`,
    ),
  );

const file = fileOf(FORMAT, effect);
const earlierFile = fileOf(EARLIER, earlier);

/** Reads the measured effects of a model folder; empty without the file. Throws CorruptFileError for another format. */
export async function openEffects(folder: Source, options: ReadOptions = {}): Promise<Effect[]> {
  const bytes = await folder.tryRead(FILE, options);
  return bytes ? parseEffects(parseJson(bytes, FILE)) : [];
}

/** Reads both formats, and gives the present one. */
export function parseEffects(json: unknown): Effect[] {
  const isEarlier = typeof json === 'object' && json !== null && 'format' in json && json.format === EARLIER;
  return isEarlier ? s.read(earlierFile, json, FILE).effects : s.read(file, json, FILE).effects;
}

/** The effects all of whose features are in the dictionaries with these widths, by layer. */
export const effectsWithin = (effects: Effect[], widths: ReadonlyMap<number, number>): Effect[] =>
  effects.filter(({ edits }) => edits.every(({ layer, feature }) => feature < (widths.get(layer) ?? 0)));
