import { expect, test } from 'vitest';
import { CorruptFileError } from '../api/errors';
import { json } from '../testing/fixtures';
import { JsonObject, parseJson } from './json';
import { topLevelKeys } from './json-keys';

test('UTF-8 JSON, with or without a byte order mark', () => {
  expect(parseJson(json('{"a": "é中"}'), 'f')).toEqual({ a: 'é中' });
  expect(parseJson(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31), 'f')).toBe(1);
});

test.each([
  ['no JSON', json('{a: 1}')],
  ['nothing', new Uint8Array()],
  ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
])('%s is refused with the name of the file', (_, bytes) => {
  expect(() => parseJson(bytes, 'sae/cfg.json')).toThrow(CorruptFileError);
  expect(() => parseJson(bytes, 'sae/cfg.json')).toThrow(/sae\/cfg\.json/);
});

test('the refusal quotes none of the bytes', () => {
  expect(() => parseJson(json('{"a": \u0007x}'), 'f')).toThrow(
    /^f is not JSON in UTF-8: it breaks off or is damaged\. Download it again\.$/,
  );
});

test('typed reading', () => {
  const object = new JsonObject({ n: 3, x: 0.5, yes: true, none: null, inner: { n: 1 } }, 'f');
  expect([
    object.integer('n', 1, 3),
    object.number('x', 0, 1),
    object.boolean('yes', false),
    object.boolean('none', false),
    object.get('none'),
  ]).toEqual([3, 0.5, true, false, undefined]);
  expect(object.object('inner')!.integer('n', 0, 9)).toBe(1);
  expect(object.object('none')).toBeNull();
  expect(object.get('constructor')).toBeUndefined();
  for (const read of [
    () => object.integer('x', 0, 9),
    () => object.integer('n', 4, 9),
    () => object.number('yes', 0, 9),
    () => object.boolean('n', true),
    () => object.integer('toString', 0, 9),
  ]) {
    expect(read).toThrow(CorruptFileError);
  }
  for (const value of [null, [], 1, 'x']) expect(() => new JsonObject(value, 'f')).toThrow(CorruptFileError);
});

test('the outermost keys of an object, duplicates, escapes and nesting included', () => {
  expect(topLevelKeys('{ "a": {"x": [1, "}"], "a": 2}, "b\\"\\\\": ":", "\\u0061" : [{"c": 1}], "e": "f" }  ')).toEqual(
    ['a', 'b"\\', 'a', 'e'],
  );
  expect(topLevelKeys('{}')).toEqual([]);
});
