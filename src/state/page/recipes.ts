import type { Chat } from '../../lens/api/chat';
import type { Edit } from '../../lens/api/edit';
import type { LensInfo } from '../../lens/api/lens';
import type { Recipe } from '../../lens/api/recipe';
import { recipeOf, recipeWarnings } from '../../lens/exchange/recipe';
import { actsOn } from '../../lens/maths/control';
import { defaultSampling, type Figure, type Sampling, setSampling } from '../base/sampling';
import { SHEET } from '../base/view';
import { begunWith, fromWords } from '../chat/turns';
import { siteOf } from '../reading/select';
import { type EditRow, LAST_POSITION, MOST_POSITIONS, MOST_ROWS } from '../steering/edits';
import { gateOf, gateRefused } from '../steering/gates';
import { exact, isFactor, storedMaximum } from '../steering/unit';
import type { Conversation } from './conversation';
import type { Notices } from './notices';
import { type Page, selectEdits } from './selectors';
import type { Shows } from './show';
import type { Stores } from './stores';

interface Parts extends Stores, Pick<Shows, 'show'> {
  notices: Notices;
  chat: Pick<Conversation, 'bring'>;
}

/** The edits that are on, the sampling and the text, as a recipe's file; null where no model is open or no edit is
 *  on. */
export async function exportRecipe({ page }: { page: Page }): Promise<string | null> {
  const state = page.getState();
  const { info } = state.engine;
  const edits = selectEdits(state);
  if (!info || !edits.length) return null;
  const { chat, text, bos } = state.tracer;
  const written = chat ? { conversation: chat } : { prompt: text, ...(info.bos !== null && { prependBos: bos }) };
  const recipe = recipeOf(info, edits, state.sampling, written);
  return (await import('../../lens/exchange/recipe-file')).writeRecipe(recipe);
}

/** An edit as a row of the steering panel, or a sentence that says why the panel has no row for it. */
export function rowOf(edit: Edit, key: number, info: LensInfo): EditRow | string {
  const { layer, feature, mode, strength, where = 'all', when, direction = 'feature' } = edit;
  const site = siteOf(info, layer);
  const width = site?.width ?? 0;
  if (direction !== 'feature' || feature === undefined)
    return `Edit ${key} left out: the panel edits features, not vectors or random directions.`;
  if (feature >= width) return `Edit ${key} left out: there is no feature ${layer}:${feature} here.`;
  const places = Array.isArray(where) ? where : null;
  if (places?.length === 0) return `Edit ${key} left out: it names no position.`;
  if (places && places.length > MOST_POSITIONS)
    return `Edit ${key} left out: it names ${places.length} positions, and the page takes ${MOST_POSITIONS}.`;
  if (places?.some((position) => position > LAST_POSITION))
    return `Edit ${key} left out: it names a position beyond ${LAST_POSITION}.`;
  const gate = gateOf({ when });
  const refused = gate && gateRefused(gate, { layer }, info);
  if (refused) return `Edit ${key} left out. ${refused}`;
  return {
    key,
    layer,
    feature,
    mode,
    strength: exact(strength),
    unit: !isFactor(mode) && storedMaximum(site, feature) !== null ? 'max' : 'raw',
    where,
    on: actsOn(edit),
    ...(when && { when }),
    enabled: true,
  };
}

const signed = (n: number): string => `${n}`.replace('-', '−');

const OPTIONS: Record<Figure, string> = {
  temperature: 'temperature',
  topP: 'top-p',
  seed: 'seed',
  maxTokens: 'length in tokens',
  repetitionPenalty: 'repetition penalty',
};

/** The recipe's sampling within the page's limits, with notes on what had to change. */
function samplingOf({ sampling: asked }: Recipe): { sampling: Sampling; notes: string[] } {
  const sampling = setSampling(defaultSampling, asked);
  const moved = (Object.keys(OPTIONS) as Figure[]).filter((key) => (sampling[key] ?? 1) !== (asked[key] ?? 1));
  const most = (key: Figure) => (asked[key]! > sampling[key]! ? 'most' : 'least');
  return {
    sampling,
    notes: moved.map(
      (key) =>
        `The recipe’s ${OPTIONS[key]}, ${signed(asked[key]!)}, is ${sampling[key]} here, the ${most(key)} that the page takes.`,
    ),
  };
}

/** A recipe as rows and sampling of the panel, with notes on what differs from where it was made and what was left
 *  out. */
export function fromRecipe(recipe: Recipe, info: LensInfo) {
  const { sampling, notes: moved } = samplingOf(recipe);
  const notes = [...recipeWarnings(recipe, info), ...moved];
  if ((recipe.chat || recipe.conversation) && !info.chat)
    notes.push(
      recipe.conversation
        ? 'The recipe’s conversation cannot be run here: this model has no chat template.'
        : 'The recipe’s text is a user’s turn, and this model has no chat template: it is taken as a plain text.',
    );
  const rows: EditRow[] = [];
  for (const [i, edit] of recipe.edits.entries()) {
    const row = rowOf(edit, i + 1, info);
    if (typeof row === 'string') notes.push(row);
    else if (rows.length < MOST_ROWS) rows.push(row);
    else if (rows.length === MOST_ROWS)
      notes.push(`The recipe has ${recipe.edits.length} edits: the first ${MOST_ROWS} that can be shown are taken.`);
  }
  return { rows, notes: [...new Set(notes)], sampling };
}

/** The recipe's conversation or text; without either what stands here. */
function writtenIn(
  { conversation, prompt, prependBos = false, chat, model }: Recipe,
  info: LensInfo,
  here: { text: string; chat: Chat | null },
): { text: string; bos?: boolean } | { chat: Chat } | { text: string; chat: Chat | null } {
  // Without a hash nothing tells whether the tokens are the same.
  const same = model.sha256 !== null && model.sha256 === info.sha256;
  if (conversation) return { chat: same ? conversation : fromWords(conversation) };
  if (prompt === undefined) return { text: here.text, chat: here.chat };
  return chat && info.chat
    ? { chat: begunWith(prompt) }
    : { text: prompt, ...(info.bos !== null && { bos: prependBos }) };
}

/** Brings the page to a recipe: its edits and the first one's card, its sampling and, if it names one, its text; notices
 *  name the differences. A conversation on show that another replaces is kept as a branch. One step of the browser's
 *  history, on the sheet. One undo step. False where the conversation on show has to stay, or no model is open. */
export async function importRecipe(
  { engine, view, tracer, notices, trail, chat, show }: Parts,
  recipe: Recipe,
): Promise<boolean> {
  const { info } = engine.store.getState();
  if (!info) return false;
  const { rows, sampling, notes } = fromRecipe(recipe, info);
  notices.say('recipe', []);
  const there = await trail.step(() => {
    view.set({ place: SHEET, sheet: null });
    // The card is that of what was brought, as with a measured effect.
    const [first] = rows;
    if (first) view.set({ site: first.layer, feature: first.feature, left: null, colour: 'feature' });
    const written = writtenIn(recipe, info, tracer.store.getState());
    const work = { rows, sampling };
    return 'chat' in written && written.chat ? chat.bring(written.chat, work) : show({ ...written, ...work });
  });
  if (there === null) return false;
  notices.say('recipe', notes);
  return true;
}
