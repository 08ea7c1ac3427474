import { type FileKind, goesSays, whatFile } from '../state/base/what-is';
import type { Workbench } from '../state/page/workbench';
import { siteOf } from '../state/reading/select';
import { readConversation, readLog, readNotebook, readRecipe } from './read-files';

/** Takes a file that was dropped on the page by what it is, and says what that did; says what the page cannot take, and
 *  where it goes. Never rejects: the files dropped with it are taken too. */
export async function takeFile(bench: Workbench, file: File): Promise<readonly string[]> {
  try {
    const { kind, called, unsure } = await whatFile(file);
    return (unsure && (await takeUnsure(bench, file))) || (await take(bench, file, kind, called));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** Takes a file whose beginning does not tell what it is as the first of the kinds that can read it; null for none. */
async function takeUnsure(bench: Workbench, file: File): Promise<readonly string[] | null> {
  const kinds: FileKind[] = bench.engine.store.getState().info
    ? ['recipe', 'notebook', 'log', 'conversation']
    : ['notebook', 'log', 'conversation'];
  for (const kind of kinds) {
    try {
      return await take(bench, file, kind, '');
    } catch {
      // Not of this kind.
    }
  }
  return null;
}

async function take(bench: Workbench, file: File, kind: FileKind, called: string): Promise<readonly string[]> {
  const { name } = file;
  const { info } = bench.engine.store.getState();
  if (kind === 'recipe') {
    if (!info) return [`${name} is ${called}. It is read once a model is open.`];
    await readRecipe(bench, file);
    return [`${name}: the recipe’s text, edits and sampling are taken. Undo brings back what was.`];
  }
  if (kind === 'conversation') {
    await readConversation(bench, file);
    return [`${name} is the conversation on show. Undo brings back what was.`];
  }
  if (kind === 'notebook') {
    const { mergedSays } = await import('./notebook/Exchange');
    return [`${name}, into the notebook: ${mergedSays(await readNotebook(bench, file))}`];
  }
  if (kind === 'log') {
    const { mergedSays } = await import('./log/log-words');
    return [`${name}, into the log: ${mergedSays(await readLog(bench, file))}`];
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
}
