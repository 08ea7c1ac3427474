import type { ChatSpan } from '../../lens/api/chat';
import type { Token } from '../../lens/api/text';

/** What the eye reads as one token: a token, or the run of tokens that share one byte-split character. */
export interface Chip {
  text: string;
  /** First and last position, inclusive. */
  from: number;
  to: number;
  special: boolean;
  /** Only in a conversation. */
  span?: ChatSpan;
}

/** Chips in text order; every position is in exactly one. A run is merged only when all of its parts are there in
 *  order. */
export function chipsOf(tokens: readonly Token[]): Chip[] {
  const chips: Chip[] = [];
  for (let i = 0; i < tokens.length; ) {
    const token = tokens[i]!;
    const f = token.fragment;
    const whole = f && f.index === 0 && f.count > 1 && tokens[i + f.count - 1]?.fragment?.index === f.count - 1;
    const count = whole ? f.count : 1;
    chips.push({
      text: whole ? f.text : token.text,
      from: i,
      to: i + count - 1,
      special: token.special,
      ...(token.span && { span: token.span }),
    });
    i += count;
  }
  return chips;
}

/** The chip that holds a position, or null. */
export function chipAt(chips: readonly Chip[], position: number | null): Chip | null {
  return position === null ? null : (chips.find((chip) => chip.from <= position && position <= chip.to) ?? null);
}

/** Whether a conversation's template wrote it. */
export const isTemplate = ({ span }: Pick<Chip, 'span'>): boolean => span?.section === 'template';

/** First and last of the chips that a speaker wrote; where the template alone wrote them, of all. */
export function endsOf(chips: readonly Chip[]): [first: Chip, last: Chip] | null {
  const said = chips.filter((chip) => !isTemplate(chip));
  const of = said.length ? said : chips;
  const [first] = of;
  return first ? [first, of.at(-1)!] : null;
}
