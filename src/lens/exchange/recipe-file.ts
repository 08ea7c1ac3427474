import type { Edit, VectorDirection } from '../api/edit';
import { CorruptFileError } from '../api/errors';
import type { Recipe, RecipeDictionary, RecipeSampling } from '../api/recipe';
import { JsonObject, parseJson } from '../formats/json';

export const RECIPE_FORMAT = 'lenslet-recipe-1';
/** In UTF-16 units: some three hundred vectors of a thousand numbers. */
export const MOST_TEXT = 4_000_000;
const MOST_EDITS = 64;
const MOST_POSITIONS = 10_000;
const MOST_NUMBERS = 65_536;
const MOST_PROMPT = 100_000;
const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** A recipe from its text. Throws CorruptFileError that says what is wrong: with a value out of range as with a key
 *  that is not known, since a recipe that is understood in part would be carried out as another one. Whether it fits a
 *  model is for `recipeWarnings` to say. */
export function parseRecipe(text: string, file = 'The recipe'): Recipe {
  if (text.length > MOST_TEXT)
    throw new CorruptFileError(`${file} has ${text.length} characters; at most ${MOST_TEXT} are read.`, { file });
  const root = new JsonObject(parseJson(new TextEncoder().encode(text), file), file);
  if (root.get('format') !== RECIPE_FORMAT) root.refuse('format', `must be ${RECIPE_FORMAT}`);
  refuseOthers(root, ['format', 'name', 'model', 'dictionaries', 'edits', 'sampling', 'prompt', 'chat']);
  const model = part(root, 'model', ['name', 'sha256']);
  const recipe: Recipe = {
    format: RECIPE_FORMAT,
    model: { name: model.text('name', 500), sha256: hash(model) },
    dictionaries: dictionaries(root),
    edits: root.list('edits', MOST_EDITS).map((value, i) => parseEdit(new JsonObject(value, `${file}: edit ${i + 1}`))),
    sampling: sampling(part(root, 'sampling', ['temperature', 'topP', 'seed', 'maxTokens'])),
  };
  if (root.get('name') !== undefined) recipe.name = root.text('name', 200);
  if (root.get('prompt') !== undefined) recipe.prompt = root.text('prompt', MOST_PROMPT);
  if (root.get('chat') !== undefined) recipe.chat = root.boolean('chat', false);
  return recipe;
}

function dictionaries(root: JsonObject): RecipeDictionary[] {
  const found = root.list('dictionaries', MOST_EDITS).map((value, i) => {
    const dictionary = new JsonObject(value, `${root.file}: dictionary ${i + 1}`);
    refuseOthers(dictionary, ['layer', 'width', 'k', 'sha256']);
    const width = dictionary.integer('width', 1, 1e7);
    return {
      layer: dictionary.integer('layer', 0, 999),
      width,
      k: dictionary.integer('k', 1, width),
      sha256: hash(dictionary),
    };
  });
  const layers = found.map(({ layer }) => layer);
  if (new Set(layers).size < layers.length) root.refuse('dictionaries', 'must name each layer once');
  return found;
}

function sampling(of: JsonObject): RecipeSampling {
  const topP = of.number('topP', 0, 1);
  if (topP === 0) of.refuse('topP', 'must be above 0');
  return {
    temperature: of.number('temperature', 0, 10),
    topP,
    seed: of.integer('seed', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    maxTokens: of.integer('maxTokens', 1, 1e6),
  };
}

function parseEdit(of: JsonObject): Edit {
  refuseOthers(of, ['layer', 'feature', 'mode', 'strength', 'on', 'where', 'direction']);
  const edit: Edit = {
    layer: of.integer('layer', 0, 999),
    mode: of.oneOf('mode', ['add', 'scale', 'clamp', 'ablate']),
    strength: of.number('strength', -LARGEST_FLOAT32, LARGEST_FLOAT32),
  };
  if (of.get('feature') !== undefined) edit.feature = of.integer('feature', 0, 9_999_999);
  if (of.get('on') !== undefined) edit.on = of.oneOf('on', ['code', 'preactivation'] as const);
  if (of.get('where') !== undefined) edit.where = where(of);
  if (of.get('direction') !== undefined) edit.direction = direction(of);
  const along =
    typeof edit.direction !== 'object' ? undefined : 'vector' in edit.direction ? edit.direction : edit.direction.of;
  if (along && edit.mode !== 'add') of.refuse('mode', 'must be add where the direction is a vector');
  if (!along && edit.feature === undefined) of.refuse('feature', 'must be given where the direction is no vector');
  return edit;
}

function where(of: JsonObject): NonNullable<Edit['where']> {
  if (!Array.isArray(of.get('where'))) return of.oneOf('where', ['all', 'prompt', 'generated'] as const);
  const positions = of.list('where', MOST_POSITIONS);
  if (!positions.every((position) => Number.isSafeInteger(position) && (position as number) >= 0))
    of.refuse('where', 'must list positions');
  return positions as number[];
}

function direction(of: JsonObject): NonNullable<Edit['direction']> {
  if (of.get('direction') === 'feature') return 'feature';
  const along = of.object('direction')!;
  if (along.get('random') === undefined) return vector(along);
  refuseOthers(along, ['random', 'of']);
  const random = along.integer('random', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const original = along.object('of');
  return original ? { random, of: vector(original) } : { random };
}

function vector(of: JsonObject): VectorDirection {
  refuseOthers(of, ['vector', 'relativeToNorm']);
  const numbers = of.list('vector', MOST_NUMBERS);
  if (!numbers.every((x) => typeof x === 'number' && Math.abs(x) <= LARGEST_FLOAT32))
    of.refuse('vector', 'must list finite numbers');
  const found: VectorDirection = { vector: Float32Array.from(numbers as number[]) };
  if (of.get('relativeToNorm') !== undefined) found.relativeToNorm = of.boolean('relativeToNorm', false);
  return found;
}

function hash(of: JsonObject): string | null {
  if (of.get('sha256') === undefined) return null;
  const value = of.text('sha256', 64);
  if (!/^[0-9a-f]{64}$/.test(value)) of.refuse('sha256', 'must be 64 lower-case hexadecimal digits');
  return value;
}

function part(from: JsonObject, key: string, keys: string[]): JsonObject {
  const found = from.object(key) ?? from.refuse(key, 'must be an object');
  refuseOthers(found, keys);
  return found;
}

function refuseOthers(of: JsonObject, known: string[]): void {
  const other = of.entries().find(([key]) => !known.includes(key))?.[0];
  if (other === undefined) return;
  const shown = JSON.stringify(other.slice(0, 60));
  throw new CorruptFileError(
    `${of.file} has the key ${shown}, which is not known here. It may be of a newer Lenslet.`,
    { file: of.file, key: shown },
  );
}
