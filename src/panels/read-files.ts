import { LensError } from '../lens/api/errors';
import { MOST_BYTES as MOST_NOTEBOOK_BYTES } from '../state/notebook/limits';
import { importRecipe } from '../state/page/recipes';
import type { Workbench } from '../state/page/workbench';
import { readAs } from './read-as';

/** Files that are read into the page, chosen in a panel or dropped. Each throws for a file that is not of its kind, or
 *  broken; the readers are loaded with the first file. */

/** The notice says why. */
const STAYS = 'It is not read: the conversation on show cannot be kept, and would be lost.';

export async function readRecipe(bench: Workbench, file: File): Promise<void> {
  const { MOST_RECIPE_BYTES, parseRecipe } = await import('../lens/exchange/recipe-file');
  const text = new TextDecoder().decode(await readAs(file, 'recipe', MOST_RECIPE_BYTES));
  if (!(await importRecipe(bench, parseRecipe(text, file.name)))) throw new LensError(STAYS);
}

export async function readConversation({ chat }: Pick<Workbench, 'chat'>, file: File): Promise<void> {
  const { MOST_MESSAGES_BYTES, parseMessages } = await import('../state/chat/messages-file');
  const text = new TextDecoder().decode(await readAs(file, 'conversation', MOST_MESSAGES_BYTES));
  if ((await chat.bring(parseMessages(text, file.name))) === null) throw new LensError(STAYS);
}

/** Says what was merged. */
export async function readNotebook({ notebook }: Pick<Workbench, 'notebook'>, file: File) {
  const { parseNotebook } = await import('../state/notebook/format');
  return notebook.merge(parseNotebook(await readAs(file, 'notebook', MOST_NOTEBOOK_BYTES), file.name));
}

/** Says what was merged. */
export async function readLog({ log }: Pick<Workbench, 'log'>, file: File) {
  const [{ parseLog }, { MOST_BYTES }] = await Promise.all([import('../state/log/file'), import('../state/log/lines')]);
  return log.merge(parseLog(await readAs(file, 'log', MOST_BYTES), file.name, Date.now()));
}
