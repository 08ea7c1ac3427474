import { expect, test } from 'vitest';
import { cpuArray, createWasmCompute } from '../kernels/wasm';
import { kvBytes } from '../sizes';
import { copyKvTokens, createKv } from './kv';
import { Scope } from './scope';

test('the first tokens of a row go over, head by head, into a cache of another length, and nothing else does', () => {
  const compute = createWasmCompute();
  const scope = new Scope(compute);
  const config = { layers: 2, kvHeads: 2, headDim: 1 } as Parameters<typeof createKv>[1];
  const [src, dst] = [createKv(scope, config, 2, 3), createKv(scope, config, 2, 5)];
  // Row 1 of the source: head 0 is 7, 8, 9 and head 1 is 10, 11, 12.
  for (const rows of [...src.key, ...src.value]) cpuArray(rows).set(Array.from({ length: 12 }, (_, i) => i + 1));
  copyKvTokens(compute, config, { kv: src, row: 1 }, { kv: dst, row: 0 }, 2);
  for (const rows of [...dst.key, ...dst.value])
    expect([...cpuArray(rows)]).toEqual([7, 8, 0, 0, 0, 10, 11, 0, 0, 0, ...Array<number>(10).fill(0)]);
  scope.release();
});

test('the rows have the bytes that are stated', () => {
  const shape = { layers: 3, kvHeads: 2, headDim: 16 };
  for (const activations of ['float32', 'float16'] as const) {
    const scope = new Scope(createWasmCompute());
    const { key, value } = createKv(scope, { ...shape, activations }, 1, 5);
    expect([...key, ...value].reduce((sum, { rows, cols }) => sum + 4 * rows * cols, 0)).toBe(
      kvBytes(shape, 5, activations),
    );
    scope.release();
  }
});

test('half floats stand two in a number', () => {
  const scope = new Scope(createWasmCompute());
  const shape = { layers: 1, kvHeads: 2, headDim: 16 };
  const columns = (activations?: 'float16') =>
    createKv(scope, { ...shape, activations }, 1, 3).value.map(({ rows, cols }) => [rows, cols]);
  expect(columns()).toEqual([[6, 16]]);
  expect(columns('float16')).toEqual([[6, 8]]);
  scope.release();
});
