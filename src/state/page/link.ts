import { defaultSampling } from '../base/sampling';
import { SHEET } from '../base/view';
import { fromWords } from '../chat/turns';
import { samePrompt } from '../reading/prompt';
import { fitTo } from '../steering/fit';
import type { History } from './history';
import { decodeLink, encodeLink, type Link } from './link-codec';
import type { Whole } from './link-limit';
import { packing } from './link-packed';
import type { Notices } from './notices';
import type { Page, PageState } from './selectors';
import type { Stores } from './stores';

type Parts = Stores & { notices: Notices; history: History };

function linkOf({ view, tracer, steering, sampling }: PageState): Link {
  const { site, locked, anchor, feature, colour, scale, rank, over, dense, first, template, scope } = view;
  const { rows, control, draw } = steering;
  return {
    prompt: tracer.text,
    chat: tracer.chat ?? undefined,
    bos: tracer.bos,
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

/** Waits for what the link of the view as it stands has to carry packed; null where it waits for nothing. */
export const linkPacking = ({ page }: { page: Page }): Promise<void> | null => packing(page.getState().tracer);

/** The view as it stands, as a link's fragment. */
export function currentLink({ page }: { page: Page }): string {
  const { place } = page.getState().view;
  return encodeLink({ ...linkOf(page.getState()), place: place === SHEET ? undefined : place });
}

/** The same without the place: what stands on the sheet, also while another place is on show. */
export const sheetLink = ({ page }: { page: Page }): string => encodeLink(linkOf(page.getState()));

/** The text, and the conversation, for a page with another model: token ids are a model's own. */
export function writtenLink({ page }: { page: Page }): string {
  const { text, chat } = page.getState().tracer;
  return encodeLink({ prompt: text, chat: chat ? fromWords(chat) : undefined });
}

/** What a fragment, with or without its #, asks of the sheet: all of it but the place. */
export const askedOfSheet = (hash: string): string => without(hash, 'w=');

const without = (hash: string, letter: string): string =>
  hash
    .replace(/^#/, '')
    .split('&')
    .filter((part) => !part.startsWith(letter))
    .join('&');

/** Brings the page to what a fragment says. Missing fields take their defaults, the text `defaultPrompt`. Leaves out
 *  what the model lacks, and names it in the notices. Does not trace the text yet. */
export function applyLink(bench: Parts, hash: string, defaultPrompt: string, whole: Whole = {}): void {
  bring(bench, askedBy(hash, whole), defaultPrompt, true);
  bench.history.restart();
}

/** Brings the page back to a view that it was in before, by the way of a link but as a step of undo. Text, edits and
 *  run stay as they are where they are the same; true if they are not. `whole` as in `applyLink`. */
export function returnTo(bench: Parts, hash: string, whole: Whole = {}): boolean {
  const link = askedBy(hash, whole);
  const now = linkOf(bench.page.getState());
  // Texts that begin alike are one text to a link.
  const others = whole.text !== undefined && whole.text !== now.prompt;
  const differs =
    workOf(link) !== workOf(now) || others || (whole.chat !== undefined && !samePrompt(whole.chat, now.chat ?? ''));
  const release = bench.history.hold();
  bring(bench, link, '', differs);
  release();
  return differs;
}

/** What a fragment asks for. Of what is here whole nothing is read of it, and nothing is said about what it lacks. */
function askedBy(hash: string, { text, chat, says = [] }: Whole): Link {
  const link = decodeLink(chat ? without(hash, 'y=') : hash);
  const notices = [...says, ...(link.notices ?? [])];
  return { ...link, ...(text !== undefined && { prompt: text }), ...(chat && { chat }), notices };
}

/** The part of a link that is the reader's own work. */
const workOf = ({ prompt, chat, bos, rows, control, draw, sampling }: Link): string =>
  encodeLink({ prompt, chat, bos, rows, control, draw, sampling });

/** `work`: also text, conversation, edits, control and sampling. */
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
  bench.tracer.store.setState({ text: link.prompt ?? defaultPrompt, chat: link.chat ?? null, bos: link.bos ?? true });
}

/** Calls `write` with the fragment when the view has stood still for `pause` ms, and with the one that is packed once it
 *  is. Returns what stops it. */
export function followLink(bench: Stores, write: (hash: string) => void, pause = 300): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = '';
  const say = () => {
    const hash = currentLink(bench);
    if (hash !== last) write(hash);
    last = hash;
  };
  const changed = () => {
    clearTimeout(timer);
    const mine = setTimeout(() => {
      say();
      void packing(bench.tracer.store.getState())?.then(() => timer === mine && say());
    }, pause);
    timer = mine;
  };
  const stops = [
    bench.view.store.subscribe((now, before) => {
      if (now.hover === before.hover) changed();
    }),
    bench.tracer.store.subscribe((now, before) => {
      if (now.text !== before.text || now.chat !== before.chat || now.bos !== before.bos) changed();
    }),
    bench.steering.store.subscribe(changed),
    bench.sampling.subscribe(changed),
  ];
  return () => {
    clearTimeout(timer);
    timer = undefined;
    for (const stop of stops) stop();
  };
}
