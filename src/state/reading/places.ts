import type { Chip } from './chips';

/** [begin, end) in a text, in UTF-16 units. */
export type TextPlace = readonly [from: number, to: number];

/** A text as tokenizers bring it into normal form, letters and their marks in one sign and halves of characters
 *  replaced, with the way back to where things stand in it as it was typed. */
export interface Normal {
  text: string;
  /** The place in the typed text of a place in this one; signs that became one stay together. */
  typed(place: TextPlace): TextPlace;
}

/** A sign and what may become one with it: marks, and the further parts of a Hangul syllable. */
const SIGN = /[^\p{M}\u1160-\u11ff]?[\p{M}\u1160-\u11ff]*/gsu;

export function normalOf(text: string): Normal {
  const normal = (part: string) => part.normalize('NFC').replaceAll(/\p{Cs}/gu, '\ufffd');
  const whole = normal(text);
  if (whole === text) return { text, typed: (place) => place };
  // Where each unit of the normal form comes from.
  const from: number[] = [];
  const to: number[] = [];
  for (const { 0: sign, index } of text.matchAll(SIGN)) {
    const part = normal(sign);
    const same = part.length === sign.length && part === sign;
    for (let i = 0; i < part.length; i++) {
      from.push(same ? index + i : index);
      to.push(same ? index + i + 1 : index + sign.length);
    }
  }
  // Signs that grew together otherwise have no way back.
  if (from.length !== whole.length) return { text, typed: (place) => place };
  return {
    text: whole,
    typed: ([begin, end]) =>
      begin === end ? [from[begin] ?? text.length, from[begin] ?? text.length] : [from[begin]!, to[end - 1]!],
  };
}

/** Where each chip stands in the text as it was typed. Null for what a tokenizer put before it, and for a chip whose text
 *  it wrote otherwise. */
export function placesOf(text: string, chips: readonly Chip[]): (TextPlace | null)[] {
  const normal = normalOf(text);
  const joined = chips.map((chip) => chip.text).join('');
  let before = 0;
  let at = 0;
  // A first token is of no text.
  while (chips[before]?.special && !normal.text.startsWith(joined.slice(at))) at += chips[before++]!.text.length;
  if (before > 0 && normal.text !== joined.slice(at)) before = 0;
  let begin = 0;
  return chips.map((chip, i) => {
    if (i < before) return null;
    const place = [begin, begin + chip.text.length] as const;
    begin = place[1];
    return normal.text.startsWith(chip.text, place[0]) ? normal.typed(place) : null;
  });
}
