import { expect, test } from 'vitest';
import { stepBy } from './steps';

test('arrows go through a text token by token and stay inside it', () => {
  expect([stepBy('ArrowRight', null, 3), stepBy('ArrowRight', 1, 3), stepBy('ArrowRight', 2, 3)]).toEqual([0, 2, 2]);
  expect([
    stepBy('ArrowLeft', null, 3),
    stepBy('ArrowLeft', 1, 3),
    stepBy('ArrowLeft', 0, 3),
    stepBy('ArrowLeft', 9, 3),
  ]).toEqual([2, 0, 0, 2]);
  expect([stepBy('Home', 2, 3), stepBy('End', 0, 3)]).toEqual([0, 2]);
  expect([stepBy('ArrowDown', 1, 3), stepBy('ArrowRight', null, 0)]).toEqual([null, null]);
});
