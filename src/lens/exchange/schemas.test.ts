import * as v from 'valibot';
import { expect, test } from 'vitest';
import { CorruptFileError } from '../api/errors';
import * as s from './schemas';

const edit = v.pipe(
  s.object({ layer: s.whole(0, 3), name: s.orNull(s.text(3)), note: v.optional(s.anyText(5)), where: s.where(2, 9) }),
  s.rule('note', ({ name, note }) => !note || name !== null, 'must not be without a name'),
);
const schema = s.object({ edits: s.list(edit, 2), parts: v.optional(s.record(s.object({ bytes: s.figure(0) }))) });
const read = (value: unknown) => s.read(schema, value, 'f');
const one = (edit: object) => ({ edits: [{ layer: 1, where: 'all', ...edit }] });

test('null is as if the key were missing, and other keys are left out', () => {
  expect(read({ ...one({ note: null, other: 1 }), parts: null, more: 1 })).toStrictEqual({
    edits: [{ layer: 1, name: null, where: 'all' }],
  });
  expect(read(one({ name: 'a', note: '' })).edits[0]).toStrictEqual({ layer: 1, name: 'a', note: '', where: 'all' });
});

test.each([
  [undefined, 'f must be an object.'],
  [null, 'f does not hold a JSON object.'],
  [[], 'f does not hold a JSON object.'],
  [{}, 'f: "edits" must be a list of at most 2 entries, but is missing.'],
  [{ edits: [1, 2, 3] }, 'f: "edits" must be a list of at most 2 entries, but is [1,2,3].'],
  [{ edits: [1] }, 'f: edit 1 does not hold a JSON object.'],
  [{ edits: [{ layer: 4 }] }, 'f: edit 1: "layer" must be a whole number from 0 to 3, but is 4.'],
  [{ edits: [{ layer: null }] }, 'f: edit 1: "layer" must be a whole number from 0 to 3, but is missing.'],
  [one({ name: '' }), 'f: edit 1: "name" must be a text of 1 to 3 characters, but is "".'],
  [one({ note: 'x' }), 'f: edit 1: "note" must not be without a name, but is "x".'],
  [
    one({ where: 'some' }),
    'f: edit 1: "where" holds "some". It is all, or words joined by full stops: prompt, generated, first16, from-last; system, user, assistant; turn2; thinking, answer; text.',
  ],
  [one({ where: 'user.assistant' }), 'f: edit 1: "where" says "user.assistant": two words for one thing.'],
  [
    one({ where: 3 }),
    'f: edit 1: "where" must be all, or words for tokens such as prompt, generated, assistant or turn2.answer, but is 3.',
  ],
  [one({ where: [1, 10] }), 'f: edit 1: "where" must list positions, but is [1,10].'],
  [one({ where: Array(2) }), /"where" must list positions/],
  [{ edits: [], parts: [] }, 'f: parts does not hold a JSON object.'],
  [
    { edits: [], parts: { a: { bytes: -1 } } },
    'f: parts: a: "bytes" must be a number from 0 to 1000000000000, but is -1.',
  ],
  [{ edits: [], parts: { ['k'.repeat(99)]: 1 } }, `f: parts: ${'k'.repeat(60)} does not hold a JSON object.`],
])('%j is refused with its place and its rule', (value, message) => {
  expect(() => read(value)).toThrow(CorruptFileError);
  expect(() => read(value)).toThrow(message);
});

test('keys of a prototype are keys like any other', () => {
  const parts = JSON.parse('{ "__proto__": { "bytes": 1 }, "constructor": { "bytes": 2 } }');
  const found = read({ edits: [], parts }).parts!;
  expect(Object.entries(found)).toEqual([
    ['__proto__', { bytes: 1 }],
    ['constructor', { bytes: 2 }],
  ]);
  expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
  // A prototype's keys are not the object's.
  const named = s.object({ constructor: v.optional(s.flag), toString: s.orNull(s.flag) });
  expect(s.read(named, {}, 'f')).toStrictEqual({ toString: null });
  const exact = s.exact({ a: v.optional(s.flag) });
  for (const key of ['__proto__', 'constructor', 'b'])
    expect(() => s.read(exact, JSON.parse(`{ "${key}": true }`), 'f')).toThrow(
      `f has the key "${key}", which is not known`,
    );
});

test('one of several objects is chosen by its kind', () => {
  const origin = s.byKind({
    url: s.object({ kind: v.literal('url'), url: s.text(9) }),
    picked: s.object({ kind: v.literal('picked') }),
  });
  expect(s.read(origin, { kind: 'picked', url: 1 }, 'f')).toEqual({ kind: 'picked' });
  expect(() => s.read(origin, { kind: 'url' }, 'f')).toThrow(
    'f: "url" must be a text of 1 to 9 characters, but is missing.',
  );
  for (const kind of ['toString', 1, null])
    expect(() => s.read(origin, { kind }, 'f')).toThrow('f: "kind" must be one of url, picked');
  expect(() => s.read(origin, 7, 'f')).toThrow('f does not hold a JSON object.');
});

test('a value that is nested deep is named and not walked through', () => {
  const deep = JSON.parse(`${'['.repeat(2e4)}${']'.repeat(2e4)}`);
  for (const value of [
    deep,
    { edits: deep },
    one({ layer: deep }),
    one({ where: deep }),
    { edits: [], parts: { a: deep } },
  ])
    expect(() => read(value)).toThrow(CorruptFileError);
});
