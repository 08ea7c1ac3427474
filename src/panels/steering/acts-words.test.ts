import { expect, test } from 'vitest';
import type { EditReport } from '../../lens/api/edit';
import { generatedSays, promptSays } from './acts-words';

const report = (acted: number[], open?: number[]): EditReport => ({
  layer: 3,
  acted: Uint8Array.from(acted),
  change: Float32Array.from(acted, (one) => 2 * one),
  norm: Float32Array.from(acted, () => 40),
  ...(open && { open: Uint8Array.from(open) }),
});
const NONE = new Set<number>();
const waits = { name: '3:1452', largest: 1.9 };

test('of a prompt it is said on how many tokens, and by how much', () => {
  expect(promptSays(report([0, 1, 1]), NONE, null)).toBe(
    'Prompt: 2 of 3 tokens, change 2.00 = 5.0 % of the residual norm there.',
  );
  expect(promptSays(report([0, 1, 0], [0, 1, 1]), NONE, waits)).toBe(
    'Prompt: 1 of 3 tokens, gate open at 2, change 2.00 = 5.0 % of the residual norm there.',
  );
  expect(promptSays(report([0, 0, 0]), NONE, null)).toBe('Prompt: 0 of 3 tokens.');
  expect(promptSays(report([0, 0, 0], [0, 0, 1]), NONE, waits)).toBe('Prompt: 0 of 3 tokens, gate open at 1.');
  const sink = { ...report([1, 1]), norm: Float32Array.of(9000, 40) };
  expect(promptSays(sink, new Set([0]), null)).toMatch(/2 of 2 tokens, change 2\.00 = 5\.0 %/);
});

test('of a gate that never opens it is said how far its feature came', () => {
  const shut = report([0, 0, 0], [0, 0, 0]);
  expect(promptSays(shut, NONE, waits)).toBe(
    'Prompt: 0 of 3 tokens, gate open at 0: without edits, 3:1452 is at most 1.90.',
  );
  expect(promptSays(shut, NONE, { ...waits, largest: 0 })).toMatch(/: without edits, 3:1452 is not active\.$/);
  expect(promptSays(shut, NONE, null)).toBe('Prompt: 0 of 3 tokens, gate open at 0.');
});

test('of several edits a generated token counts for all', () => {
  expect(generatedSays({ acted: 2, of: 10 }, 1)).toBe('Generated: 2 of 10.');
  expect(generatedSays({ acted: 2, of: 10 }, 2)).toBe('Generated: an edit acted on 2 of 10.');
});
