import { expect, it } from 'vitest';
import { kernel, reads, writes } from './kernel';
import type { Recorder } from './recorder';

const shared = {
  ...reads('u32'),
  prelude: 'fn twice(x: u32) -> u32 { return 2u * x; }\n',
  accessors: (name: string) => `fn ${name}_first() -> u32 { return twice(${name}[0]); }\n`,
};
const sum = kernel({
  name: 'sum',
  args: ['left', 'right'],
  bindings: { a: shared, b: shared, out: writes('f32') },
  body: () => 'BODY',
});

it('numbers arguments and bindings in the order in which the host fills them', () => {
  const text = sum.wgsl();
  expect(sum.args).toEqual(['left', 'right']);
  expect(text).toContain('struct Args { left: u32, right: u32 }');
  expect(sum.bindings).toEqual(['a', 'b', 'out']);
  expect(text).toContain('@binding(1) var<storage, read> a: array<u32>;');
  expect(text).toContain('@binding(2) var<storage, read> b: array<u32>;');
  expect(text).toContain('@binding(3) var<storage, read_write> out: array<f32>;');
});

it('writes accessors for each name, and once what they call', () => {
  const text = sum.wgsl();
  expect(text).toContain('fn a_first()');
  expect(text).toContain('fn b_first()');
  expect(text.split('fn twice(')).toHaveLength(2);
  expect(text.endsWith('BODY')).toBe(true);
});

it('a name that is missing or unknown does not compile', () => {
  const [x, args] = [new Uint32Array(1), { left: 1, right: 2 }];
  const dispatches = (recorder: Recorder) => {
    recorder.dispatch(sum, { args, bindings: { a: x, b: x, out: x }, groups: 1 });
    // @ts-expect-error: `right` is missing.
    recorder.dispatch(sum, { args: { left: 1 }, bindings: { a: x, b: x, out: x }, groups: 1 });
    // @ts-expect-error: there is no `middle`.
    recorder.dispatch(sum, { args: { left: 1, right: 2, middle: 3 }, bindings: { a: x, b: x, out: x }, groups: 1 });
    // @ts-expect-error: `out` is missing.
    recorder.dispatch(sum, { args, bindings: { a: x, b: x }, groups: 1 });
    // @ts-expect-error: there is no `c`.
    recorder.dispatch(sum, { args, bindings: { a: x, b: x, c: x, out: x }, groups: 1 });
  };
  expect(dispatches).toBeTypeOf('function');
});
