/** What is opened of many dictionaries where nobody says which: the one in the middle; none of none. */
export function middle(layers: readonly number[]): number[] {
  return layers.slice(Math.floor(layers.length / 2), Math.floor(layers.length / 2) + 1);
}
