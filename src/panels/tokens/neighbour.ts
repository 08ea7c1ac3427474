/** Index of the child on the line above (`by` −1) or below (1) whose middle is nearest to the middle of child `at`; `at` where there is no such line. */
export function verticalNeighbour(list: HTMLElement, at: number, by: -1 | 1): number {
  const boxes = Array.from(list.children, (child) => child.getBoundingClientRect());
  return nearestOnLine(boxes, at, by);
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export function nearestOnLine(boxes: readonly Box[], at: number, by: -1 | 1): number {
  const own = boxes[at];
  if (!own) return at;
  const middle = (box: Box) => (box.left + box.right) / 2;
  const beyond = boxes.map((box, i) => ({ box, i })).filter(({ box }) => (by < 0 ? box.bottom <= own.top + 1 : box.top >= own.bottom - 1));
  if (!beyond.length) return at;
  const line = by < 0 ? Math.max(...beyond.map(({ box }) => box.top)) : Math.min(...beyond.map(({ box }) => box.top));
  const there = beyond.filter(({ box }) => Math.abs(box.top - line) < 2);
  return there.reduce((best, one) => (Math.abs(middle(one.box) - middle(own)) < Math.abs(middle(best.box) - middle(own)) ? one : best)).i;
}
