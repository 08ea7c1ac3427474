import type { LensInfo } from '../lens/types';
import { fitTo } from './fit';
import type { Unit } from './maximum';
import { folderName } from './model-url';
import type { Notebook } from './notebook';
import { featureKey, planOf, type RunPlan, type RunRecord, recordOf, rowsOf } from './notebook-record';
import type { Runner } from './run';
import type { Workbench } from './workbench';

/** Writes every run that ends into the notebook: complete, or stopped by the reader. One that an edit overtook is none of the two, nor is one that was
 *  only shown from a recording. Returns what stops it. */
export function followRuns(runner: Runner, notebook: Notebook, info: () => LensInfo | null, unit: (layer: number, feature: number) => Unit): () => void {
  // Taken when the run's first token is there: a later text could change what 1 x means.
  let plan: RunPlan | null = null;
  return runner.store.subscribe((run, before) => {
    const model = info();
    if (!model) return;
    if (run.plan !== before.plan) plan = run.plan && planOf(run.plan, model, unit);
    const ended = run.status !== before.status && (run.status === 'done' || run.status === 'stopped') && !run.stale && !run.recorded;
    if (!ended || !plan) return;
    const record = recordOf(run, plan, { model: folderName(model.model), sha256: model.sha256 }, new Date().toISOString());
    if (record) notebook.record(record);
  });
}

/** Brings text, edits, control and sampling to those of a run that was kept, and runs them. Edits of another dictionary's features would be other edits:
 *  they are left out, and the notices say so. */
export async function bringBack(bench: Workbench, { plan }: RunRecord): Promise<void> {
  const { info } = bench.engine.store.getState();
  const { site, feature } = bench.view.store.getState();
  const own = info ? plan.edits.filter((edit) => featureKey(info, edit.layer, edit.feature).sha256 === edit.sha256) : plan.edits;
  const others = plan.edits.length - own.length;
  const asked = { site, feature, rows: rowsOf(own) };
  const { rows, left } = info ? fitTo(asked, info) : { ...asked, left: [] };
  const says = others ? [`${others} ${others === 1 ? 'edit' : 'edits'} of the run left out: of another dictionary.`, ...left] : left;
  bench.stop();
  bench.view.unlock();
  bench.view.set({ sheet: null, tab: 'steer' });
  bench.notices.setState({ list: says });
  bench.steering.store.setState({ rows, control: plan.control, draw: plan.draw });
  bench.sampling.setState(plan.sampling);
  bench.tracer.store.setState({ text: plan.prompt });
  await bench.tracer.trace();
  // Without edits nothing would be run, where no run is on show.
  if (bench.tracer.store.getState().text === plan.prompt) await (rows.length ? bench.commit() : bench.generate());
}
