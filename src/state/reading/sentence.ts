import type { Chip } from './chips';

/** Where sentences begin in a text. */
export type Cut = (text: string) => number[];

/** As Unicode has it (UAX 29), where the browser knows; else behind a sign that ends a sentence, and what closes it. */
export const cutOf = (Segmenter: typeof Intl.Segmenter | undefined): Cut =>
  Segmenter
    ? (text) => Array.from(new Segmenter(undefined, { granularity: 'sentence' }).segment(text), ({ index }) => index)
    : (text) => [0, ...[...text.matchAll(/[.!?…。！？\n]+["'”’»)\]]*\s*/g)].map((end) => end.index + end[0].length)];

const cut = cutOf(Intl.Segmenter);

/** The chips of the sentence that holds a chip, in what its speaker says without a break: a sentence does not go from
 *  one turn, or from thinking, into another. White space that a chip begins with belongs to no sentence. */
export function sentenceAt(chips: readonly Chip[], at: number, sentences: Cut = cut): Chip[] {
  const [from, to] = flow(chips, at);
  const own = chips.slice(from, to + 1);
  const starts: number[] = [];
  let text = '';
  for (const chip of own) {
    starts.push(text.length + Math.max(0, chip.text.search(/\S/)));
    text += chip.text;
  }
  const begins = sentences(text);
  const sentenceOf = (start: number) => begins.filter((begin) => begin <= start).length;
  const mine = sentenceOf(starts[at - from] ?? 0);
  return own.filter((_, i) => sentenceOf(starts[i]!) === mine);
}

/** First and last of the chips around one that are of the same turn and section. */
function flow(chips: readonly Chip[], at: number): [from: number, to: number] {
  const like = (other: Chip | undefined): boolean => {
    const [a, b] = [chips[at]?.span, other?.span];
    return other !== undefined && a?.turn === b?.turn && a?.role === b?.role && a?.section === b?.section;
  };
  let [from, to] = [at, at];
  while (like(chips[from - 1])) from--;
  while (like(chips[to + 1])) to++;
  return [from, to];
}
