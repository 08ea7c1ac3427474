import { goesSays, HEAD, whatIs } from '../state/base/what-is';
import { importRecipe } from '../state/page/recipes';
import type { Workbench } from '../state/page/workbench';
import { siteOf } from '../state/reading/select';
import { readFile } from '../ui/read-file';

/** Takes a file that was dropped on the page by what it is, and says what that did; says what the page cannot take, and
 *  where it goes. */
export async function takeFile(bench: Workbench, file: File): Promise<readonly string[]> {
  const { name } = file;
  const { kind, called } = whatIs(new Uint8Array(await file.slice(0, HEAD).arrayBuffer()), name);
  const { info } = bench.engine.store.getState();
  try {
    if (kind === 'recipe') {
      if (!info) return [`${name} is ${called}. It is read once a model is open.`];
      const { MOST_RECIPE_BYTES, parseRecipe } = await import('../lens/exchange/recipe-file');
      await importRecipe(bench, parseRecipe(new TextDecoder().decode(await readFile(file, MOST_RECIPE_BYTES)), name));
      return [`${name}: the recipe’s text, edits and sampling are taken. Undo brings back what was.`];
    }
    if (kind === 'notebook') {
      const [{ parseNotebook }, { MOST_BYTES }, { mergedSays }] = await Promise.all([
        import('../state/notebook/format'),
        import('../state/notebook/limits'),
        import('./notebook/Exchange'),
      ]);
      const merged = bench.notebook.merge(parseNotebook(await readFile(file, MOST_BYTES), name));
      return [`${name}, into the notebook: ${mergedSays(merged)}`];
    }
    if (kind === 'log') {
      const [{ parseLog }, { MOST_BYTES }, { mergedSays }] = await Promise.all([
        import('../state/log/file'),
        import('../state/log/lines'),
        import('./log/log-words'),
      ]);
      const merged = await bench.log.merge(parseLog(await readFile(file, MOST_BYTES), name, Date.now()));
      return [`${name}, into the log: ${mergedSays(merged)}`];
    }
    if (kind === 'labels') {
      const site = siteOf(info, bench.view.store.getState().site);
      if (!info || !site) return [`${name} is ${called}. It is read once a model with a dictionary is open.`];
      if (site.features) return [`${name} is ${called}, and the dictionary of layer ${site.layer} has its own.`];
      await bench.imported.read(info, site, [file]);
      const { says, error } = bench.imported.store.getState();
      return [error?.message ?? says ?? ''].filter(Boolean);
    }
    return [`${name} is ${called}. ${goesSays(kind)}`];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
