import { decodeLink, encodeLink, type Link } from './url';
import type { Workbench } from './workbench';

/** The view as it stands, as a link's fragment. */
export function currentLink(bench: Workbench): string {
  const { site, locked, feature, colour, scale, rank, first } = bench.view.store.getState();
  const { rows, control, draw } = bench.steering.store.getState();
  return encodeLink({
    prompt: bench.tracer.store.getState().text,
    site: site ?? undefined,
    token: locked ?? undefined,
    feature: feature ?? undefined,
    colour,
    scale,
    rank,
    first,
    rows,
    control,
    draw,
    sampling: bench.sampling.getState(),
  });
}

/** Brings the page to what a fragment says; what it does not say becomes the default. The text is not traced yet. */
export function applyLink(bench: Workbench, hash: string, defaultPrompt: string): void {
  const link: Link = decodeLink(hash);
  bench.view.set({
    site: link.site ?? bench.view.store.getState().site,
    locked: link.token ?? null,
    feature: link.feature ?? null,
    colour: link.colour ?? 'feature',
    scale: link.scale ?? 'maximum',
    rank: link.rank ?? 'relative',
    first: link.first ?? false,
  });
  bench.steering.store.setState({ rows: link.rows ?? [], control: link.control ?? true, draw: link.draw ?? 1 });
  if (link.sampling) bench.sampling.setState(link.sampling);
  bench.tracer.store.setState({ text: link.prompt ?? defaultPrompt });
}

/** Calls `write` with the fragment when the view has stood still for `pause` ms. Returns what stops it. */
export function followLink(bench: Workbench, write: (hash: string) => void, pause = 300): () => void {
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
