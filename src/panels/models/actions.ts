import { foreignHost, identityOf } from '../../lens/api/identity';
import type { OpenRequest } from '../../lens/api/request';
import { agree, pageKind } from '../../offline/elsewhere';
import { forgetModel } from '../../state/model/last-model';
import { ownModel, toQuery } from '../../state/model/model-url';
import { storedRequest } from '../../state/model/models';
import { currentLink, writtenLink } from '../../state/page/link';
import type { Workbench } from '../../state/page/workbench';

const page = () => document.baseURI;

/** Whether opening a request, or its pair, needs another site's network; a completely kept model does not. */
export function needsNetwork(bench: Workbench, request: OpenRequest): boolean {
  const elsewhere = foreignHost(request, page()) !== null;
  const kept = storedRequest(bench.models.store.getState().kept ?? [], request) !== null;
  return elsewhere && (!kept || pairHost(request) !== null);
}

/** The host other than the page's own that a request's pair comes from, which is not kept; null if there is none. */
export const pairHost = ({ verbalizer }: OpenRequest): string | null =>
  foreignHost({ ...ownModel(page()), verbalizer }, page());

/** Opens a request in this page if it can; else in the page that may connect to other sites. The user has agreed. */
export function openRequest(bench: Workbench, request: OpenRequest): void {
  const { provider } = bench.engine.store.getState();
  const kept = storedRequest(bench.models.store.getState().kept ?? [], request);
  const beside = bench.engine.store.getState().lens !== null;
  const leave = () => {
    if (bench.view.store.getState().sheet === 'models') bench.view.set({ sheet: null });
    bench.models.plan(null);
  };
  // What cannot be opened beside an open model is said in the sheet, where it was asked for.
  const open = () => void bench.engine.open(kept ?? request, provider).then((opened) => opened && beside && leave());
  if (!beside) leave();
  if (!needsNetwork(bench, request)) {
    open();
    return;
  }
  // Only a page can ask for it, and gigabytes that the browser may clear at any time are worth the question.
  void bench.models.persist();
  agree(identityOf(request), open, { address: linkTo(bench, request), beside });
}

/** Opens the open or failed model once more. If a part of it is no longer kept, the strict page cannot fetch that part,
 *  and shows what the model takes. */
export async function openAgain(bench: Workbench): Promise<void> {
  const { request } = bench.engine.store.getState();
  await bench.models.read();
  if (request && pageKind() === 'strict' && needsNetwork(bench, request)) seePlan(bench, request);
  else await bench.engine.restart();
}

/** Shows what a model takes, before anything is fetched. */
export function seePlan(bench: Workbench, request: OpenRequest): void {
  bench.models.plan(request);
  bench.view.set({ sheet: 'models' });
}

/** Opens another layer's dictionary that has to be fetched, here or in the page that may fetch it. The user has
 *  agreed. */
export function openLayer(bench: Workbench, layer: number): void {
  const { request } = bench.engine.store.getState();
  if (!request) return;
  const next = { ...request, sites: [layer] };
  agree(identityOf(next), () => void bench.openLayer(layer), { address: linkTo(bench, next), beside: true });
}

/** The address that asks for a model, with the text as it stands; with the whole view if the page is about that model
 *  already. */
function linkTo(bench: Workbench, request: OpenRequest): string {
  const { provider, request: open } = bench.engine.store.getState();
  const same = open !== null && identityOf(open) === identityOf(request);
  return `${toQuery(request, page(), provider) ?? ''}#${same ? currentLink(bench) : writtenLink(bench)}`;
}

/** The way back that is always there. */
export function backToMini(bench: Workbench): void {
  forgetModel();
  const mini = ownModel(page());
  if (pageKind() === 'open') location.assign(`./${linkTo(bench, mini)}`);
  else openRequest(bench, mini);
}
