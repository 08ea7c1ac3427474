import { expect, test } from 'vitest';
import { CorruptFileError } from '../../lens/api/errors';
import { seeded } from '../../lens/testing/fixtures';
import { damage, mangle } from '../testing/damage';
import { entry, run } from '../testing/notebook';
import { parseNotebook } from './format';
import { MOST_BYTES } from './limits';
import { writeNotebook } from './record';

const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const file = {
  entries: [entry(), entry({ feature: 7, sha256: null, name: null, pinned: '2025-01-02T00:00:00.000Z', note: '' })],
  runs: [run(1), run(0, { steered: null, control: null, band: null, complete: false })],
};
const written = writeNotebook(file, '2025-03-01T00:00:00.000Z');

test('what is exported is read back as it was', () => {
  expect(parseNotebook(bytes(written))).toEqual(file);
});

test('a file that is no notebook is refused by name', () => {
  expect(() => parseNotebook(bytes('not json'))).toThrow(CorruptFileError);
  expect(() => parseNotebook(bytes([]))).toThrow('does not hold a JSON object');
  expect(() => parseNotebook(bytes({ format: 'lenslet-recipe-1' }))).toThrow(
    'must be one of lenslet-notebook-4, lenslet-notebook-1, lenslet-notebook-2, lenslet-notebook-3',
  );
  expect(() => parseNotebook(new Uint8Array(MOST_BYTES + 1))).toThrow('a notebook has at most 40');
  expect(() => parseNotebook(bytes(`${'['.repeat(1e6)}`))).toThrow(CorruptFileError);
});

/** The stored file with one place changed. */
function changed(
  change: (root: { entries: Record<string, unknown>[]; runs: Record<string, Record<string, unknown>>[] }) => void,
): Uint8Array {
  const root = JSON.parse(written);
  change(root);
  return bytes(root);
}

test.each([
  ['an id that is none', (r) => Object.assign(r.entries[0]!, { feature: -1 }), /entry 1: "feature"/],
  ['a layer that is none', (r) => Object.assign(r.entries[0]!, { layer: 1.5 }), /"layer"/],
  ['a hash that is none', (r) => Object.assign(r.entries[0]!, { sha256: 'ABC' }), /"sha256"/],
  ['a name over its length', (r) => Object.assign(r.entries[0]!, { name: 'x'.repeat(81) }), /"name"/],
  ['a name of two lines', (r) => Object.assign(r.entries[0]!, { name: 'a\nb' }), /must be one line/],
  ['a note over its length', (r) => Object.assign(r.entries[0]!, { note: 'x'.repeat(10_001) }), /"note"/],
  ['a time that is none', (r) => Object.assign(r.entries[0]!, { updated: 'yesterday' }), /"updated"/],
  ['a day that is none', (r) => Object.assign(r.entries[0]!, { updated: '2025-99-02T00:00:00.000Z' }), /"updated"/],
  [
    'an entry of nothing',
    (r) => Object.assign(r.entries[0]!, { name: null, note: '' }),
    /neither a pin nor a name nor a note/,
  ],
  ['a run without a token', (r) => Object.assign(r.runs[0]!, { baseline: [] }), /run 1: "baseline"/],
  [
    'a temperature out of range',
    (r) => Object.assign(r.runs[0]!.plan!.sampling as object, { temperature: 6 }),
    /"temperature"/,
  ],
  [
    'a strength beyond float32',
    (r) => Object.assign((r.runs[0]!.plan!.edits as object[])[0]!, { strength: -1e39 }),
    /"strength"/,
  ],
  ['a unit that is none', (r) => Object.assign((r.runs[0]!.plan!.edits as object[])[0]!, { unit: 'times' }), /"unit"/],
  ['an edit at no position', (r) => Object.assign((r.runs[0]!.plan!.edits as object[])[0]!, { where: [] }), /"where"/],
  [
    'more positions than a link carries',
    (r) => Object.assign((r.runs[0]!.plan!.edits as object[])[0]!, { where: Array(257).fill(1) }),
    /"where"/,
  ],
  ['a control without a steered text', (r) => Object.assign(r.runs[0]!, { steered: null }), /"control"/],
  ['a band of words', (r) => Object.assign(r.runs[0]!, { band: [['a']] }), /draw 1 must be a list of numbers/],
] as [string, Parameters<typeof changed>[0], RegExp][])(
  '%s is refused, and the message says where',
  (_name, change, says) => {
    expect(() => parseNotebook(changed(change))).toThrow(says);
    expect(() => parseNotebook(changed(change))).toThrow(CorruptFileError);
  },
);

