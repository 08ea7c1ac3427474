import type { Edit, VectorDirection } from '../api/edit';
import { CorruptFileError } from '../api/errors';
import type { Recipe } from '../api/recipe';
import { RECIPE_FORMAT } from './recipe';
import { recipeSchema } from './recipe-schema';
import { readJson } from './schemas';

/** In UTF-16 units: some three hundred vectors of a thousand numbers. */
const MOST_TEXT = 4_000_000;
/** A larger file cannot be a recipe: a character is at most three bytes of UTF-8. */
export const MOST_RECIPE_BYTES = 3 * MOST_TEXT;

/** A recipe from its text. Throws CorruptFileError that says what is wrong: with a value out of range as with a key
 *  that is not known, since a recipe that is understood in part would be carried out as another one. Whether it fits a
 *  model is for `recipeWarnings` to say. */
export function parseRecipe(text: string, file = 'The recipe'): Recipe {
  if (text.length > MOST_TEXT)
    throw new CorruptFileError(`${file} has ${text.length} characters; at most ${MOST_TEXT} are read.`, { file });
  return readJson(recipeSchema, new TextEncoder().encode(text), file);
}

/** The recipe's text: JSON with its keys in one order, so that equal recipes are equal files. What it writes
 *  `parseRecipe` reads; a recipe that it would not read, of an edit with a strength that is no number for one, throws
 *  CorruptFileError here. */
export function writeRecipe({ name, model, dictionaries, edits, sampling, prompt, chat }: Recipe): string {
  const { temperature, topP, seed, maxTokens } = sampling;
  const ordered = {
    format: RECIPE_FORMAT,
    name,
    model: { name: model.name, sha256: model.sha256 },
    dictionaries: dictionaries.map(({ layer, width, k, sha256 }) => ({ layer, width, k, sha256 })),
    edits: edits.map(written),
    sampling: { temperature, topP, seed, maxTokens },
    prompt,
    chat,
  };
  // Lists of numbers on one line: no text can match, since its line ends are escaped.
  const text = `${JSON.stringify(ordered, null, 2).replace(/\[\n[\s\d.,e+-]*\]/g, (list) => list.replace(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'))}\n`;
  parseRecipe(text);
  return text;
}

function written({ layer, feature, mode, strength, on, where, direction }: Edit) {
  const along =
    typeof direction !== 'object'
      ? direction
      : 'vector' in direction
        ? numbers(direction)
        : { random: direction.random, of: numbers(direction.of) };
  return { layer, feature, mode, strength, on, where, direction: along };
}

/** Nine digits give a float32 back exactly. */
function numbers(direction: VectorDirection | undefined) {
  return (
    direction && {
      vector: Array.from(direction.vector, (x) => Number(x.toPrecision(9))),
      relativeToNorm: direction.relativeToNorm,
    }
  );
}
