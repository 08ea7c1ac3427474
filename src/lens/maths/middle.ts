/** The layer that is opened by default: the middle one, in a list; an empty list without layers. */
export function middle(layers: readonly number[]): number[] {
  return layers.slice(Math.floor(layers.length / 2), Math.floor(layers.length / 2) + 1);
}
