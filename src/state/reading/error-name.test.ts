import { expect, it } from 'vitest';
import { errorName } from './error-name';

it('calls FVU only what is relative to the mean', () => {
  expect(errorName({ center: 'mean' })).toEqual({ short: 'FVU', long: 'fraction of variance unexplained' });
  expect(errorName({ center: 'b_dec' })).toEqual({ short: 'error/b_dec', long: 'error ÷ distance to b_dec' });
});
