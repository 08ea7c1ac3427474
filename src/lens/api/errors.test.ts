import { expect, test } from 'vitest';
import { ContextOverflowError, errorFromData, errorToData, LensError } from './errors';

test('a named error keeps class, message and fields through structured clone', () => {
  const error = new ContextOverflowError('Too long.', { tokens: 300, room: 256 });
  const back = errorFromData(structuredClone(errorToData(error)));
  expect(back).toBeInstanceOf(ContextOverflowError);
  expect(back).toBeInstanceOf(LensError);
  expect(back.name).toBe('ContextOverflowError');
  expect((back as ContextOverflowError).fields).toEqual({ tokens: 300, room: 256 });
});

test('an unknown error keeps its name, and a name from outside picks no other class', () => {
  const back = errorFromData(errorToData(new TypeError('x is not a function')));
  expect([back.name, back.message]).toEqual(['TypeError', 'x is not a function']);
  expect(errorFromData({ name: 'constructor', message: 'm', fields: {} })).not.toBeInstanceOf(LensError);
  expect(errorToData('text').message).toBe('text');
});
