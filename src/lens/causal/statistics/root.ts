/** Where an increasing function crosses zero in [low, high], by halving until no number lies between. One that does not
 *  cross answers with the nearer end. */
export function rootOf(increasing: (x: number) => number, low: number, high: number): number {
  let [a, b] = [low, high];
  for (;;) {
    const middle = a + (b - a) / 2;
    if (middle <= a || middle >= b) return middle;
    if (increasing(middle) < 0) a = middle;
    else b = middle;
  }
}
