import { defaultSampling } from '../base/sampling';
import { fitTo } from '../steering/fit';
import type { History } from './history';
import { decodeLink, encodeLink } from './link-codec';
import type { Notices } from './notices';
import type { Page } from './selectors';
import type { Stores } from './stores';

/** The view as it stands, as a link's fragment. */
export function currentLink({ page }: { page: Page }): string {
  const { view, tracer, steering, sampling } = page.getState();
  const { site, locked, anchor, feature, colour, scale, rank, over, dense, first } = view;
  const { rows, control, draw } = steering;
  return encodeLink({
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
    rows,
    control,
    draw,
    sampling,
  });
}

/** Brings the page to what a fragment says. Missing fields take their defaults, the text `defaultPrompt`. Leaves out
 *  what the model lacks, and names it in the notices. Does not trace the text yet. */
export function applyLink(
  bench: Stores & { notices: Notices; history: History },
  hash: string,
  defaultPrompt: string,
): void {
  const { notices = [], ...link } = decodeLink(hash);
  const { info } = bench.engine.store.getState();
  const asked = { site: link.site ?? null, feature: link.feature ?? null, rows: link.rows ?? [] };
  const { left, ...fitted } = info ? fitTo(asked, info) : { ...asked, left: [] };
  // The page shows another text, so notices about the previous one go.
  bench.notices.clear();
  bench.notices.say('link', [...notices, ...left]);
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
  });
  bench.steering.store.setState({ rows: fitted.rows, control: link.control ?? true, draw: link.draw ?? 1 });
  bench.sampling.setState(link.sampling ?? defaultSampling);
  bench.tracer.store.setState({ text: link.prompt ?? defaultPrompt });
  bench.history.restart();
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
