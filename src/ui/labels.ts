/** Where text stands in a chart, in pixels; `x` is its left edge, or its middle or right by `anchor`, `y` its
 *  baseline. */
export interface Label {
  says: string;
  x: number;
  y: number;
  anchor: 'start' | 'middle' | 'end';
}

/** An upper bound of the width of a text in 12 px of the page's sans, in pixels: digits are all as wide, points and
 *  commas narrow. */
export const widthOf = (says: string): number =>
  Math.ceil([...says].reduce((sum, sign) => sum + (/\d/.test(sign) ? 7.2 : /[.,]/.test(sign) ? 4 : 7.4), 0));

/** Pixels above and below the baseline that a line of 12 px takes. */
export const ASCENT = 10;
export const DESCENT = 3;
/** From one baseline to the next where two lines stand over each other. */
export const LINE = ASCENT + DESCENT;

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export function boxOf({ says, x, y, anchor }: Label): Box {
  const width = widthOf(says);
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  return { left, right: left + width, top: y - ASCENT, bottom: y + DESCENT };
}

export const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Labels that wish for a height each, as near to it as they can stand without lying over each other, none above `top`
 *  or below `bottom` (of its baseline). Those that are beside each other keep their height. */
export function spread<L extends Label>(labels: readonly L[], top: number, bottom: number): L[] {
  const placed = [...labels].sort((a, b) => a.y - b.y).map((label) => ({ ...label }));
  // Down from the top, then up from the bottom; their order stays.
  for (const [i, own] of placed.entries())
    own.y = Math.max(
      top,
      own.y,
      ...placed
        .slice(0, i)
        .filter(over(own))
        .map(({ y }) => y + LINE),
    );
  for (const [i, own] of [...placed.entries()].reverse())
    own.y = Math.min(
      bottom,
      own.y,
      ...placed
        .slice(i + 1)
        .filter(over(own))
        .map(({ y }) => y - LINE),
    );
  return placed;
}

/** Whether a label stands above or below another, and not beside it. */
const over = (one: Label) => {
  const { left, right } = boxOf(one);
  return (other: Label): boolean => {
    const box = boxOf(other);
    return left < box.right && box.left < right;
  };
};

/** Those of the labels, in their order, that lie over none that is kept before them. */
export function clear<L extends Label>(labels: readonly L[], kept: readonly Label[] = []): L[] {
  const boxes = kept.map(boxOf);
  return labels.filter((label) => {
    const box = boxOf(label);
    if (boxes.some((other) => overlap(box, other))) return false;
    boxes.push(box);
    return true;
  });
}
