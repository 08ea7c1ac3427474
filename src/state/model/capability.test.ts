import { expect, test } from 'vitest';
import { assess, type Machine, type Need, possible } from './capability';

const good: Machine = {
  secure: true,
  webgpu: 'adapter',
  adapter: 'Example GPU',
  software: false,
  maxBuffer: 4 * 2 ** 30,
  maxBinding: 2 * 2 ** 30,
  halves: true,
  store: true,
  used: 1e9,
  quota: 100e9,
  persisted: false,
  memory: 8,
};
const need: Need = { memory: 2.4e9, disk: 1.5e9, largest: 311e6, format: 'q4', download: 4e9 };
const of = (machine: Partial<Machine>, more: Partial<Need> = {}) =>
  assess({ ...good, ...machine }, { ...need, ...more });
const refusals = (machine: Partial<Machine>, more: Partial<Need> = {}) =>
  of(machine, more).flatMap(({ answer, says }) => (answer === 'no' ? [says] : []));

test('a machine that has all of it is refused nothing, and told what nobody can know', () => {
  const found = of({});
  expect(possible(found)).toBe(true);
  expect(found.map(({ about }) => about)).toEqual(['webgpu', 'gpu', 'buffers', 'halves', 'store', 'room', 'memory']);
  expect(found.at(-1)).toMatchObject({ answer: 'doubt', says: expect.stringContaining('2.40 GB of the GPU’s memory') });
});

test.each<[string, Partial<Machine>, Partial<Need>, RegExp]>([
  ['no WebGPU', { webgpu: 'none' }, {}, /^No WebGPU in this browser/],
  ['no https', { webgpu: 'none', secure: false }, {}, /https or localhost/],
  ['no adapter', { webgpu: 'no adapter', adapter: '' }, {}, /finds no GPU\. Switch on hardware acceleration/],
  ['software', { software: true, adapter: 'SwiftShader' }, {}, /software on the processor \(SwiftShader\)/],
  ['a buffer too small', { maxBinding: 128 * 2 ** 20 }, {}, /311 MB\. One buffer here may have 134 MB: too small/],
  ['f16 without shader-f16', { halves: false }, { format: 'f16' }, /choose q8 or q4/],
  ['no store', { store: false }, {}, /keeps no large files/],
  ['no room', { quota: 2e9 }, {}, /Needs 1\.50 GB of disk\. The browser gives this page 1\.00 GB more: too little/],
])('%s is refused, and why', (_, machine, more, words) => {
  expect(refusals(machine, more)).toEqual([expect.stringMatching(words)]);
  expect(possible(of(machine, more))).toBe(false);
});

test('room is needed for a little more than the bytes; what cannot be known is no refusal', () => {
  expect(refusals({ used: 0, quota: 1.5e9 })).toHaveLength(1);
  expect(refusals({ used: 0, quota: 1.6e9 })).toEqual([]);
  expect(refusals({ used: null, quota: null, memory: null, halves: false })).toEqual([]);
  expect(of({ memory: 2 }).at(-1)!.says).toContain('may be too little');
});

test('software is let through by name, and nothing else is', () => {
  expect(possible(of({ software: true }), true)).toBe(true);
  expect(possible(of({ software: true, store: false }), true)).toBe(false);
});

test('of a model whose needs nobody knows, only what any large one needs is looked at', () => {
  expect(assess(good, null).map(({ about }) => about)).toEqual(['webgpu', 'gpu', 'halves', 'store']);
  expect(possible(assess({ ...good, store: false }, null))).toBe(false);
});
