import { normalOf, type TextPlace } from '../reading/places';
import { quoteSpans } from './claims';

/** A quote of an explanation, and whether the text has it. */
export interface Quote {
  /** Place in the explanation, the marks not counted. */
  from: number;
  to: number;
  /** What it quotes; a drawn line break is one. */
  said: string;
  /** `verbatim`: it stands in the text up to the token. `ahead`: only behind the token, so it was foreseen.
   *  `predicted`: not in the text. */
  kind: 'verbatim' | 'ahead' | 'predicted';
  /** Where it stands in the text, as offsets; null if nowhere. Of several places, the last before the token, else the
   *  first behind it. */
  at: readonly [from: number, to: number] | null;
}

/** The quotes of an explanation, each looked up in the text. `seen`: how many characters of it the model had read at
 *  the token, the token's own included; null: it is not known, and all of the text counts. */
export function quotesOf(explanation: string, text: string, seen: number | null): Quote[] {
  const read = seen ?? text.length;
  const normal = normalOf(text);
  return quoteSpans(explanation).map(({ from, to }) => {
    const said = explanation.slice(from + 1, to - 1).replaceAll(/[ \t]*↵[ \t]*/g, '\n');
    const places = formsOf(said)
      .map((form) => placesOf(normalOf(form).text, normal.text).map(normal.typed))
      .find((found) => found.length > 0);
    const before = places?.filter((at) => at[1] <= read).at(-1);
    const behind = places?.find((at) => at[1] > read);
    return {
      from: from + 1,
      to: to - 1,
      said,
      kind: before ? 'verbatim' : behind ? 'ahead' : 'predicted',
      at: before ?? behind ?? null,
    };
  });
}

/** A quote as it stands, then as people quote: without the space at its ends, without the dots where it was cut. */
function formsOf(said: string): string[] {
  const bare = said.replaceAll(/^(?:\.{3}|…)\s*|\s*(?:\.{3}|…)$/g, '').trim();
  return [...new Set([said, bare])].filter((form) => form !== '');
}

/** Every place of a form in a text, whole words only: “ and” is not found in " android". */
function placesOf(form: string, text: string): TextPlace[] {
  const places: TextPlace[] = [];
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
    const to = at + form.length;
    if (!joins(text[at - 1], form[0]) && !joins(form.at(-1), text[to])) places.push([at, to]);
  }
  return places;
}

/** Whether two characters beside each other are inside of one word. Han is written without spaces, and any two of its
 *  characters may part. */
const joins = (a: string | undefined, b: string | undefined): boolean =>
  /^[\p{L}\p{N}]{2}$/u.test(`${a ?? ''}${b ?? ''}`) && !/\p{Script=Han}/u.test(`${a}${b}`);
