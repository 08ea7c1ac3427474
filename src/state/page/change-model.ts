import { fitTo } from '../steering/fit';
import type { Workbench } from './workbench';

type Parts = Pick<
  Workbench,
  'engine' | 'view' | 'tracer' | 'steering' | 'runner' | 'parity' | 'labels' | 'notices' | 'history'
>;

/** Another model is opened in the same page: what was read, run and edited belongs to the one before, called `name`.
 *  The text stays. */
export function leaveModel(
  { view, tracer, steering, runner, parity, labels, notices, history }: Parts,
  name: string,
): void {
  const { rows } = steering.store.getState();
  view.unlock();
  view.set({ site: null, feature: null, left: null, list: 'active' });
  tracer.store.setState({ trace: null, reading: null, recorded: null, seen: {}, error: null });
  runner.clear();
  parity.hide();
  labels.clear();
  steering.replace([]);
  const dropped = `${rows.length} ${rows.length === 1 ? 'edit' : 'edits'} of ${name} left out: ids do not carry over between dictionaries.`;
  // What was said so far was said of the model before.
  notices.clear();
  if (rows.length) notices.say('model', [dropped]);
  history.restart();
}

/** Site, feature and edits within what the open model has; what it lacks is left out and said. */
export function fitModel({ engine, view, steering, notices, history }: Parts): void {
  const { info } = engine.store.getState();
  if (!info) return;
  const { site, feature } = view.store.getState();
  const { rows } = steering.store.getState();
  const fitted = fitTo({ site, feature, rows }, info);
  view.set({ site: fitted.site, feature: fitted.feature });
  if (fitted.rows.length !== rows.length || fitted.rows.some((row, i) => row !== rows[i]))
    steering.replace(fitted.rows);
  // What this model cannot have is nothing to come back to.
  if (fitted.left.length) history.restart();
  if (fitted.left.length) notices.add('link', fitted.left);
}
