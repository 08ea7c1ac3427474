import type { Edit } from '../api/edit';
import type { LensInfo } from '../api/lens';
import type { Recipe, RecipeSampling } from '../api/recipe';
import type { SiteInfo } from '../api/site';
import { type Gate, parseWhen } from '../maths/gate';
import { modelName } from './model-name';
import { withDefaults } from './sampling';

export const RECIPE_FORMAT = 'lenslet-recipe-3';
/** Of a recipe that says what stands before its text: earlier readers would run it as another. */
export const RECIPE_FORMAT_BOS = 'lenslet-recipe-4';

/** Makes a recipe of the edits for the model of `info`, with `generate`'s defaults for missing sampling, and for what
 *  stands before its prompt. It does not
 *  check the edits: `writeRecipe` and running them do. Throws InvalidEditError only for a gate that is none. */
export function recipeOf(
  info: LensInfo,
  edits: readonly Edit[],
  sampling: Partial<RecipeSampling> = {},
  extra: Pick<Recipe, 'name' | 'prompt' | 'prependBos' | 'chat' | 'conversation'> = {},
): Recipe {
  const layers = new Set(edits.flatMap(layersOf));
  const used = info.sites.filter(({ layer }) => layers.has(layer));
  const recipe: Recipe = {
    format: RECIPE_FORMAT,
    model: { name: modelName(info.model), sha256: info.sha256 },
    dictionaries: used
      .map(({ layer, width, k, sha256 }) => ({ layer, width, k, sha256 }))
      .sort((a, b) => a.layer - b.layer),
    edits: [...edits],
    sampling: withDefaults(sampling),
  };
  if (extra.name) recipe.name = extra.name;
  if (extra.prompt) recipe.prompt = extra.prompt;
  const puts = extra.prompt && !extra.chat && info.bos !== null;
  const prependBos = extra.prependBos ?? (puts ? true : undefined);
  if (prependBos !== undefined) {
    recipe.format = RECIPE_FORMAT_BOS;
    recipe.prependBos = prependBos;
  }
  if (extra.chat !== undefined) recipe.chat = extra.chat;
  if (extra.conversation) recipe.conversation = extra.conversation;
  return recipe;
}

/** A sentence for each difference that may make the recipe act differently here; empty without any. A recipe with
 *  warnings can run, but the engine refuses edits at a layer without a dictionary, of a missing feature, or along a
 *  vector of another length. Throws InvalidEditError for a gate that is none, which no recipe that was read has. */
export function recipeWarnings(recipe: Recipe, info: LensInfo): string[] {
  const warnings: string[] = [];
  const here = modelName(info.model);
  const { name, sha256 } = recipe.model;
  if (sha256 !== null && info.sha256 !== null && sha256 !== info.sha256)
    warnings.push(
      `The recipe was made on another model: ${name} (SHA-256 ${short(sha256)}); this is ${here} (${short(info.sha256)}).`,
    );
  else if (sha256 === null || info.sha256 === null)
    warnings.push(
      `Whether the model is the recipe’s, ${name}, cannot be checked: ${unknown(sha256)}. This is ${here}.`,
    );
  for (const layer of new Set(recipe.edits.flatMap(layersOf))) warnings.push(...siteWarnings(recipe, info, layer));
  return warnings;
}

const gateOf = ({ when }: Edit): Gate | null => (when === undefined ? null : parseWhen(when));

/** The layers whose dictionaries an edit needs: its own, and its gate's. */
const layersOf = (edit: Edit): number[] => [edit.layer, gateOf(edit)?.layer ?? edit.layer];

function siteWarnings(recipe: Recipe, info: LensInfo, layer: number): string[] {
  const all = recipe.edits.map((edit, i) => ({ ...edit, number: i + 1, gate: gateOf(edit) }));
  const edits = all.filter((edit) => edit.layer === layer || edit.gate?.layer === layer);
  const site = info.sites.find((open) => open.layer === layer);
  if (!site)
    return [
      `There is no dictionary at layer ${layer} here: ${edits.length === 1 ? '1 edit' : `${edits.length} edits`} cannot act.`,
    ];
  const warnings = dictionaryWarning(recipe, site);
  const missing = `layer ${layer} has features 0 to ${site.width - 1}.`;
  for (const { number, gate, feature, direction, ...edit } of edits) {
    if (gate?.layer === layer && gate.feature >= site.width)
      warnings.push(`Edit ${number} waits for feature ${gate.feature}; ${missing}`);
    if (edit.layer !== layer) continue;
    const along = typeof direction !== 'object' ? undefined : 'vector' in direction ? direction : direction.of;
    if (along && along.vector.length !== info.d)
      warnings.push(
        `Edit ${number} moves along a vector of ${along.vector.length} numbers; this model’s residual stream has ${info.d}.`,
      );
    else if (!along && feature !== undefined && feature >= site.width)
      warnings.push(`Edit ${number} is of feature ${feature}; ${missing}`);
  }
  return warnings;
}

function dictionaryWarning(recipe: Recipe, site: SiteInfo): string[] {
  const made = recipe.dictionaries.find((dictionary) => dictionary.layer === site.layer);
  const another = `The recipe was made on another dictionary at layer ${site.layer}`;
  if (!made)
    return [
      `Whether the dictionary at layer ${site.layer} is the recipe’s cannot be checked: the recipe does not say which it was made on.`,
    ];
  if (made.width !== site.width || made.k !== site.k)
    return [
      `${another}: ${made.width} features, ${made.k} active on a token; this one has ${site.width} and ${site.k}. Its features are others.`,
    ];
  if (made.sha256 === null || site.sha256 === null)
    return [
      `Whether the dictionary at layer ${site.layer} is the recipe’s cannot be checked: ${unknown(made.sha256)}.`,
    ];
  if (made.sha256 !== site.sha256)
    return [`${another} (SHA-256 ${short(made.sha256)}, here ${short(site.sha256)}). Its features are others.`];
  return [];
}

/** Says which hash is missing: the recipe's, or the one taken here. */
const unknown = (ofRecipe: string | null) =>
  ofRecipe === null ? 'the recipe names no SHA-256 of it' : 'its SHA-256 was not taken here';

const short = (sha256: string) => `${sha256.slice(0, 8)}…`;
