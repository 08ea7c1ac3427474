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

type Marks = ReadonlyMap<Segment, { begin: number; end: number }>;

/**
 * Where each segment stands in `plain`, the rendering of `messages`, in the order of the text. A segment that the
 * template leaves out is missing; one that it repeats comes several times.
 *
 * The segments are rendered between marks. That counts only if it gives `plain` but for the marks: a template may trim,
 * cut or test what it is given. First the marks stand around the segments as they are. If that changes anything, they
 * stand around the texts without white space at their ends, and the white space is taken in segment by segment as far as
 * the template keeps it. What bears no marks at all is found only if it stands in its place once.
 */
export function findRegions(
  plain: string,
  messages: readonly Message[],
  segments: readonly Segment[],
  render: TryRender,
): Region[] {
  const names = unused(plain + messages.map(({ content }) => content).join(''), 2 * segments.length);
  const attempt = (marks: Marks): Region[] | null => {
    const rendered = render(marked(messages, segments, marks, names));
    return rendered === null ? null : readMarks(rendered, plain, segments, names);
  };
  const all: Marks = new Map(segments.map((segment) => [segment, segment]));
  const whole = attempt(all);
  if (whole) return whole;

  const cores = new Map(segments.map((segment) => [segment, coreOf(segment, messages[segment.turn]!.content)]));
  const filled = segments.filter((segment) => !isEmpty(cores.get(segment)!));
  let marks: Marks = new Map(filled.map((segment) => [segment, cores.get(segment)!]));
  let found = attempt(marks);
  if (!found) {
    [marks, found] = [new Map(), []];
    for (const segment of filled) widen(segment, cores.get(segment)!);
  }
  for (const segment of segments) {
    const core = cores.get(segment)!;
    if (isEmpty(core) || core.begin > segment.begin || core.end < segment.end) widen(segment, segment);
  }
  return withUnmarked(found, plain, filled, marks, (segment) => textOf(cores.get(segment)!, messages[segment.turn]!));

  function widen(segment: Segment, bounds: { begin: number; end: number }): void {
    const more = new Map([...marks, [segment, bounds]]);
    const regions = attempt(more);
    if (regions) [marks, found] = [more, regions];
  }
}

const isEmpty = ({ begin, end }: { begin: number; end: number }) => begin === end;
const textOf = ({ begin, end }: { begin: number; end: number }, { content }: Message) => content.slice(begin, end);

/** A segment without the white space at its ends. */
function coreOf({ begin, end }: Segment, content: string): { begin: number; end: number } {
  const text = content.slice(begin, end);
  const core = text.trim();
  if (core === '') return { begin, end: begin };
  const from = begin + text.indexOf(core);
  return { begin: from, end: from + core.length };
}

/** `count` marks that a text does not hold. */
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
  const regions = [...found];
  for (const [place, segment] of order.entries()) {
    if (marks.has(segment)) continue;
    const text = textOf(segment);
    const [earlier, later] = [order.slice(0, place), order.slice(place + 1)];
    const from = Math.max(0, ...regions.filter((r) => earlier.includes(r.segment)).map(({ end }) => end));
    const to = Math.min(plain.length, ...regions.filter((r) => later.includes(r.segment)).map(({ begin }) => begin));
    const between = plain.slice(from, to);
    const at = between.indexOf(text);
    if (at < 0 || at !== between.lastIndexOf(text)) continue;
    regions.push({ segment, begin: from + at, end: from + at + text.length });
  }
  return regions.sort((a, b) => a.begin - b.begin);
}
