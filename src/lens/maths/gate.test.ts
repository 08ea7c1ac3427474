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
