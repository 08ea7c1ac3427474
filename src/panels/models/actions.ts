import { agree, pageKind } from '../../offline/elsewhere';
import { forgetModel } from '../../state/last-model';
import { currentLink } from '../../state/link';
import { atAddress, foreignHost, identityOf, type ModelRequest, modelUrl, queryOf } from '../../state/model-url';
import { keptRequest } from '../../state/models';
import { encodeLink } from '../../state/url';
import type { Workbench } from '../../state/workbench';

const page = () => document.baseURI;

/** Whether opening it needs the network of another site: what is kept whole needs none. */
export function needsNetwork(bench: Workbench, request: ModelRequest): boolean {
  return foreignHost(request, page()) !== null && keptRequest(bench.models.store.getState().kept ?? [], request) === null;
}

/** Opens it in this page where this page can; else the page opens it that may connect to other sites. The user's word has been given. */
export function openRequest(bench: Workbench, request: ModelRequest): void {
  const { provider } = bench.engine.store.getState();
  const open = () => void bench.engine.open(request, provider);
  bench.view.set({ sheet: null });
  bench.models.plan(null);
  if (!needsNetwork(bench, request)) open();
  else agree(identityOf(request), open, addressOf(bench, request));
}

/** Opens another layer's dictionary, which has to be fetched: here, or by the page that may. The user's word has been given. */
export function openLayer(bench: Workbench, layer: number): void {
  const { request } = bench.engine.store.getState();
  if (!request) return;
  const next = { ...request, layer };
  agree(identityOf(next), () => void bench.openLayer(layer), addressOf(bench, next));
}

/** The address that asks for a model with the text as it stands; with all of the view where it is the model that the page is about already. */
function addressOf(bench: Workbench, request: ModelRequest): string {
  const { provider, request: open } = bench.engine.store.getState();
  const same = open !== null && identityOf(open) === identityOf(request);
  return `${queryOf(request, page(), provider) ?? ''}#${same ? currentLink(bench) : encodeLink({ prompt: bench.tracer.store.getState().text })}`;
}

/** The way back that is always there. */
export function backToMini(bench: Workbench): void {
  forgetModel();
  const mini = atAddress(modelUrl(null, page()).url);
  if (pageKind() === 'open') location.assign(`./${addressOf(bench, mini)}`);
  else openRequest(bench, mini);
}
