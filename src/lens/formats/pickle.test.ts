import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CorruptFileError, UnsupportedModelError } from '../api/errors';
import { joined, le, pickleOf } from '../testing/torch-file';
import { MAX_PICKLE, PickleCall, PickleDict, PickleList, PickleTuple, type PickleValue, parsePickle } from './pickle';

const parse = (...parts: (string | number[] | Uint8Array)[]) => parsePickle(joined(...parts), 'f');
const value = (...parts: (string | number[])[]) => parse('\x80\x02', ...parts, '.');

/** As plain data, to compare. */
function plain(of: PickleValue): unknown {
  if (of instanceof PickleDict)
    return Object.fromEntries(Array.from(of.entries, ([key, item]) => [String(key), plain(item)]));
  if (of instanceof PickleList) return of.items.map(plain);
  if (of instanceof PickleTuple) return { tuple: of.items.map(plain) };
  if (of instanceof PickleCall) return { call: of.name };
  return of;
}

test('numbers, texts and what holds them', () => {
  expect(value('K\xff')).toBe(255);
  expect(value('M\x01\x02')).toBe(0x0201);
  expect(value('J', le(-70000, 4))).toBe(-70000);
  expect(value('\x8a\x00')).toBe(0);
  expect(value('\x8a\x06', [0, 0, 0, 0, 0, 1])).toBe(2 ** 40);
  expect(value('\x8a\x01\xff')).toBe(-1);
  expect(value('G', [0x3f, 0xf8, 0, 0, 0, 0, 0, 0])).toBe(1.5);
  expect(value('X\x03\x00\x00\x00\xe8\xaf\x8d')).toBe('词');
  expect([value('N'), value('\x88'), value('\x89')]).toEqual([null, true, false]);
  expect(plain(value('](K\x01K\x02eK\x03a'))).toEqual([1, 2, 3]);
  expect(plain(value('(K\x01)\x85K\x02\x86t'))).toEqual({ tuple: [1, { tuple: [{ tuple: [{ tuple: [] }] }, 2] }] });
  expect(plain(value('}X\x01\x00\x00\x00aK\x01s(X\x01\x00\x00\x00bK\x02u'))).toEqual({ a: 1, b: 2 });
  expect(plain(value('K\x01q', [0], 'h', [0], '\x86'))).toEqual({ tuple: [1, 1] });
});

test('names and calls become records', () => {
  const ordered = value('ccollections\nOrderedDict\n)R(X\x01\x00\x00\x00aK\x01u}X\x01\x00\x00\x00bK\x02sb');
  expect(plain(ordered)).toEqual({ a: 1 });
  expect(plain(value('ctorch._utils\n_rebuild_parameter\n(K\x01\x89NtR'))).toEqual({
    call: 'torch._utils._rebuild_parameter',
  });
});

const held: [string, (string | number[])[]][] = [
  ['a module that runs commands', ['cos\nsystem\n(X\x02\x00\x00\x00lstR']],
  ['the same through the stack', ['\x8c\x05posix\x8c\x06system\x93']],
  ['a builtin', ['c__builtin__\neval\n']],
  ['a name of an allowed module', ['ctorch._utils\n_rebuild_qtensor\n']],
  ['a type whose name only contains an allowed one', ['ctorch\nFloatStorage2\n']],
  ['an attribute of an object', ['ccollections\nOrderedDict.__init__\n']],
  ['the prototype', ['c__proto__\nconstructor\n']],
  ['INST', ['(ios\nsystem\n']],
  ['OBJ', ['(o']],
  ['NEWOBJ', ['ccollections\nOrderedDict\n)\x81']],
  ['an extension', ['\x82\x01']],
  ['PERSID', ['Pabc\n']],
  ['INT as text', ['I01\n']],
  ['bytes', ['C\x01a']],
  ['a set', ['\x8f']],
  ['DUP', ['K\x012']],
];
test.each(held)('%s is refused, and said not to have been executed', (_, parts) => {
  expect(() => value(...parts)).toThrow(UnsupportedModelError);
  expect(() => value(...parts)).toThrow(/Nothing in it was executed/);
});

test.each<[string, (string | number[])[]]>([
  ['nothing', []],
  ['a text longer than the file', ['X\xff\xff\xff\xff']],
  ['a text that is not UTF-8', ['X\x01\x00\x00\x00\xff']],
  ['a name without an end', ['ctorch']],
  ['a number of nine bytes', ['\x8a\x09', le(0, 8), [0]]],
  ['a number above 2^53', ['\x8a\x08', [0, 0, 0, 0, 0, 0, 0, 1]]],
  ['a pop below a mark', ['K\x01(\x85t\x86']],
  ['two values below a mark', ['}K\x01(K\x02s']],
  ['a mark that is left open', ['(N']],
  ['values left over', ['NN']],
  ['a close without an open', ['t']],
  ['a value that was not stored', ['h\x05']],
  ['items of a list', ['](K\x01K\x02u']],
  ['half an item', ['}(K\x01u']],
  ['appended to a dict', ['}K\x01a']],
  ['a call of a storage', ['ctorch\nFloatStorage\n)R']],
  ['a call of a number', ['K\x01)R']],
  ['a call with a list', ['ccollections\nOrderedDict\n]R']],
  ['too few arguments', ['ctorch._utils\n_rebuild_tensor_v2\n)R']],
  ['attributes of a list', [']}b']],
])('%s is damaged', (_, parts) => {
  expect(() => value(...parts)).toThrow(CorruptFileError);
});

test('the end is the end', () => {
  expect(() => parse('\x80\x02N.N')).toThrow(/behind its end/);
  expect(() => parse('\x80\x02N')).toThrow(/ends after/);
  expect(() => parse('\x80\x07N.')).toThrow(/protocol 7/);
});

test('depth, objects and length have limits', () => {
  expect(() => value('('.repeat(1001))).toThrow(/deep/);
  expect(() => value('N'.repeat(100_001))).toThrow(/more objects/);
  expect(() => value(']', '}a'.repeat(250_001))).toThrow(/more objects/);
  expect(() => parsePickle(new Uint8Array(MAX_PICKLE + 1), 'f')).toThrow(/allowed/);
  // Nested tuples, as deep as the limits allow, are read without recursion.
  expect(value('N', '\x85'.repeat(200_000))).toBeInstanceOf(PickleTuple);
  // Each holds the one before twice: 2^64 leaves, 65 objects.
  expect(value('N', 'q\x00h\x00\x86'.repeat(64))).toBeInstanceOf(PickleTuple);
});

test('a list that holds itself is data like any other', () => {
  const list = value(']q\x00h\x00a') as PickleList;
  expect(list.items[0]).toBe(list);
});

test('torch.save with protocol 4, and what the hand-written files use', () => {
  const file = readFileSync('src/lens/testing/fixtures/torch/protocol4.pt');
  const begin = file.indexOf('\x80\x04', 0, 'latin1');
  const end = file.indexOf('PK\x07\x08', begin, 'latin1');
  expect(Object.keys(plain(parsePickle(new Uint8Array(file.subarray(begin, end)), 'f')) as object)).toEqual([
    'W_enc',
    'W_dec',
    'b_enc',
    'b_dec',
  ]);
  expect(plain(parsePickle(pickleOf({ a: 1, b: { c: 'd', e: 2 ** 40 } }), 'f'))).toEqual({
    a: 1,
    b: { c: 'd', e: 2 ** 40 },
  });
});
