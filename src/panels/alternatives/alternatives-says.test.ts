import { expect, test } from 'vitest';
import { rankSays } from './alternatives-says';

const list = [
  { id: 7, text: ' man', logprob: Math.log(0.5) },
  { id: 3, text: '\n', logprob: Math.log(0.25) },
];

test('the rank is that among the likeliest, and one outside is said to be', () => {
  expect(rankSays(list, { id: 3, logprob: Math.log(0.25) })).toBe('Rank 2, p 0.250 at temperature 1.');
  expect(rankSays(list, { id: 9, logprob: Math.log(0.0001) })).toBe(
    'Not among the 2 likeliest, p <0.001 at temperature 1.',
  );
});
