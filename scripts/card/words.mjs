/** How the model card writes figures and tables. */

export const percent = (share, digits = 0) => `${(100 * share).toFixed(digits)} %`;
export const interval = ({ rate, low, high }, digits = 0) =>
  `${percent(rate, digits)} [${(100 * Math.max(0, low)).toFixed(digits)}, ${(100 * high).toFixed(digits)}]`;
export const fixed = (value, digits) =>
  value.toFixed(digits).replace(/^0\./, '.').replace(/^-0\./, '−.').replace(/^-/, '−');
export const count = (value) => value.toLocaleString('en-US');
export const table = (head, rows) =>
  [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
