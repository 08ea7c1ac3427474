/** Text in columns of a terminal, where a Han character is two cells wide. */

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

const cells = (text) => Array.from(text).reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0);

/** A text in one line: line ends and other control characters are shown, not carried out. */
export const oneLine = (text) => text.replaceAll('\n', '↵').replace(/\p{Cc}/gu, '·');

export const pad = (text, width) => text + ' '.repeat(Math.max(0, width - cells(text)));

/** A text in lines of at most `width` cells; a break goes behind a space where there is one. */
export function wrap(text, width) {
  const lines = [];
  for (let rest = Array.from(oneLine(text)); rest.length > 0; ) {
    let end = 0;
    for (let used = 0; end < rest.length; end++) {
      used += cells(rest[end]);
      if (used > width) break;
    }
    const space = rest.slice(0, end).lastIndexOf(' ');
    if (end < rest.length && rest[end] !== ' ' && space > 0) end = space + 1;
    lines.push(rest.slice(0, Math.max(1, end)).join('').trim());
    rest = rest.slice(Math.max(1, end));
  }
  return lines;
}

/** Columns of lines beside each other; `widths` in cells. */
export function sideBySide(columns, widths) {
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) =>
    columns
      .map((lines, i) => pad(lines[row] ?? '', widths[i]))
      .join('  ')
      .trimEnd(),
  );
}