test('an earlier notebook’s edits mean what they meant', () => {
  const of = (edit: object, format = 'lenslet-notebook-1') =>
    parseNotebook(
      changed((r) => {
        Object.assign(r, { format });
        Object.assign((r.runs[0]!.plan!.edits as object[])[0]!, { mode: 'clamp', ...edit });
      }),
    ).runs[0]!.plan.edits[0]!;
  expect(of({ on: 'code' }).on).toBe('active');
  expect(of({ on: 'preactivation' }).on).toBe('preactivation');
  // Was off.
  expect(of({ weight: 0, strength: 0 }).mode).toBe('add');
  expect(of({ weight: 0, strength: 0 }, 'lenslet-notebook-2').mode).toBe('clamp');
});

test('any strength is read as it is', () => {
  const of = (edit: object) =>
    parseNotebook(changed((r) => Object.assign((r.runs[0]!.plan!.edits as object[])[0]!, edit))).runs[0]!.plan
      .edits[0]!;
  expect(of({ weight: 1.23456 }).weight).toBe(1.23456);
  // Of a small maximum.
  expect(of({ weight: 1e39, strength: 1e38 }).weight).toBe(1e39);
  expect(of({ weight: 3e38, strength: 3e38, unit: 'raw' })).toMatchObject({
    weight: 3e38,
    strength: 3e38,
    unit: 'raw',
  });
});

test('an earlier notebook’s numbers count maxima, or activations where they were the strengths', () => {
  const of = (edit: object) =>
    parseNotebook(
      changed((r) => {
        Object.assign(r, { format: 'lenslet-notebook-3' });
        const [first] = r.runs[0]!.plan!.edits as [{ unit?: string }];
        delete first.unit;
        Object.assign(first, edit);
      }),
    ).runs[0]!.plan.edits[0]!.unit;
  expect(of({})).toBe('max');
  expect(of({ weight: 14.5 })).toBe('raw');
  expect(of({ mode: 'scale', weight: 2, strength: 20 })).toBe('raw');
  expect(of({ mode: 'clamp', weight: 0, strength: 0 })).toBe('max');
});

test('keys that a prototype has are data like any other, and go nowhere', () => {
  const read = parseNotebook(
    bytes(written.replace('"name": "Han"', '"name": "Han", "__proto__": { "pinned": "x" }, "constructor": 1')),
  );
  expect(read).toEqual(file);
  expect(({} as Record<string, unknown>).pinned).toBeUndefined();
});

test('a thousand damaged files are each read within all limits or refused by name', () => {
  let read = 0;
  for (let seed = 0; seed < 1000; seed++) {
    const random = seeded(seed);
    const input = random() < 0.4 ? mangle(written, random) : damage(JSON.parse(written), random);
    try {
      const result = parseNotebook(bytes(input));
      // What was read can be written and is read again as the same.
      expect(parseNotebook(bytes(writeNotebook(result, '2025-03-01T00:00:00.000Z')))).toEqual(result);
      read++;
    } catch (error) {
      if (!(error instanceof CorruptFileError))
        throw new Error(`Seed ${seed} threw ${String(error)}`, { cause: error });
    }
  }
  expect(read).toBeGreaterThan(20);
  expect(read).toBeLessThan(980);
});
