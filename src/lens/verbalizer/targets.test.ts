import { describe, expect, test } from 'vitest';
import { InvalidOptionError, ShapeMismatchError } from '../api/errors';
import type { VerbalizerInfo } from '../api/verbalizer';
import { checkVector, positionsOf, runOf } from './targets';

const info: VerbalizerInfo = {
  source: 'selfie',
  name: 'SelfIE',
  layer: null,
  scores: false,
  variance: null,
  quality: null,
  bytes: 0,
  memory: 0,
  maxTokens: 24,
  temperature: 0.5,
};

test('what is left out is the source’s own', () => {
  expect(runOf({}, info)).toMatchObject({ samples: 1, seed: 16, temperature: 0.5, maxTokens: 24 });
  expect(runOf({ samples: 3, seed: 7, temperature: 0, maxTokens: 5 }, info)).toMatchObject({
    samples: 3,
    seed: 7,
    temperature: 0,
    maxTokens: 5,
  });
});

describe('an option out of range is refused and says what is allowed', () => {
  test.each([
    [{ samples: 0 }, '1 to 16'],
    [{ samples: 17 }, '1 to 16'],
    [{ samples: 1.5 }, '1 to 16'],
    [{ maxTokens: 0 }, '1 to 1024'],
    [{ maxTokens: 1025 }, '1 to 1024'],
    [{ temperature: -1 }, '0 to 10'],
    [{ temperature: Number.NaN }, '0 to 10'],
    [{ seed: 0.5 }, 'whole number'],
  ])('%o', (options, allowed) => {
    expect(() => runOf(options, info)).toThrow(InvalidOptionError);
    expect(() => runOf(options, info)).toThrow(allowed);
  });

  test.each([[undefined], [-1], [8], [1.5], [[]], [[2, 8]], [[3, 3]], [Number.NaN]])(
    'position %o of 8 tokens',
    (position) => {
      expect(() => positionsOf(position, 8)).toThrow(InvalidOptionError);
    },
  );
});

test('one position or several, in the order asked for', () => {
  expect(positionsOf(7, 8)).toEqual([7]);
  expect(positionsOf([5, 0], 8)).toEqual([5, 0]);
});

test('a vector has the model’s width and finite numbers', () => {
  expect(() => checkVector(new Float32Array(4), 4)).not.toThrow();
  expect(() => checkVector(new Float32Array(3), 4)).toThrow(ShapeMismatchError);
  expect(() => checkVector(Float32Array.of(0, Number.NEGATIVE_INFINITY), 2)).toThrow(/-Infinity at 1/);
});
