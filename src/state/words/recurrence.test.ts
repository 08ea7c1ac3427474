import { expect, it } from 'vitest';
import { recurrence } from './recurrence';

it('counts the samples that make a claim, in other words too', () => {
  const samples = [
    'It is English prose. It multiplies 7 by 24.',
    'English prose, it is. 7 is multiplied by 24.',
    'A poem. It multiplies 7 by 34.',
  ];
  expect(recurrence(samples, 0)).toEqual([2, 2]);
  expect(recurrence(samples, 2)).toEqual([1, 1]);
});

it('asks for the same quotes to the letter, but for the space at their ends', () => {
  expect(recurrence(['The token is “ fire”.', 'The token is “fire”.', 'The token is “ water”.'], 0)).toEqual([2]);
});

it('takes a quote of three words for a claim of its own, whatever stands around it', () => {
  expect(recurrence(['Just before: “ looked at the fire”.', 'It ends in “ looked at the fire”.'], 0)).toEqual([2]);
  expect(recurrence(['Just before: “ the fire”.', 'It ends in “ the fire”.'], 0)).toEqual([1]);
});

it('counts a sample once, and one sample alone as itself', () => {
  expect(recurrence(['It is prose. It is prose.'], 0)).toEqual([1, 1]);
  expect(recurrence(['It is prose.', 'It is prose. Prose it is.'], 0)).toEqual([2]);
  expect(recurrence([], 0)).toEqual([]);
});
