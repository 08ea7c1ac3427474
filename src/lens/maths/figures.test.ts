import { expect, test } from 'vitest';
import {
  bytesOf,
  bytesSay,
  count,
  figure,
  fixed,
  mebibytes,
  megabytes,
  nats,
  percent,
  probability,
  scientific,
  score,
  signed,
} from './figures';

test('minus is a minus sign, and nothing is minus zero', () => {
  expect([fixed(-1.5, 2), fixed(-0.001, 2), fixed(Number.NaN, 2), fixed(null, 1)]).toEqual(['−1.50', '0.00', '–', '–']);
  expect([signed(1, 2), signed(-0.35, 2), signed(0, 2), signed(0.001, 2)]).toEqual(['+1.00', '−0.35', '0.00', '0.00']);
});

test('probabilities keep three places and never read as an exact zero', () => {
  expect([0.3181, 1, 0.0001, 0].map(probability)).toEqual(['.318', '1.000', '<.001', '.000']);
});

test('scores keep two places', () => {
  expect([0.934, 1, 0, 0.005, -0.1, -1.25, null].map(score)).toEqual([
    '.93',
    '1.00',
    '.00',
    '.01',
    '−.10',
    '−1.25',
    '–',
  ]);
});

test('a KL that is not zero does not read as zero', () => {
  expect([0.7364, 0.0004, 0, null].map(nats)).toEqual(['0.736', '<.001', '0.000', '–']);
});

test('figures have about three significant places', () => {
  expect([128.4, 31.44, 3.154, 0.0421, 0].map(figure)).toEqual(['128', '31.4', '3.15', '0.042', '0.00']);
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
  expect(scientific(1.24e-6)).toBe('1.2e−6');
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
