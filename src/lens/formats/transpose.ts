/** Copies a row-major matrix [rows, cols] to [cols, rows]. It works in blocks, so that both sides stay in the cache. */
export function transpose<T extends Float32Array | Uint16Array>(matrix: T, rows: number, cols: number): T {
  const out = matrix.slice() as T;
  const block = 32;
  for (let r0 = 0; r0 < rows; r0 += block) {
    const r1 = Math.min(rows, r0 + block);
    for (let c0 = 0; c0 < cols; c0 += block) {
      const c1 = Math.min(cols, c0 + block);
      for (let r = r0; r < r1; r++) for (let c = c0; c < c1; c++) out[c * rows + r] = matrix[r * cols + c]!;
    }
  }
  return out;
}
