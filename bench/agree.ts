export interface TopkResult {
  ids: Uint32Array;
  values: Float32Array;
}

/**
 * Null where two results of [rows, k] agree, else what differs. Values, in order, within `tolerance` of the row's
 * largest; with tolerance 0 every value and id the same. Otherwise ids the same but for those whose value lies within
 * the tolerance of the row's k-th, which rounding may put on either side.
 */
export function agreement(a: TopkResult, b: TopkResult, k: number, tolerance: number): string | null {
  if (a.ids.length !== b.ids.length) return `${a.ids.length} ids against ${b.ids.length}`;
  for (let start = 0; start < a.ids.length; start += k) {
    const row = start / k;
    const room = tolerance * Math.abs(a.values[start]!);
    for (let j = start; j < start + k; j++) {
      if (!(Math.abs(a.values[j]! - b.values[j]!) <= room))
        return `row ${row}, place ${j - start}: ${a.values[j]} against ${b.values[j]}`;
      if (tolerance === 0 && a.ids[j] !== b.ids[j])
        return `row ${row}, place ${j - start}: column ${a.ids[j]} against ${b.ids[j]}`;
    }
    const other = new Set(b.ids.subarray(start, start + k));
    const last = a.values[start + k - 1]!;
    for (let j = start; j < start + k; j++) {
      if (!other.has(a.ids[j]!) && a.values[j]! > last + room)
        return `row ${row}: column ${a.ids[j]} of value ${a.values[j]} is missing`;
    }
  }
  return null;
}
