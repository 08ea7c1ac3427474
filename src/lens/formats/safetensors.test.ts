import { describe, expect, test } from 'vitest';
import { CorruptFileError, ShapeMismatchError, UnsupportedModelError } from '../api/errors';
import { pack, safetensors } from '../testing/fixtures';
import { parseSafetensors, toIntegers, weightsOf } from './safetensors';

const entry = (begin: number, end: number, shape: number[] = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('parseSafetensors', () => {
  test('finds each tensor as a view into the file, padding and empty tensors allowed', () => {
    const file = safetensors(
      `${JSON.stringify({ __metadata__: { format: 'pt' }, b: entry(8, 16, [2, 1]), a: entry(0, 8), none: entry(8, 8, [0, 7]) })}   `,
      16,
    );
    const tensors = parseSafetensors(file, 'f');
    expect([...tensors.keys()]).toEqual(['b', 'a', 'none']);
    expect(tensors.get('b')).toMatchObject({ dtype: 'F32', shape: [2, 1] });
    expect(tensors.get('b')!.bytes.buffer).toBe(file.buffer);
    expect(tensors.get('b')!.bytes.byteOffset).toBe(file.length - 8);
    expect(tensors.get('none')!.bytes).toHaveLength(0);
  });

  test('a file that itself is a view', () => {
    const file = safetensors({ a: entry(0, 4) }, Uint8Array.of(0, 0, 128, 63));
    const larger = new Uint8Array(file.length + 3);
    larger.set(file, 3);
    expect([...weightsOf(parseSafetensors(larger.subarray(3), 'f'), 'f').float32('a', [1])]).toEqual([1]);
  });

  const huge = new Uint8Array(16);
  new DataView(huge.buffer).setBigUint64(0, 2n ** 63n, true);
  const beyond = safetensors({ a: entry(0, 4) }, 4);
  new DataView(beyond.buffer).setBigUint64(0, 90_000_000n, true);

  test.each<[string, Uint8Array, RegExp]>([
    ['no header', new Uint8Array(7), /7 bytes/],
    ['a huge header', huge, /more than/],
    ['a header beyond the file', beyond, /cut off/],
    ['a header that is no JSON', safetensors('{"a":'), /not JSON/],
    ['a header that is a list', safetensors('[]'), /object/],
    ['an entry that is a number', safetensors({ bad: 3 }), /tensor bad/],
    ['an unknown dtype', safetensors({ bad: entry(0, 4, [1], 'F33') }, 4), /tensor bad.*F33/],
    ['an inherited dtype', safetensors({ bad: entry(0, 4, [1], 'constructor') }, 4), /tensor bad.*constructor/],
    ['a negative size', safetensors({ bad: entry(0, 4, [-1, -1]) }, 4), /tensor bad.*shape/],
    ['a broken size', safetensors({ bad: entry(0, 4, [0.5, 2]) }, 4), /tensor bad.*shape/],
    ['a size beyond whole numbers', safetensors({ bad: entry(0, 4, [1e300]) }, 4), /tensor bad.*shape/],
    [
      'one offset',
      safetensors({ bad: { dtype: 'F32', shape: [1], data_offsets: [4] } }, 4),
      /tensor bad.*data_offsets/,
    ],
    [
      'offsets of text',
      safetensors({ bad: { dtype: 'F32', shape: [1], data_offsets: ['0', '4'] } }, 4),
      /tensor bad.*data_offsets/,
    ],
    ['offsets in reverse', safetensors({ bad: entry(4, 0, [1]) }, 4), /tensor bad.*before/],
    ['data outside the file', safetensors({ bad: entry(0, 8) }, 4), /tensor bad.*outside/],
    ['a shape of another length', safetensors({ bad: entry(0, 8, [3]) }, 8), /tensor bad.*12 bytes/],
    ['overlap', safetensors({ a: entry(0, 8), bad: entry(4, 12) }, 12), /tensor bad.*inside/],
    ['the same range twice', safetensors({ a: entry(0, 8), b: entry(0, 8) }, 8), /inside/],
    ['a hole', safetensors({ a: entry(0, 4), bad: entry(8, 12) }, 12), /4 bytes before bad/],
    ['bytes at the end', safetensors({ a: entry(0, 4) }, 8), /last 4 bytes/],
    [
      'a name twice',
      safetensors(`{"a":${JSON.stringify(entry(0, 4))},"\\u0061":${JSON.stringify(entry(0, 4))}}`, 4),
      /tensor a.*twice/,
    ],
  ])('%s is refused, with the reason', (_, file, reason) => {
    expect(() => parseSafetensors(file, 'model.safetensors')).toThrow(CorruptFileError);
    expect(() => parseSafetensors(file, 'model.safetensors')).toThrow(reason);
    expect(() => parseSafetensors(file, 'model.safetensors')).toThrow(/^model\.safetensors/);
  });
});

describe('float32', () => {
  const read = (bytes: Uint8Array, dtype: string, count: number) =>
    weightsOf(new Map([['w', { dtype, shape: [count], bytes }]]), 'f').float32('w', [count]);
  const at = (offset: number, bytes: number[]) =>
    Uint8Array.from([...Array(offset).fill(255), ...bytes]).subarray(offset);

  test.each([0, 1, 2, 3])('F32, F16 and BF16 at offset %i', (offset) => {
    expect([...read(at(offset, [0, 0, 192, 63, 0, 0, 0, 128]), 'F32', 2)]).toEqual([1.5, -0]);
    expect([...read(at(offset, [1, 0, 0, 124, 0, 188]), 'F16', 3)]).toEqual([2 ** -24, Number.POSITIVE_INFINITY, -1]);
    expect([...read(at(offset, [192, 63, 0, 0]), 'BF16', 2)]).toEqual([1.5, 0]);
  });

  test('has memory of its own, and refuses what is no weight', () => {
    const bytes = new Uint8Array(8);
    expect(read(bytes, 'F32', 2).buffer).not.toBe(bytes.buffer);
    expect(() => read(bytes, 'I64', 1)).toThrow(UnsupportedModelError);
    expect(() => read(bytes, 'I64', 1)).toThrow(/^w .*I64/);
  });
});

describe('toIntegers', () => {
  test('U8, U16 and U32 at any offset, in memory of their own; nothing else', () => {
    const bytes = Uint8Array.of(9, 1, 2, 0, 0);
    expect(toIntegers({ dtype: 'U8', shape: [2], bytes: bytes.subarray(1, 3) }, 'x')).toEqual(Uint8Array.of(1, 2));
    expect(toIntegers({ dtype: 'U16', shape: [2], bytes: bytes.subarray(1) }, 'x')).toEqual(Uint16Array.of(513, 0));
    expect(toIntegers({ dtype: 'U32', shape: [1], bytes: bytes.subarray(1) }, 'x')).toEqual(Uint32Array.of(513));
    expect(toIntegers({ dtype: 'U8', shape: [5], bytes }, 'x').buffer).not.toBe(bytes.buffer);
    expect(() => toIntegers({ dtype: 'I16', shape: [2], bytes: bytes.subarray(1) }, 'x')).toThrow(
      UnsupportedModelError,
    );
  });
});

describe('weightsOf', () => {
  const weights = weightsOf(
    parseSafetensors(pack({ w: { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) } }), 'f'),
    'f',
  );

  test('says what is there', () => {
    expect([weights.has('w'), weights.has('x'), weights.dtype('w'), weights.raw('w').length]).toEqual([
      true,
      false,
      'F32',
      24,
    ]);
    expect([...weights.float32('w', [2, 3])]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('refuses another shape, naming both, and a tensor that is not there', () => {
    for (const shape of [[3, 2], [6], [2, 3, 1], []])
      expect(() => weights.float32('w', shape)).toThrow(ShapeMismatchError);
    expect(() => weights.float32('w', [3, 2])).toThrow(/w in f has shape \[2, 3\].*\[3, 2\]/);
    expect(() => weights.float32('x', [1])).toThrow(CorruptFileError);
  });
});
