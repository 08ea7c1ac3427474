import type { Message } from '../api/chat';
import type { Segment } from './segments';

/** A segment in a rendered conversation: [begin, end), in UTF-16 units. */
export interface Region {
  segment: Segment;
  begin: number;
  end: number;
}

/** Renders messages; null if the template refuses them. */
export type TryRender = (messages: Message[]) => string | null;

/** A mark is one character of a private plane, which no template looks at. */
const FIRST_MARK = 0xf0000;

/** Renderings for one conversation; more cost seconds where it is long. What has no marks by then bears none. */
const MOST_RENDERINGS = 32;

export interface FindOptions {
  /** The rendering of the messages. */
  plain: string;
  /** How far in it something can be said: behind it the assistant begins. */
  said: number;
  messages: readonly Message[];
  segments: readonly Segment[];
  render: TryRender;
}

type Bounds = Pick<Segment, 'begin' | 'end'>;
type Marks = ReadonlyMap<Segment, Bounds>;

/**
 * Where each segment stands in `plain`, the rendering of `messages`, in the order of the text. A segment that the
 * template leaves out is missing; one that it repeats comes several times.
 *
 * The segments are rendered between marks. That counts only if it gives `plain` but for the marks: a template may trim,
 * cut or test what it is given. First the marks stand around the segments as they are. If that changes anything, they
 * stand around the texts without white space at their ends, around as many as bear it. Then the white space is taken in
 * where the template keeps it: wherever it is the same, then the last time apart, since templates treat the last turn in
 * their own way. What bears no marks at all is found only if it stands in its place once.
 */
export function findRegions({ plain, said, messages, segments, render }: FindOptions): Region[] {
  const names = unused(plain + messages.map(({ content }) => content).join(''), 2 * segments.length);
  let renderings = names.length < 2 * segments.length ? 0 : MOST_RENDERINGS;
  let marks: Marks = new Map();
  let found: Region[] = [];
  /** Adds marks for more segments, unless that changes the text. */
  const add = (more: readonly Segment[], boundsOf: (segment: Segment) => Bounds): boolean => {
    if (renderings === 0) return false;
    renderings--;
    const wanted = new Map([...marks, ...more.map((segment): [Segment, Bounds] => [segment, boundsOf(segment)])]);
    const rendered = render(marked(messages, segments, wanted, names));
    const regions = rendered === null ? null : readMarks(rendered, plain, segments, names);
    if (regions) [marks, found] = [wanted, regions];
    return regions !== null;
  };
  const asItIs = (segment: Segment) => segment;
  if (add(segments, asItIs)) return found;

  const cores = new Map(segments.map((segment) => [segment, coreOf(segment, messages[segment.turn]!.content)]));
  const core = (segment: Segment) => cores.get(segment)!;
  const filled = segments.filter((segment) => !isEmpty(core(segment)));
  const addHalves = (some: readonly Segment[]): void => {
    if (some.length === 0 || add(some, core) || some.length === 1) return;
    addHalves(some.slice(0, some.length / 2));
    addHalves(some.slice(some.length / 2));
  };
  addHalves(filled);

  const written = new Set(found.map(({ segment }) => segment));
  for (const alike of groupsBySpace(segments, messages, core)) {
    const some = alike.filter((segment) => written.has(segment) || isEmpty(core(segment)));
    if (some.length === 0 || add(some, asItIs) || some.length === 1) continue;
    add(some.slice(0, -1), asItIs);
    add(some.slice(-1), asItIs);
  }
  const textOf = (segment: Segment) => messages[segment.turn]!.content.slice(core(segment).begin, core(segment).end);
  return withUnmarked(found, plain.slice(0, said), filled, marks, textOf);
}

/** Segments with white space at their ends, and empty ones: those together of which a template makes the same, because
 *  role, section and white space are the same. */
function groupsBySpace(
  segments: readonly Segment[],
  messages: readonly Message[],
  core: (segment: Segment) => Bounds,
): Iterable<Segment[]> {
  const groups = new Map<string, Segment[]>();
  for (const segment of segments) {
    const { begin, end } = core(segment);
    if (begin === segment.begin && end === segment.end && begin < end) continue;
    const { role, content } = messages[segment.turn]!;
    const key = JSON.stringify([
      role,
      segment.section,
      content.slice(segment.begin, begin),
      content.slice(end, segment.end),
    ]);
    groups.set(key, [...(groups.get(key) ?? []), segment]);
  }
  return groups.values();
}

