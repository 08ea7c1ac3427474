import type { Prompt } from '../../lens/api/chat';
import type { LensInfo } from '../../lens/api/lens';
import { SHEET } from '../base/view';
import { fromWords } from '../chat/turns';
import { featureKey } from '../features/feature-key';
import type { Notebook } from '../notebook/notebook';
import { planOf, type RunPlan, type RunRecord, recordOf, runModel, type ShownOf } from '../notebook/record';
import { amountShown, type EditRow } from '../steering/edits';
import { layersOf } from '../steering/gates';
import type { Runner } from '../steering/run';
import type { Steering } from '../steering/steering';
import type { Commits } from './commit';
import type { Conversation } from './conversation';
import type { Notices } from './notices';
import { rowOf } from './recipes';
import type { Shows } from './show';
import type { Stores } from './stores';

interface Parts extends Stores, Pick<Shows, 'show'>, Pick<Commits, 'generate'> {
  notices: Notices;
  chat: Pick<Conversation, 'bring'>;
}

/** What the panel shows for the strengths of a run's edits. */
export const shownBy =
  ({ store }: Steering, scales: Commits['scales']): ShownOf =>
  (edit) => {
    const { layer, feature, mode, strength } = edit;
    const same = (row: EditRow) =>
      row.layer === layer && row.feature === feature && row.mode === mode && row.strength === strength;
    const { unit = 'max' } = store.getState().rows.find(same) ?? {};
    const { amount: weight, ...shown } = amountShown({ mode, strength, unit }, scales(layer, feature));
    return { weight, ...shown };
  };

/** Writes every run that completes, or that the reader stops, into the notebook. Skips runs that failed, that an edit
 *  overtook or that were only shown from a recording. Returns a function that stops this. */
export function followRuns(
  runner: Runner,
  notebook: Notebook,
  info: () => LensInfo | null,
  shownOf: ShownOf,
): () => void {
  // Taken when the run begins: the units may be others later.
  let plan: RunPlan | null = null;
  return runner.store.subscribe((run, before) => {
    const model = info();
    if (!model) return;
    if (run.plan !== before.plan) plan = run.plan && planOf(run.plan, model, shownOf);
    const ended =
      run.status !== before.status &&
      (run.status === 'done' || run.status === 'stopped') &&
      !run.stale &&
      !run.recorded &&
      !run.error;
    if (!ended || !plan) return;
    const record = recordOf(run, plan, runModel(model, plan.edits), new Date().toISOString());
    if (record) notebook.record(record);
  });
}

interface Back {
  rows: EditRow[];
  /** Why the run cannot be repeated exactly, in sentences. */
  says: string[];
}

/** Turns a kept run's edits into panel rows by their strengths; a weight may be of another maximum by now. */
function rowsBack({ model, sha256, plan: { edits } }: RunRecord, info: LensInfo): Back {
  const here = runModel(info, edits);
  const same = here.model === model && here.sha256 === sha256;
  const says = same
    ? []
    : [`The run was made on another model, ${called(model, sha256)}; this is ${called(here.model, here.sha256)}.`];
  // Equal hashes mean the same dictionary in any model. Without a hash, only the very same model has it.
  // Of a gate's own layer no hash is kept, and there too only the very same model will do.
  const own = edits.filter(
    (edit) =>
      featureKey(info, edit.layer, edit.feature).sha256 === edit.sha256 &&
      ((edit.sha256 !== null && layersOf(edit).length === 1) || same),
  );
  const others = edits.length - own.length;
  if (others) says.push(`${others} ${others === 1 ? 'edit' : 'edits'} of the run left out: of another dictionary.`);
  const rows: EditRow[] = [];
  for (const [i, edit] of own.entries()) {
    const row = rowOf(edit, i + 1, info);
    if (typeof row === 'string') says.push(row);
    else rows.push({ ...row, unit: edit.unit });
  }
  return { rows, says };
}

const called = (model: string, sha256: string | null): string =>
  `${model} (${sha256 ? `SHA-256 ${sha256.slice(0, 8)}…` : 'SHA-256 not known'})`;

/** Of another model's conversation the words: its tokens are others here. */
function promptBack({ sha256, model, plan: { prompt, edits } }: RunRecord, info: LensInfo): Prompt {
  const here = runModel(info, edits);
  const same = here.model === model && here.sha256 === sha256;
  return typeof prompt === 'string' || same ? prompt : fromWords(prompt);
}

/** Restores the text or conversation, edits, control and sampling of a kept run, and runs them; notices name the differences. Leaves
 *  out edits of another dictionary, because their ids mean other features here. */
export async function bringBack(bench: Parts, run: RunRecord): Promise<void> {
  const { engine, view, runner, notices, trail } = bench;
  const { control, draw, sampling, prependBos = false } = run.plan;
  const { info } = engine.store.getState();
  if (!info) return;
  const { rows, says } = rowsBack(run, info);
  const prompt = promptBack(run, info);
  const there = await trail.step(() => {
    view.set({ place: SHEET, tab: 'steer' });
    notices.say('run', []);
    const work = { rows, control, draw, sampling };
    return typeof prompt === 'string'
      ? bench.show({ text: prompt, ...(info.bos !== null && { bos: prependBos }), ...work })
      : bench.chat.bring(prompt, work);
  });
  if (there === null) return;
  notices.say('run', says);
  // Without edits, and with no run on show, a commit runs nothing.
  const nothing = !rows.length && !runner.store.getState().streams;
  if (nothing && there) await bench.generate();
}
