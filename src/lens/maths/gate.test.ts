import { expect, test } from 'vitest';
import { InvalidEditError } from '../api/errors';
import { parseWhen, writeWhen } from './gate';

test('the written form reads and writes', () => {
  const token = { layer: 3, feature: 650, above: 5, reach: 'token' };
  for (const [text, gate, written] of [
    ['3:650 > 5', token],
    ['3:650 > 5 in turn', { ...token, reach: 'turn' }],
    ['3:650 > 5 until 2', { ...token, until: 2 }],
    ['3:650>5', token, '3:650 > 5'],
    ['3:650>5until2', { ...token, until: 2 }, '3:650 > 5 until 2'],
    ['  3:650  >  5  inturn ', { ...token, reach: 'turn' }, '3:650 > 5 in turn'],
    ['0:0 > 0', { layer: 0, feature: 0, above: 0, reach: 'token' }],
    ['27:32767 > 0.125 until 0.125', { layer: 27, feature: 32767, above: 0.125, until: 0.125, reach: 'token' }],
    ['3:650 > 5.0', token, '3:650 > 5'],
    ['3:650 > 1e3', { ...token, above: 1000 }, '3:650 > 1000'],
    ['3:650 > 2.5e-7', { ...token, above: 2.5e-7 }],
    ['3:650 > 5 until 0', { ...token, until: 0 }],
  ] as const) {
    const read = parseWhen(text);
    expect(read, text).toEqual(gate);
    expect(writeWhen(read)).toBe(written ?? text);
    expect(parseWhen(writeWhen(read))).toEqual(read);
  }
});

test('what is no written form is refused', () => {
  for (const text of [
    '',
    '3:650',
    '3:650 >',
    '3:650 > -1',
    '3:650 > +1',
    '3:650 >= 5',
    '3:650 < 5',
    '3:650 > .5',
    '3:650 > 5.',
    '3:650 > NaN',
    '3:650 > Infinity',
    '3:650 > 0x10',
    '3:650 > 1_000',
    '3.5:650 > 5',
    '-3:650 > 5',
    '3: 650 > 5',
    '3650 > 5',
    '1234:650 > 5',
    '3:12345678 > 5',
    '3:650 > 5 in turn until 2',
    '3:650 > 5 until 2 in turn',
    '3:650 > 5 until',
    '3:650 > 5 until 2 until 1',
    '3:650 > 5 for 2',
    '3:650 > 5; 4:1 > 2',
    '3:650 > 5 in\u0000turn',
    `3:650 > ${'9'.repeat(100_000)}`,
    `3:650${' '.repeat(100_000)}> x`,
    '٣:650 > 5',
  ])
    expect(() => parseWhen(text), text.slice(0, 30)).toThrow(InvalidEditError);
  expect(() => parseWhen('3:650 > 1e39')).toThrow('beyond float32');
  expect(() => parseWhen('3:650 > 2 until 5')).toThrow('a gate that opens above 2 cannot close at 5');
});

test('every float32 from 0 on is written as a value that reads as the same', () => {
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  const at = (pattern: number): number => {
    bits[0] = pattern;
    return value[0]!;
  };
  const LARGEST = 0x7f7fffff;
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return at(seed % (LARGEST + 1));
  };
  const edges = [at(0), at(1), at(0x00800000), at(LARGEST), Math.fround(1.23456789e-5), Math.fround(123456789012)];
  for (const above of [...edges, ...Array.from({ length: 1000 }, random)]) {
    const until = Math.fround(above / 2);
    const read = parseWhen(writeWhen({ layer: 3, feature: 650, above, reach: 'token', until }));
    expect([Math.fround(read.above), Math.fround(read.until!)]).toEqual([above, until]);
    expect(parseWhen(writeWhen(read))).toEqual(read);
  }
});

test('more digits than a value takes leave it a value', () => {
  const gate = { layer: 3, feature: 650, above: 0.1 + 0.2, until: 12.345678901, reach: 'token' } as const;
  expect(writeWhen({ ...gate, above: 12.3456789012 })).toBe('3:650 > 12.3456789 until 12.3456789');
  expect(writeWhen({ ...gate, until: 1e-9 })).toBe('3:650 > 0.3 until 1e-9');
});
