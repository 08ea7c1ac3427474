interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Index of the box on the line above (`by` −1) or below (1) whose middle is nearest to the middle of box `at`; `at`
 *  where there is no such line. Boxes stand in the order of the text, line by line: only those up to the end of that
 *  line are asked for. */
export function verticalNeighbour(
  boxes: { length: number; box: (index: number) => Box },
  at: number,
  by: -1 | 1,
): number {
  if (at < 0 || at >= boxes.length) return at;
  const own = boxes.box(at);
  const middle = (box: Box) => (box.left + box.right) / 2;
  const away = (box: Box) => Math.abs(middle(box) - middle(own));
  let best = at;
  let nearest = Number.POSITIVE_INFINITY;
  let line: number | null = null;
  for (let i = at + by; i >= 0 && i < boxes.length; i += by) {
    const box = boxes.box(i);
    if (by < 0 ? box.bottom > own.top + 1 : box.top < own.bottom - 1) continue;
    line ??= box.top;
    if (Math.abs(box.top - line) >= 2) break;
    // Of two that are equally near, the one further to the left.
    if (away(box) < nearest || (by < 0 && away(box) === nearest)) {
      best = i;
      nearest = away(box);
    }
  }
  return best;
}
