/** A table as it leaves the page: numbers as they are, not as they are shown. */
export interface Table {
  /** What the file is called, without ending. */
  name: string;
  /** With the unit, where there is one: `logprob_nats`. */
  columns: readonly string[];
  rows: readonly (readonly Cell[])[];
}

export type Cell = string | number | boolean | null;

/** A spreadsheet takes such a text for a formula and runs it. Full-width signs count too. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

function csvCell(cell: Cell): string {
  if (cell === null || (typeof cell === 'number' && !Number.isFinite(cell))) return '';
  if (typeof cell !== 'string') return String(cell);
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * RFC 4180: CRLF after every line, quotes doubled. In UTF-8 with a byte order mark, without which spreadsheets read
 * Chinese as something else. Tokens and notes may come from a link or another's file, so a text that a spreadsheet
 * would run as a formula begins with an apostrophe, which spreadsheets drop; numbers, negative ones too, stay numbers.
 * JSON has every text as it is. What is no number is an empty cell.
 */
export function toCsv({ columns, rows }: Table): string {
  return `\uFEFF${[columns, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')}`;
}

/** A list of records by column; what is no number is null. */
export function toJson({ columns, rows }: Table): string {
  return `${JSON.stringify(
    rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null]))),
    null,
    1,
  )}\n`;
}
