import type { Reading } from '../../state/reading/trace';

/** The text of chips `first` to `last`: whole tokens, for all of them the text as it was typed, which the tokenizer may
 *  have brought into normal form. */
export function copied({ chips, text }: Pick<Reading, 'chips' | 'text'>, first: number, last: number): string {
  if (first === 0 && last === chips.length - 1) return text;
  return chips
    .slice(first, last + 1)
    .map((chip) => chip.text)
    .join('');
}
