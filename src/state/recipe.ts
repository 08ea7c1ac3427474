import { recipeOf, recipeWarnings, writeRecipe } from '../lens/recipe';
import type { Edit, LensInfo, Recipe } from '../lens/types';
import { clampWeight, type EditRow, editsOf, MOST_ROWS, rangeOf } from './edits';
import { effectEdit } from './examples';
import type { Unit } from './maximum';
import { defaultSampling, setSampling } from './sampling';
import { siteOf } from './select';
import type { Workbench } from './workbench';

/** The edits that are on, the sampling and the text, as a recipe's file; null where no model is open or no edit is on. */
export function exportRecipe(bench: Workbench): string | null {
  const { info } = bench.engine.store.getState();
  const edits = editsOf(bench.steering.store.getState().rows, bench.unit);
  if (!info || !edits.length) return null;
  return writeRecipe(recipeOf(info, edits, bench.sampling.getState(), { prompt: bench.tracer.store.getState().text }));
}

/** An edit as a row of the steering panel, or in words why the panel has none for it. */
function rowOf(edit: Edit, key: number, info: LensInfo, unit: (layer: number, feature: number) => Unit): EditRow | string {
  const { layer, feature, where = 'all', on = 'code', direction = 'feature' } = edit;
  const width = siteOf(info, layer)?.width ?? 0;
  if (direction !== 'feature' || feature === undefined) return `Edit ${key} left out: the panel edits features, not vectors or random directions.`;
  if (feature >= width) return `Edit ${key} left out: there is no feature ${layer}:${feature} here.`;
  const { mode, strength } = effectEdit(edit);
  const exact = mode === 'add' || mode === 'clamp' ? strength / unit(layer, feature).value : strength;
  const weight = clampWeight(mode, exact);
  const row: EditRow = { key, layer, feature, mode, weight, where, on, enabled: true };
  const { min, max } = rangeOf(mode);
  return exact < min || exact > max ? `Edit ${key} left out: its strength, ${exact.toPrecision(3)}, is beyond the slider’s ${min} to ${max}.` : row;
}

/** A recipe as the panel's rows and sampling, and in words what differs from where it was made and what was left out. */
export function fromRecipe(recipe: Recipe, info: LensInfo, unit: (layer: number, feature: number) => Unit) {
  const notes = recipeWarnings(recipe, info);
  const rows: EditRow[] = [];
  for (const [i, edit] of recipe.edits.entries()) {
    const row = rowOf(edit, i + 1, info, unit);
    if (typeof row === 'string') notes.push(row);
    else if (rows.length < MOST_ROWS) rows.push(row);
    else if (rows.length === MOST_ROWS) notes.push(`The recipe has ${recipe.edits.length} edits: the first ${MOST_ROWS} that can be shown are taken.`);
  }
  return { rows, notes: [...new Set(notes)], sampling: setSampling(defaultSampling, recipe.sampling) };
}

/** Brings the page to a recipe: its edits and sampling, its text where it names one; the notices say what differs. One step for undo. */
export async function importRecipe(bench: Workbench, recipe: Recipe): Promise<void> {
  const { info } = bench.engine.store.getState();
  if (!info) return;
  const { rows, notes, sampling } = fromRecipe(recipe, info, bench.unit);
  bench.notices.setState({ list: notes });
  await bench.show({ text: recipe.prompt ?? bench.tracer.store.getState().text, rows, sampling });
}
