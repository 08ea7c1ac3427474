import { expect, test } from 'vitest';
import { assess, type Machine, type Need, onWasm, possible } from './capability';
import type { ProviderChoice } from './model-url';

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
const need: Need = { memory: 2.4e9, disk: 1.5e9, largest: 311e6, format: 'q4', kept: false, download: 4e9, wasm: null };
/** A model that WebAssembly takes, and one that is too large for it. */
const small = { memory: { addresses: 0.9e9, whole: 1.5e9 }, context: null, time: 'About 0.04 s a token.' };
const large = { memory: { addresses: 7e9, whole: 13e9 }, context: 128, time: 'About 9 s a token.' };
const of = (machine: Partial<Machine>, more: Partial<Need> = {}, provider: ProviderChoice = 'auto') =>
  assess({ ...good, ...machine }, { ...need, ...more }, provider);
const refusals = (machine: Partial<Machine>, more: Partial<Need> = {}, provider: ProviderChoice = 'auto') =>
  of(machine, more, provider).flatMap(({ answer, says }) => (answer === 'no' ? [says] : []));

test('a machine that has all of it is refused nothing, and told what nobody can know', () => {
  const found = of({});
  expect(possible(found)).toBe(true);
  expect(found.map(({ about }) => about)).toEqual(['webgpu', 'gpu', 'buffers', 'halves', 'store', 'room', 'memory']);
  expect(found.at(-1)).toMatchObject({ answer: 'doubt', says: expect.stringContaining('2.40 GB of the GPU’s memory') });
});

test('what WebAssembly kept as f16 opens on it again where a GPU without shader-f16 has come, unless WebGPU is asked for', () => {
  const kept = { format: 'f16', kept: true } as const;
  const found = of({ halves: false }, { ...kept, wasm: small });
  expect(possible(found)).toBe(true);
  expect(found[0]).toMatchObject({ about: 'webgpu', answer: 'doubt', says: expect.stringContaining('kept as f16') });
  // What a GPU's buffers hold is no matter then, and WebAssembly's memory is.
  expect(possible(of({ halves: false, maxBinding: 1 }, { ...kept, wasm: small }))).toBe(true);
  expect(possible(of({ halves: false }, { ...kept, wasm: large }))).toBe(false);
  expect(possible(of({ halves: false }, kept, 'webgpu'))).toBe(false);
});

test.each<[string, Partial<Machine>, Partial<Need>, RegExp]>([
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

const NONE: [string, Partial<Machine>, ProviderChoice, RegExp][] = [
  ['no WebGPU', { webgpu: 'none' }, 'auto', /^No WebGPU in this browser/],
  ['no https', { webgpu: 'none', secure: false }, 'auto', /https or localhost/],
  ['no adapter', { webgpu: 'no adapter', adapter: '' }, 'auto', /finds no GPU; hardware acceleration may be off/],
  ['software', { software: true, adapter: 'SwiftShader' }, 'auto', /software on the processor \(SwiftShader\)/],
  ['WebAssembly by name', {}, 'wasm', /not asked for/],
];

test.each(NONE)('%s: WebAssembly, if the model fits, with the time beforehand', (_, machine, provider, why) => {
  expect(onWasm({ ...good, ...machine }, provider)).toBe(true);
  const found = of(machine, { wasm: small }, provider);
  expect(found.map(({ about }) => about)).toEqual(['webgpu', 'time', 'memory', 'store', 'room']);
  expect(found[0]!.says).toMatch(why);
  expect(found[0]!.says).toMatch(/WebAssembly runs it, on the processor\.$/);
  expect(found[1]!.says).toBe('About 0.04 s a token.');
  expect(found[2]!.says).toBe('Takes up to 1.50 GB of memory while it opens: weights are float32 there.');
  expect(of(machine, { wasm: { ...small, context: 1920 } }, provider)[2]!.says).toMatch(
    /float32 there\. What is left has room for texts of 1,920 tokens\.$/,
  );
  expect(possible(found)).toBe(true);
  // A format of GPUs alone stands against nothing here.
  expect(refusals({ ...machine, halves: false, maxBuffer: 0 }, { wasm: small, format: 'f16' }, provider)).toEqual([]);
  expect(refusals(machine, { wasm: large }, provider)).toEqual([
    'Needs 7.00 GB of memory in float32, and WebAssembly’s memory ends at 4.29 GB. It takes a GPU.',
  ]);
  expect(refusals({ ...machine, memory: 1 }, { wasm: small }, provider)).toEqual([
    'Needs 1.50 GB of memory in float32, and this computer has about 1.07 GB. It takes a GPU.',
  ]);
});

test('a GPU that is asked for by name is not replaced: software serves, none does not', () => {
  expect(onWasm({ ...good, software: true }, 'webgpu')).toBe(false);
  expect(refusals({ software: true }, {}, 'webgpu')).toEqual([]);
  expect(refusals({ webgpu: 'none' }, { wasm: small }, 'webgpu')).toEqual([
    expect.stringMatching(/^No WebGPU in this/),
  ]);
  expect(possible(of({ software: true, store: false }, {}, 'webgpu'))).toBe(false);
});

test('of a model whose needs nobody knows, only what any large one needs is looked at', () => {
  expect(assess(good, null).map(({ about }) => about)).toEqual(['webgpu', 'gpu', 'halves', 'store']);
  expect(possible(assess({ ...good, store: false }, null))).toBe(false);
  const none = assess({ ...good, webgpu: 'none' }, null);
  expect(none.map(({ about }) => about)).toEqual(['webgpu', 'wasm', 'store']);
  expect(possible(none)).toBe(true);
});
