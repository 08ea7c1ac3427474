import { defaultSampling } from '../base/sampling';
import { SHEET } from '../base/view';
import { fitTo } from '../steering/fit';
import type { History } from './history';
import { decodeLink, encodeLink, type Link } from './link-codec';
import type { Notices } from './notices';
import type { Page, PageState } from './selectors';
import type { Stores } from './stores';

type Parts = Stores & { notices: Notices; history: History };

function linkOf({ view, tracer, steering, sampling }: PageState): Link {
  const { site, locked, anchor, feature, colour, scale, rank, over, dense, first, template, scope } = view;
  const { rows, control, draw } = steering;
  return {
    prompt: tracer.text,
    site: site ?? undefined,
    token: locked ?? undefined,
    anchor: anchor ?? undefined,
    feature: feature ?? undefined,
    colour,
    scale,
    rank,
    over,
    dense,
    first,
    template,
    scope: scope ?? undefined,
    rows,
    control,
    draw,
    sampling,
  };
}

/** The view as it stands, as a link's fragment. */
export function currentLink({ page }: { page: Page }): string {
  const { place } = page.getState().view;
  return encodeLink({ ...linkOf(page.getState()), place: place === SHEET ? undefined : place });
}

/** The same without the place: what stands on the sheet, also while another place is on show. */
export const sheetLink = ({ page }: { page: Page }): string => encodeLink(linkOf(page.getState()));

/** What a fragment, with or without its #, asks of the sheet: all of it but the place. */
export const askedOfSheet = (hash: string): string =>
  hash
    .replace(/^#/, '')
    .split('&')
    .filter((part) => !part.startsWith('w='))
    .join('&');

/** Brings the page to what a fragment says. Missing fields take their defaults, the text `defaultPrompt`. Leaves out
 *  what the model lacks, and names it in the notices. Does not trace the text yet. `whole`: the text, where it is longer
 *  than a fragment carries. */
export function applyLink(bench: Parts, hash: string, defaultPrompt: string, whole?: string): void {
  bring(bench, withWhole(decodeLink(hash), whole), defaultPrompt, true);
  bench.history.restart();
}

/** Brings the page back to a view that it was in before, by the way of a link but as a step of undo. Text, edits and
 *  run stay as they are where they are the same; true if they are not. `whole` as in `applyLink`. */
export function returnTo(bench: Parts, hash: string, whole?: string): boolean {
  const link = withWhole(decodeLink(hash), whole);
  const now = linkOf(bench.page.getState());
  // Texts that begin alike are one text to a link.
  const differs = workOf(link) !== workOf(now) || (whole !== undefined && whole !== now.prompt);
  const release = bench.history.hold();
  bring(bench, link, '', differs);
  release();
  return differs;
}

const withWhole = (link: Link, whole?: string): Link => (whole === undefined ? link : { ...link, prompt: whole });

/** The part of a link that is the reader's own work. */
const workOf = ({ prompt, rows, control, draw, sampling }: Link): string =>
  encodeLink({ prompt, rows, control, draw, sampling });

/** `work`: also text, edits, control and sampling. */
function bring(bench: Parts, { notices = [], ...link }: Link, defaultPrompt: string, work: boolean): void {
  const { info } = bench.engine.store.getState();
  const asked = { site: link.site ?? null, feature: link.feature ?? null, rows: link.rows ?? [] };
  const { left, ...fitted } = info ? fitTo(asked, info) : { ...asked, left: [] };
  if (work) {
    // The page shows another text, so notices about the previous one go.
    bench.notices.clear();
    bench.notices.say('link', [...notices, ...left]);
  }
  bench.view.set({
    site: fitted.site,
    locked: link.token ?? null,
    anchor: link.anchor ?? null,
    generated: null,
    left: null,
    feature: fitted.feature,
    colour: link.colour ?? 'feature',
    scale: link.scale ?? 'maximum',
    rank: link.rank ?? 'relative',
    over: link.over ?? 'max',
    dense: link.dense ?? false,
    list: 'active',
    first: link.first ?? false,
    template: link.template ?? false,
    scope: link.scope ?? null,
    place: link.place ?? SHEET,
  });
  if (!work) return;
  bench.steering.store.setState({ rows: fitted.rows, control: link.control ?? true, draw: link.draw ?? 1 });
  bench.sampling.setState(link.sampling ?? defaultSampling, true);
  bench.tracer.store.setState({ text: link.prompt ?? defaultPrompt });
}

/** Calls `write` with the fragment when the view has stood still for `pause` ms. Returns what stops it. */
export function followLink(bench: Stores, write: (hash: string) => void, pause = 300): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = '';
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const hash = currentLink(bench);
      if (hash !== last) write(hash);
      last = hash;
    }, pause);
  };
  const stops = [
    bench.view.store.subscribe((now, before) => {
      if (now.hover === before.hover) changed();
    }),
    bench.tracer.store.subscribe((now, before) => {
      if (now.text !== before.text) changed();
    }),
    bench.steering.store.subscribe(changed),
    bench.sampling.subscribe(changed),
  ];
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}
