import { identityOf } from '../../lens/api/identity';
import type { OpenRequest } from '../../lens/api/request';
import type { ImportedLabels } from '../features/imported-labels';
import type { Labels } from '../features/labels';
import { isChoiceOf } from '../model/choices';
import type { ModelState } from '../model/engine-state';
import { requestName } from '../model/model-url';
import type { Parity } from '../model/parity';
import { siteOf } from '../reading/select';
import { type EditRow, settleRows } from '../steering/edits';
import { fitTo } from '../steering/fit';
import type { Steering } from '../steering/steering';
import type { MaximumOf } from '../steering/unit';
import type { Commits } from './commit';
import type { Conversation } from './conversation';
import { fitTemplate } from './fit-chat';
import type { History } from './history';
import type { Notices } from './notices';
import type { Questions } from './questions';
import { type Page, selectEdits } from './selectors';
import type { Stores } from './stores';

interface Parts extends Stores {
  parity: Parity;
  chat: Pick<Conversation, 'leaveModel' | 'hand'>;
  labels: Labels;
  imported: ImportedLabels;
  notices: Notices;
  history: History;
  questions: Pick<Questions, 'release' | 'ask'>;
  commits: Commits;
}

/** When the model changes, clears what belongs to the old one and lets the new one read the text. Returns a function
 *  that stops this. */
export function followModel(parts: Parts): () => void {
  const { engine, view, tracer, runner, questions } = parts;
  /** The layer on show when the previous model or layer was left: the next one shows it too, if it has it. */
  let kept: number | null = null;
  /** The request that was open last. */
  let opened: OpenRequest | null = null;
  return engine.store.subscribe((now, before) => {
    const { request } = now;
    if (now.phase === 'loading' && before.request && request && request !== before.request) {
      const same = now.url === before.url;
      const open = opened !== null && identityOf(opened) === before.url;
      // Where none had opened yet, the view that a link brought is still to come: it waited for the reader's choice.
      if (!same && (open || !isChoiceOf(before.request, request))) leaveModel(parts, requestName(before.request));
      if (!same || (open && String(request.sites) !== String(opened?.sites))) kept = view.store.getState().site;
    }
    if (now.lens) opened = request;
    if (now.lens === before.lens) return;
    if (before.lens) {
      tracer.detach();
      runner.expire();
      questions.release();
    }
    if (!now.lens) return;
    const { site } = view.store.getState();
    if (site !== null && site === kept && !siteOf(now.info, site)) view.set({ site: null, feature: null, left: null });
    kept = null;
    takeUp(parts, now, before);
  });
}

/** Settles the rows (see `settleRows`), also those that undo brings back. Returns a function that stops this. */
export const followRows = (page: Page, steering: Steering, maximumOf: MaximumOf): (() => void) =>
  page.follow(
    (s) => s.steering.rows,
    (rows) => {
      const { info } = page.getState().engine;
      if (!info) return;
      const settled = settleRows(
        rows,
        info.sites.map(({ layer }) => layer),
        maximumOf,
      );
      if (settled !== rows) steering.replace(settled);
    },
  );

/** Clears what was read, run and edited with the previous model, called `name`, when another model opens. Keeps the
 *  text and the layer. */
function leaveModel(
  { view, tracer, steering, runner, chat, parity, labels, notices, history }: Parts,
  name: string,
): void {
  const { rows } = steering.store.getState();
  view.unlock();
  view.set({ feature: null, left: null, list: 'active' });
  // Ids of tokens do not carry over: a begun answer goes on from its words.
  chat.leaveModel();
  tracer.store.setState({ trace: null, reading: null, recorded: null, seen: {}, error: null });
  runner.clear();
  parity.hide();
  labels.clear();
  steering.replace([]);
  // The notices so far were about the previous model.
  notices.clear();
  if (rows.length)
    notices.say('model', [
      `${rows.length} ${rows.length === 1 ? 'edit' : 'edits'} of ${name} left out: ids do not carry over between dictionaries.`,
    ]);
  history.restart();
}

/** Runs when a model opens, and when other dictionaries of the open model do. */
function takeUp(parts: Parts, now: ModelState, before: ModelState): void {
  const { engine, page, view, tracer, labels, imported, questions, commits } = parts;
  // After a change of dictionaries, an open site replaces a site that closed, without a notice.
  const first = now.info?.sites[0]?.layer;
  if (before.lens && first !== undefined && !siteOf(now.info, view.store.getState().site))
    view.set({ site: first, feature: null, left: null });
  if (now.info?.model === before.info?.model) labels.renew();
  else labels.clear();
  if (now.info) imported.apply(now.info);
  fitModel(parts);
  questions.ask();
  void tracer.trace().then(() => {
    const state = page.getState();
    const { streams, recorded } = state.runner;
    if (engine.store.getState().lens === now.lens && (recorded || (selectEdits(state).length && !streams)))
      void commits.generate();
  });
}

/** Limits site, feature, edits and the conversation's template to what the open model has, and names the rest in a
 *  notice. */
function fitModel(parts: Parts): void {
  const { engine, view, steering, notices, history } = parts;
  const { info } = engine.store.getState();
  if (!info) return;
  const { site, feature } = view.store.getState();
  const { rows } = steering.store.getState();
  const fitted = fitTo({ site, feature, rows }, info);
  view.set({ site: fitted.site, feature: fitted.feature });
  if (fitted.rows.length !== rows.length || fitted.rows.some((row, i) => row !== rows[i]))
    steering.replace(fitted.rows);
  if (fitted.left.length) notices.add('link', fitted.left);
  // Undo must not bring back what this model lacks, nor is it a step that the strengths of an earlier link are known.
  const counted = (all: readonly EditRow[]) => all.filter(({ unit }) => unit === 'times').length;
  const begins = fitted.left.length > 0 || counted(fitted.rows) < counted(rows);
  if (fitTemplate({ ...parts, hand: parts.chat.hand }) || begins) history.restart();
}
