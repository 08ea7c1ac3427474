/** JSON as our files have it: indented by two, each list of numbers on one line, a line break at the end. */
export const jsonText = (value: unknown): string =>
  // No string can match, because its line ends are escaped.
  `${JSON.stringify(value, null, 2).replace(/\[\n[\s\d.,e+-]*\]/g, (list) => list.replace(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'))}\n`;

/** Nine digits give a float32 back exactly. */
export const nineDigits = (vector: Float32Array): number[] => Array.from(vector, (x) => Number(x.toPrecision(9)));
