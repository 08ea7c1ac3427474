import { placesOf } from '../../state/reading/places';
import type { Reading } from '../../state/reading/trace';

/** The text of chips `first` to `last` as it was typed, which the tokenizer may have brought into normal form; where it
 *  stands nowhere in the text, as the tokens have it. */
export function copied({ chips, text }: Pick<Reading, 'chips' | 'text'>, first: number, last: number): string {
  if (first === 0 && last === chips.length - 1) return text;
  const places = placesOf(text, chips);
  const [from, to] = [places[first], places[last]];
  if (from && to) return text.slice(from[0], to[1]);
  return chips
    .slice(first, last + 1)
    .map((chip) => chip.text)
    .join('');
}
