import { expect, test } from 'vitest';
import { transpose } from './transpose';

test.each([
  [1, 1],
  [3, 5],
  [33, 70],
  [64, 32],
])('%i x %i', (rows, cols) => {
  const matrix = Float32Array.from({ length: rows * cols }, (_, i) => i);
  const out = transpose(matrix, rows, cols);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) expect(out[c * rows + r]).toBe(r * cols + c);
});
