import type { Chat } from '../api/chat';
import type { Edit, VectorDirection } from '../api/edit';
import { CorruptFileError, InvalidOptionError } from '../api/errors';
import type { Recipe } from '../api/recipe';
import { actsOn } from '../maths/control';
import { count } from '../maths/figures';
import { charactersOf, MOST_PROMPT } from './chat-fields';
import { jsonText, nineDigits } from './json-text';
import { RECIPE_FORMAT_BOS } from './recipe';
import { recipeSchema, upgraded } from './recipe-schema';
import { readJson } from './schemas';

/** In UTF-16 units: room for some three hundred vectors of a thousand numbers. */
const MOST_TEXT = 4_000_000;
/** A larger file cannot be a recipe: a character is at most three bytes of UTF-8. */
export const MOST_RECIPE_BYTES = 3 * MOST_TEXT;

/** Parses a recipe. Throws CorruptFileError for a value out of range, and for an unknown key: a recipe read in part
 *  would run as another recipe. `recipeWarnings` says whether it fits a model. */
export function parseRecipe(text: string, file = 'The recipe'): Recipe {
  if (text.length > MOST_TEXT)
    throw new CorruptFileError(`${file} has ${text.length} characters; at most ${MOST_TEXT} are read.`, { file });
  return readJson(recipeSchema, new TextEncoder().encode(text), file);
}

/** Writes the recipe as JSON with its keys in a fixed order, so that equal recipes are equal files. `parseRecipe` can
 *  read every result: a recipe that it would refuse, such as one with a strength of NaN, throws CorruptFileError; a text
 *  or a conversation that is too long for one throws InvalidOptionError. An object of an earlier format, which a program
 *  may hold, is written with its meaning. */
export function writeRecipe(recipe: Recipe): string {
  const { name, model, dictionaries, sampling, prompt, prependBos, chat, conversation } = recipe;
  const { format, edits } = upgraded(recipe.format, recipe.edits);
  for (const [what, length] of [
    ['text', prompt?.length ?? 0],
    ['conversation', conversation ? charactersOf(conversation) : 0],
  ] as const) {
    if (length > MOST_PROMPT)
      throw new InvalidOptionError(
        `The ${what} is too long for a recipe: ${count(length)} characters, at most ${count(MOST_PROMPT)}.`,
        { length, most: MOST_PROMPT },
      );
  }
  const { temperature, topP, seed, maxTokens, stop, repetitionPenalty } = sampling;
  const ordered = {
    format: prependBos === undefined ? format : RECIPE_FORMAT_BOS,
    name,
    model: { name: model.name, sha256: model.sha256 },
    dictionaries: dictionaries.map(({ layer, width, k, sha256 }) => ({ layer, width, k, sha256 })),
    edits: edits.map(written),
    sampling: { temperature, topP, seed, maxTokens, stop, repetitionPenalty },
    prompt,
    prependBos,
    chat,
    conversation: conversation && writtenChat(conversation),
  };
  const text = jsonText(ordered);
  parseRecipe(text);
  return text;
}

function written(edit: Edit) {
  const { layer, feature, mode, strength, where, when, direction } = edit;
  const on = edit.on && actsOn(edit);
  const along =
    typeof direction !== 'object'
      ? direction
      : 'vector' in direction
        ? numbers(direction)
        : { random: direction.random, of: numbers(direction.of) };
  return { layer, feature, mode, strength, on, where, when, direction: along };
}

const writtenChat = ({ messages, open, ids, thinking, template }: Chat): Chat => ({
  messages: messages.map(({ role, content }) => ({ role, content })),
  open,
  ids,
  thinking,
  template,
});

function numbers(direction: VectorDirection | undefined) {
  return direction && { vector: nineDigits(direction.vector), relativeToNorm: direction.relativeToNorm };
}
