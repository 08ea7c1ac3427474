import { expect, test } from 'vitest';
import { type Cell, toCsv, toJson } from './csv';

const lines = (...rows: Cell[][]) => toCsv({ name: 't', columns: ['a', 'b'], rows }).split('\r\n');

test('lines end in CRLF, quotes are doubled, and what would end a cell is quoted', () => {
  expect(toCsv({ name: 't', columns: ['a', 'b'], rows: [[1, 'x']] })).toBe('\uFEFFa,b\r\n1,x\r\n');
  expect(lines(['a "b"', 'c,d'])[1]).toBe('"a ""b""","c,d"');
  expect(lines(['two\nlines', ' the'])[1]).toBe('"two\nlines"," the"');
  expect(lines(['汉', ''])[1]).toBe('汉,');
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1'])('a spreadsheet runs no text: %j', (text) => {
  const [cell] = lines([text, null])[1]!.split(',');
  expect(cell!.replace(/^"/, '').startsWith("'")).toBe(true);
});

test('numbers stay numbers, negative ones too; what is none is an empty cell', () => {
  expect(lines([-1.5, 1e-7])[1]).toBe('-1.5,1e-7');
  expect(lines([Number.NaN, null])[1]).toBe(',');
  expect(lines([Number.NEGATIVE_INFINITY, true])[1]).toBe(',true');
});

test('JSON has every text as it is', () => {
  expect(
    JSON.parse(
      toJson({
        name: 't',
        columns: ['a', 'b'],
        rows: [
          ['=1', Number.NaN],
          ['-', 2],
        ],
      }),
    ),
  ).toEqual([
    { a: '=1', b: null },
    { a: '-', b: 2 },
  ]);
});