const isEmpty = ({ begin, end }: Bounds) => begin === end;

/** A segment without the white space at its ends. */
function coreOf({ begin, end }: Segment, content: string): Bounds {
  const text = content.slice(begin, end);
  const core = text.trim();
  if (core === '') return { begin, end: begin };
  const from = begin + text.indexOf(core);
  return { begin: from, end: from + core.length };
}

/** `count` marks that a text does not hold, or as many as there are. */
function unused(text: string, count: number): string[] {
  const held = new Set(text);
  const found: string[] = [];
  for (let code = FIRST_MARK; found.length < count && code < 0x110000; code++) {
    const mark = String.fromCodePoint(code);
    if (!held.has(mark)) found.push(mark);
  }
  return found;
}

/** Segment s between `names[2 s]` and `names[2 s + 1]`. */
function marked(
  messages: readonly Message[],
  segments: readonly Segment[],
  marks: Marks,
  names: readonly string[],
): Message[] {
  const cuts = messages.map((): { at: number; mark: string }[] => []);
  for (const [s, segment] of segments.entries()) {
    const bounds = marks.get(segment);
    if (!bounds) continue;
    cuts[segment.turn]!.push({ at: bounds.begin, mark: names[2 * s]! }, { at: bounds.end, mark: names[2 * s + 1]! });
  }
  return messages.map(({ role, content }, turn) => {
    let [text, from] = ['', 0];
    for (const { at, mark } of cuts[turn]!) {
      text += content.slice(from, at) + mark;
      from = at;
    }
    return { role, content: text + content.slice(from) };
  });
}

/** The regions that the marks enclose; null unless the rendering is `plain` but for its marks and each that opens is
 *  closed by its own. */
function readMarks(
  rendered: string,
  plain: string,
  segments: readonly Segment[],
  names: readonly string[],
): Region[] | null {
  const indexOf = new Map(names.map((name, index) => [name, index]));
  const regions: Region[] = [];
  let begun: { index: number; begin: number } | null = null;
  let [bare, from] = ['', 0];
  for (const { index: at, 0: character } of rendered.matchAll(/[\u{f0000}-\u{10ffff}]/gu)) {
    const index = indexOf.get(character);
    if (index === undefined) continue;
    bare += rendered.slice(from, at);
    from = at + character.length;
    if (index % 2 === 0) {
      begun = { index, begin: bare.length };
    } else {
      if (begun?.index !== index - 1) return null;
      regions.push({ segment: segments[begun.index / 2]!, begin: begun.begin, end: bare.length });
      begun = null;
    }
  }
  return begun === null && bare + rendered.slice(from) === plain ? regions : null;
}

/** Adds a segment without marks if its text stands exactly once between its neighbours. */
function withUnmarked(
  found: readonly Region[],
  plain: string,
  order: readonly Segment[],
  marks: Marks,
  textOf: (segment: Segment) => string,
): Region[] {
  const own = new Map<Segment, Region[]>();
  for (const region of found) own.set(region.segment, [...(own.get(region.segment) ?? []), region]);
  // Where the regions of all later segments begin.
  const limits: number[] = [];
  let limit = plain.length;
  for (const segment of order.toReversed()) {
    limits.unshift(limit);
    limit = Math.min(limit, ...(own.get(segment) ?? []).map(({ begin }) => begin));
  }
  const regions = [...found];
  let from = 0;
  for (const [place, segment] of order.entries()) {
    from = Math.max(from, ...(own.get(segment) ?? []).map(({ end }) => end));
    if (marks.has(segment)) continue;
    const text = textOf(segment);
    const between = plain.slice(from, limits[place]);
    const at = between.indexOf(text);
    if (at < 0 || at !== between.lastIndexOf(text)) continue;
    regions.push({ segment, begin: from + at, end: from + at + text.length });
    from += at + text.length;
  }
  return regions.sort((a, b) => a.begin - b.begin);
}
