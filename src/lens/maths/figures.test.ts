import { expect, test } from 'vitest';
import {
  apart,
  bytesOf,
  bytesSay,
  cosine,
  count,
  exactly,
  figure,
  fixed,
  fvu,
  mebibytes,
  megabytes,
  nats,
  percent,
  ppl,
  probability,
  scientific,
  score,
  signed,
  surprisal,
} from './figures';

test('minus is a minus sign, and nothing is minus zero', () => {
  expect([fixed(-1.5, 2), fixed(-0.001, 2), fixed(Number.NaN, 2), fixed(null, 1)]).toEqual(['−1.50', '0.00', '–', '–']);
  expect([signed(1, 2), signed(-0.35, 2), signed(0, 2), signed(0.001, 2)]).toEqual(['+1.00', '−0.35', '0.00', '0.00']);
});

test('probabilities keep three places and never read as an exact zero', () => {
  expect([0.3181, 1, 0.0001, 0].map(probability)).toEqual(['0.318', '1.000', '<0.001', '0.000']);
});

test('scores keep two places', () => {
  expect([0.934, 1, 0, 0.005, -0.1, -1.25, null].map(score)).toEqual([
    '0.93',
    '1.00',
    '0.00',
    '0.01',
    '−0.10',
    '−1.25',
    '–',
  ]);
});

test('a KL that is not zero does not read as zero', () => {
  expect([0.7364, 0.0004, 0, null, 99.999, 170.33, 999.94, 12_345.6].map(nats)).toEqual([
    '0.736',
    '<0.001',
    '0.000',
    '–',
    '99.999',
    '170.3',
    '999.9',
    '12,346',
  ]);
});

test('figures have about three significant places', () => {
  expect([128.4, 31.44, 3.154, 0.0421, 0].map(figure)).toEqual(['128', '31.4', '3.15', '0.042', '0.00']);
  expect([999.4, 999.6, -12_345, 2_225_287].map(figure)).toEqual(['999', '1,000', '−12,345', '2.2e6']);
  expect([3.23e-8, -0.0004].map(figure)).toEqual(['3.2e−8', '−4.0e−4']);
  expect([9_999, 3_743_813].map(percent)).toEqual(['999,900 %', '3.7e8 %']);
});

test('a perplexity of any size fits its column', () => {
  expect([1, 46.23, 999.94, 999.96, 99_999.4, 99_999.6, 2_225_287, Infinity, null].map(ppl)).toEqual([
    '1.0',
    '46.2',
    '999.9',
    '1,000',
    '99,999',
    '1.0e5',
    '2.2e6',
    '–',
    '–',
  ]);
});

test('a cosine and a fraction unexplained have three places, a surprisal two', () => {
  expect([cosine(0.9136), cosine(-0.5), fvu(0.0642), surprisal(5.2832)]).toEqual(['0.914', '−0.500', '0.064', '5.28']);
});

test('two values that differ are written so that the reader sees it, and no longer than that takes', () => {
  expect(apart(0.736, 0.802, nats)).toEqual(['0.736', '0.802']);
  expect(apart(0.0024, 0.0019, nats)).toEqual(['0.0024', '0.0019']);
  expect(apart(0.0004, 0.0003, nats)).toEqual(['0.0004', '0.0003']);
  expect(apart(4.52211, 4.52208, nats)).toEqual(['4.52211', '4.52208']);
  expect(apart(2.14e-7, 2.11e-7, nats)).toEqual(['2.14e−7', '2.11e−7']);
  expect(apart(0.002, 0.002, nats)).toEqual(['0.002', '0.002']);
  expect(apart(0, 0.0002, nats)).toEqual(['0.000', '<0.001']);
});

test('shares, counts, exponents', () => {
  expect([percent(0.3124), percent(0.004), percent(0.0004), percent(0), percent(Number.NaN)]).toEqual([
    '31 %',
    '0.4 %',
    '<0.1 %',
    '0.0 %',
    '–',
  ]);
  expect(count(6144)).toBe('6,144');
  expect([1.449, 12.34, 0.9994, 0.9996, 1].map(percent)).toEqual(['145 %', '1,234 %', '99.9 %', '>99.9 %', '100 %']);
  expect([1.0002, 1.002, 1.0049, 1.02].map(percent)).toEqual(['>100 %', '100.2 %', '100.5 %', '102 %']);
  expect([scientific(1.24e-6), scientific(2_225_287)]).toEqual(['1.2e−6', '2.2e6']);
});

test('bytes in the unit that fits, two amounts in the unit of the whole; a GPU’s in powers of two, rounded up', () => {
  expect([3_441_149_952, 537_010_176, 13_600_000, 200_000].map(bytesSay)).toEqual([
    '3.44 GB',
    '537 MB',
    '13.6 MB',
    '0.2 MB',
  ]);
  expect(
    [
      [90e6, 3.44e9],
      [9.12e6, 13.6e6],
      [5e6, 0],
      [0, 0],
    ].map(([loaded, total]) => bytesOf(loaded!, total!)),
  ).toEqual(['0.09 of 3.44 GB', '9.1 of 13.6 MB', '5.0 MB', '']);
  expect([megabytes(12.6e6), mebibytes(2 ** 30), mebibytes(2 ** 27 + 1)]).toEqual(['13 MB', '1,024 MiB', '129 MiB']);
});

test('a number that a reader set has all its digits', () => {
  expect([1.4, -0.05, 300, 0, 1.2345, 12_345, -12_345.678, 3e38, -1e-30, 0.0000123].map(exactly)).toEqual([
    '+1.40',
    '−0.05',
    '+300.00',
    '0.00',
    '+1.2345',
    '+12,345',
    '−12,345.678',
    '+3e38',
    '−1e−30',
    '+0.0000123',
  ]);
});
