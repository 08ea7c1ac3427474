import type { GeneratedRow } from '../../lens/api/generate';

type Rows = readonly Pick<GeneratedRow, 'token' | 'text' | 'done'>[];

/** A generated text as what the assistant says. */
export interface Answer {
  text: string;
  /** Its tokens; null where the text ends inside of the last one. */
  ids: number[] | null;
}

/** The first `most` tokens of a generated text. The token that ended the turn is no part of what is said, nor is the
 *  stop sequence; a character whose last byte was never written is left out of the text, not of the tokens. */
export function answerOf(rows: Rows, stops: readonly string[] = [], most = rows.length): Answer {
  const some = rows.slice(0, most);
  const { done } = some.at(-1) ?? { done: null };
  const said = done === 'stop' ? some.slice(0, -1) : some;
  const text = said.map((row) => row.text).join('');
  const ids = said.map(({ token }) => token);
  if (done === 'sequence') {
    const cut = sequenceAt(text, text.length - said.at(-1)!.text.length, stops);
    return { text: text.slice(0, cut), ids: cut === text.length ? ids : null };
  }
  return { text: done === null || done === 'stop' ? text : text.replace(/\ufffd$/, ''), ids };
}

/** Where the earliest of the sequences begins that end behind `from`; the text's end without one. */
function sequenceAt(text: string, from: number, stops: readonly string[]): number {
  const found = stops.map((stop) => text.indexOf(stop, Math.max(0, from - stop.length + 1))).filter((at) => at >= 0);
  return Math.min(text.length, ...found);
}
