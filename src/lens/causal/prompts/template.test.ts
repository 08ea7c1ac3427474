import { expect, test } from 'vitest';
import { PromptSetError } from '../../api/errors';
import { filled, type Template } from './template';

const products: Template = {
  text: '{a} × {b} =',
  slots: { a: { from: 2, to: 9, step: 1 }, b: { from: 3, to: 9, step: 3 } },
  take: 'crossed',
  expect: { of: 'product', slots: ['a', 'b'] },
};

test('slots are crossed in order, and what is expected is computed', () => {
  const all = filled(products);
  expect(all.length).toBe(24);
  expect(all[0]).toEqual({ text: '2 × 3 =', expect: '6' });
  expect(all[1]).toEqual({ text: '2 × 6 =', expect: '12' });
  expect(all[23]).toEqual({ text: '9 × 9 =', expect: '81' });
  const expected = (of: 'sum' | 'difference') => filled({ ...products, expect: { of, slots: ['a', 'b'] } })[2]!.expect;
  expect([expected('sum'), expected('difference')]).toEqual(['11', '-7']);
});

test('a text, what it expects and its group take slots; other braces stand for themselves', () => {
  const [first] = filled({
    text: '{"city": "{city}", {} }',
    slots: { city: { list: ['Rome'] } },
    take: 'crossed',
    expect: 'in {city}',
    group: '{city}',
  });
  expect(first).toEqual({ text: '{"city": "Rome", {} }', expect: 'in Rome', group: 'Rome' });
});

test('a sample has no repetition, is the same from the same seed, and reaches all combinations', () => {
  const sample = (seed: number, n = 10) => filled({ ...products, take: { sample: n, seed } }).map(({ text }) => text);
  expect(new Set(sample(1)).size).toBe(10);
  expect(sample(1)).toEqual(sample(1));
  expect(sample(1)).not.toEqual(sample(2));
  expect(sample(1, 24)).toEqual(filled(products).map(({ text }) => text));
  expect(new Set(Array.from({ length: 40 }, (_, seed) => sample(seed)).flat()).size).toBe(24);
  const wide: Template = {
    ...products,
    slots: { a: { from: 0, to: 59_999, step: 1 }, b: { from: 0, to: 59_999, step: 1 } },
  };
  expect(filled({ ...wide, take: { sample: 5, seed: 1 } }).length).toBe(5);
});

test('a sum beyond what a double holds is exact', () => {
  const [one] = filled({ ...products, slots: { a: { list: ['999999999999999'] }, b: { list: ['999999999999999'] } } });
  expect(one!.expect).toBe('999999999999998000000000000001');
});

test('what cannot be made is refused before it is made', () => {
  const million = { from: 1, to: 1_000_000, step: 1 };
  for (const [wrong, message] of [
    [{ slots: { a: million, b: million } }, /makes 1000000000000 combinations/],
    [{ slots: { a: million, b: million }, take: { sample: 5, seed: 1 } }, /makes 1000000000000 combinations/],
    [{ take: { sample: 25, seed: 1 } }, /a sample of 25 cannot be taken/],
    [{ slots: { a: million } }, /names the slot \{b\}/],
    [{ text: '{a} {constructor}' }, /names the slot \{constructor\}/],
    [{ text: '{a}' }, /has no place for the slot \{b\}/],
    [{ slots: { a: { list: ['two'] }, b: { list: ['3'] } } }, /computes with “two”/],
    [{ expect: { of: 'sum', slots: ['a', 'c'] } }, /names the slot \{c\}/],
  ] as [Partial<Template>, RegExp][]) {
    expect(() => filled({ ...products, ...wrong })).toThrow(message);
    expect(() => filled({ ...products, ...wrong })).toThrow(PromptSetError);
  }
});
