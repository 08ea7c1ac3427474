import { expect, test } from 'vitest';
import { bytes, count, figure, fixed, nats, percent, probability, scientific, score, signed } from './format';

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

test('shares, counts, bytes, exponents', () => {
  expect([percent(0.3124), percent(0.004), percent(0.0004), percent(0), percent(Number.NaN)]).toEqual([
    '31 %',
    '0.4 %',
    '<0.1 %',
    '0.0 %',
    '–',
  ]);
  expect(count(6144)).toBe('6,144');
  expect([bytes(9_120_000, 13_600_000), bytes(200_000, 0), bytes(0, 0)]).toEqual(['9.1 of 13.6 MB', '0.2 MB', '']);
  expect(scientific(1.24e-6)).toBe('1.2e−6');
});
