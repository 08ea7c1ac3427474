/** A line through the values in SVG's path language, one point a value from left to right; it breaks where a value is
 *  missing. */
export function linePath(
  values: readonly (number | undefined)[],
  x: (i: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  let pen = 'M';
  for (const [i, value] of values.entries()) {
    if (value !== undefined) path += `${pen}${at(x(i))} ${at(y(value))}`;
    pen = value === undefined ? 'M' : 'L';
  }
  return path;
}

/** The area between low and high, a closed outline for each run of values without a gap. */
export function areaPath(
  values: readonly ([low: number, high: number] | undefined)[],
  x: (i: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  for (let from = 0; from < values.length; from++) {
    if (!values[from]) continue;
    let to = from;
    while (values[to + 1]) to++;
    const above = range(from, to).map((i) => `${at(x(i))} ${at(y(values[i]![1]))}`);
    const below = range(from, to).map((i) => `${at(x(i))} ${at(y(values[i]![0]))}`);
    path += `M${[...above, ...below.reverse()].join('L')}Z`;
    from = to;
  }
  return path;
}

const at = (pixels: number): number => Math.round(pixels * 10) / 10;
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
