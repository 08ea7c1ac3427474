import * as v from 'valibot';
import type { Edit } from '../api/edit';
import type { Recipe } from '../api/recipe';
import { asToday } from '../maths/control';
import { MOST_PROMPT } from './chat-fields';
import { chatSchema } from './chat-schema';
import { RECIPE_FORMAT, RECIPE_FORMAT_BOS } from './recipe';
import { HOTTEST, LEAST_PENALTY, MOST_PENALTY } from './sampling';
import * as s from './schemas';

/** `1`: clamp acted where the feature was active. `2`: plain texts alone. */
const EARLIER = ['lenslet-recipe-1', 'lenslet-recipe-2'] as const;
export const MOST_EDITS = 64;
export const MOST_POSITIONS = 10_000;
const MOST_NUMBERS = 65_536;

const seed = s.whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

/** A dictionary that edits refer to. */
export const dictionary = v.pipe(
  s.exact({ layer: s.Layer, width: s.whole(1, 1e7), k: s.whole(1, 1e7), sha256: s.orNull(s.Sha256) }),
  s.rule(
    'k',
    ({ k, width }) => k <= width,
    ({ width }) => `must be a whole number from 1 to ${width}`,
  ),
);

/** The numbers of a vector. */
export const numbers = v.pipe(
  s.listOf<number>(s.isFloat32, MOST_NUMBERS, 'must list finite numbers'),
  // -0, which JSON writes as 0, becomes 0.
  v.transform((numbers): Float32Array => Float32Array.from(numbers, (x) => x + 0)),
);

const vector = s.exact({
  vector: numbers,
  relativeToNorm: v.optional(s.flag),
});
const random = s.exact({ random: seed, of: v.optional(vector) });
const feature = v.literal('feature');
const direction = v.lazy((value) => {
  if (value === 'feature') return feature;
  return ((value as { random?: unknown } | null)?.random ?? null) === null ? vector : random;
});

/** The vector that an edit moves along, or whose length its random direction takes. */
const alongOf = (of: Edit['direction']) => (typeof of !== 'object' ? undefined : 'vector' in of ? of : of.of);

export const edit = v.pipe(
  s.exact({
    layer: s.Layer,
    mode: s.EditMode,
    strength: s.float32,
    feature: v.optional(s.Feature),
    on: v.optional(s.EditOn),
    where: v.optional(s.where(MOST_POSITIONS)),
    when: v.optional(s.When),
    direction: v.optional(direction),
  }),
  s.rule('mode', (of) => !alongOf(of.direction) || of.mode === 'add', 'must be add where the direction is a vector'),
  s.rule(
    'feature',
    (of) => alongOf(of.direction) !== undefined || of.feature !== undefined,
    'must be given where the direction is no vector',
  ),
);

const recipe = s.exact({
  format: s.oneOf([RECIPE_FORMAT, RECIPE_FORMAT_BOS, ...EARLIER]),
  name: v.optional(s.text(200)),
  model: s.exact({ name: s.text(500), sha256: s.orNull(s.Sha256) }),
  dictionaries: v.pipe(
    s.list(dictionary, MOST_EDITS),
    v.check((all) => new Set(all.map(({ layer }) => layer)).size === all.length, 'must name each layer once'),
  ),
  edits: s.list(edit, MOST_EDITS),
  sampling: s.exact({
    temperature: s.number(0, HOTTEST),
    topP: v.pipe(
      s.number(0, 1),
      v.check((p) => p > 0, 'must be above 0'),
    ),
    seed,
    maxTokens: s.whole(1, 1e6),
    stop: v.optional(s.stops),
    repetitionPenalty: v.optional(s.number(LEAST_PENALTY, MOST_PENALTY)),
  }),
  prompt: v.optional(s.text(MOST_PROMPT)),
  prependBos: v.optional(s.flag),
  chat: v.optional(s.flag),
  conversation: v.optional(chatSchema(MOST_PROMPT)),
});

/** The edits of a recipe of any format in the present one. */
export const upgraded = (format: string, edits: Edit[]): Pick<Recipe, 'format' | 'edits'> => ({
  format: ((EARLIER as readonly string[]).includes(format) ? RECIPE_FORMAT : format) as Recipe['format'],
  edits: format === EARLIER[0] ? edits.map(asToday) : edits,
});

/** Reads the earlier formats too, and gives the present one. */
export const recipeSchema = v.pipe(
  recipe,
  s.rule(
    'conversation',
    ({ prompt, conversation }) => prompt === undefined || conversation === undefined,
    'must not be there beside "prompt"',
  ),
  v.transform(({ format, edits, ...rest }) => ({ ...upgraded(format, edits), ...rest })),
);
