const OPEN = '<explanation>';
const CLOSE = '</explanation>';

interface Explanation {
  text: string;
  /** The closing tag is there; the text behind it does not count. */
  closed: boolean;
}

/** The text of an answer between its tags, trimmed. While the answer streams (`ended` false), an incomplete tag at its
 *  end is held back, so that the text only grows. If the answer ended without a closing tag, the text goes up to its
 *  end. */
export function explanationOf(answer: string, ended: boolean): Explanation {
  const open = answer.indexOf(OPEN);
  if (open < 0 && !ended && OPEN.startsWith(answer.trimStart().slice(0, OPEN.length)))
    return { text: '', closed: false };
  const from = open < 0 ? 0 : open + OPEN.length;
  const close = answer.indexOf(CLOSE, from);
  if (close >= 0) return { text: answer.slice(from, close).trim(), closed: true };
  const text = answer.slice(from);
  return { text: text.slice(0, ended ? text.length : text.length - begun(text)).trim(), closed: false };
}

/** How many characters at the end of a text may be the beginning of the closing tag. */
function begun(text: string): number {
  for (let n = Math.min(text.length, CLOSE.length - 1); n > 0; n--) if (CLOSE.startsWith(text.slice(-n))) return n;
  return 0;
}
