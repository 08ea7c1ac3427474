import * as v from 'valibot';
import type { Edit } from '../api/edit';
import { RECIPE_FORMAT } from './recipe';
import {
  EditMode,
  exact,
  Feature,
  flag,
  isNumber,
  Latent,
  Layer,
  list,
  listOf,
  number,
  orNull,
  Sha256,
  text,
  where,
  whole,
} from './schemas';

const MOST_EDITS = 64;
const MOST_POSITIONS = 10_000;
const MOST_NUMBERS = 65_536;
const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

const seed = whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

const dictionary = v.pipe(
  exact({ layer: Layer, width: whole(1, 1e7), k: whole(1, 1e7), sha256: orNull(Sha256) }),
  v.forward(
    v.check(
      ({ k, width }) => k <= width,
      ({ input }) => `must be a whole number from 1 to ${input.width}`,
    ),
    ['k'],
  ),
);

const vector = exact({
  vector: v.pipe(
    listOf<number>((x) => isNumber(x, -LARGEST_FLOAT32, LARGEST_FLOAT32), MOST_NUMBERS, 'must list finite numbers'),
    v.transform((numbers): Float32Array => Float32Array.from(numbers)),
  ),
  relativeToNorm: v.optional(flag),
});
const random = exact({ random: seed, of: v.optional(vector) });
const feature = v.literal('feature');
const direction = v.lazy((value) => {
  if (value === 'feature') return feature;
  return ((value as { random?: unknown } | null)?.random ?? null) === null ? vector : random;
});

/** The vector that an edit moves along, or makes a random direction as long as. */
const alongOf = (of: Edit['direction']) => (typeof of !== 'object' ? undefined : 'vector' in of ? of : of.of);

const edit = v.pipe(
  exact({
    layer: Layer,
    mode: EditMode,
    strength: number(-LARGEST_FLOAT32, LARGEST_FLOAT32),
    feature: v.optional(Feature),
    on: v.optional(Latent),
    where: v.optional(where(MOST_POSITIONS)),
    direction: v.optional(direction),
  }),
  v.forward(
    v.check((of) => !alongOf(of.direction) || of.mode === 'add', 'must be add where the direction is a vector'),
    ['mode'],
  ),
  v.forward(
    v.check(
      (of) => alongOf(of.direction) !== undefined || of.feature !== undefined,
      'must be given where the direction is no vector',
    ),
    ['feature'],
  ),
);

export const recipeSchema = exact({
  format: v.literal(RECIPE_FORMAT, `must be ${RECIPE_FORMAT}`),
  name: v.optional(text(200)),
  model: exact({ name: text(500), sha256: orNull(Sha256) }),
  dictionaries: v.pipe(
    list(dictionary, MOST_EDITS),
    v.check((all) => new Set(all.map(({ layer }) => layer)).size === all.length, 'must name each layer once'),
  ),
  edits: list(edit, MOST_EDITS),
  sampling: exact({
    temperature: number(0, 10),
    topP: v.pipe(
      number(0, 1),
      v.check((p) => p > 0, 'must be above 0'),
    ),
    seed,
    maxTokens: whole(1, 1e6),
  }),
  prompt: v.optional(text(100_000)),
  chat: v.optional(flag),
});
