/** How the documents that scripts write show tables and figures. */

/** `figures`: all columns but the first stand to the right.
 *  @param {string[]} head
 *  @param {(string | number)[][]} rows */
export const table = (head, rows, figures = false) =>
  [head, head.map((_, i) => (figures && i ? '---:' : '---')), ...rows]
    .map((cells, i) => (i === 1 ? `|${cells.join('|')}|` : `| ${cells.join(' | ')} |`))
    .join('\n');

/** Two digits and a power of ten: `1.2e−5`. */
export const power = (/** @type {number} */ x) =>
  x === 0 ? '0' : x.toExponential(1).replace('e+', 'e').replace('e-', 'e−');

/** A document with the text between its marks `<!-- name:begin -->` and `<!-- name:end -->` replaced. Throws where it
 *  has no such block.
 *  @param {string} text
 *  @param {string} name
 *  @param {string} block */
export function fillBlock(text, name, block) {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The document has no block between ${begin} and ${end}.`);
  return `${text.slice(0, from + begin.length)}\n${block}\n${text.slice(to)}`;
}
