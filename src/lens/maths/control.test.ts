import { expect, test } from 'vitest';
import { EDIT_MODES, type Edit } from '../api/edit';
import { actsOn, controlOf, sourceOf } from './control';

test('everywhere and active are one thing to all but a clamp, missing or said', () => {
  for (const mode of EDIT_MODES) {
    expect(actsOn({ mode, on: 'everywhere' })).toBe(actsOn({ mode }));
    expect(actsOn({ mode, on: 'code' })).toBe('active');
    expect(actsOn({ mode, on: 'preactivation' })).toBe('preactivation');
  }
  expect(actsOn({ mode: 'clamp' })).toBe('everywhere');
  expect(actsOn({ mode: 'clamp', on: 'active' })).toBe('active');
});

test('a control finds its original by either name', () => {
  const edit = { layer: 3, feature: 7, mode: 'ablate', strength: 1 } as const;
  const control = controlOf([{ ...edit, on: 'everywhere' }], 1);
  expect(sourceOf([[], [{ ...edit, on: 'active' }], control], control)).toBe(1);
});

test('a control finds its original by where and when, however they are written', () => {
  const edit: Edit = { layer: 3, feature: 7, mode: 'ablate', strength: 1 };
  const finds = (own: Partial<Edit>, other: Partial<Edit>) => {
    const control = controlOf([{ ...edit, ...own }], 1);
    return sourceOf([[{ ...edit, ...other }], control], control) === 0;
  };
  expect(finds({}, { where: 'all' })).toBe(true);
  expect(finds({ where: 'text.user' }, { where: 'user.text' })).toBe(true);
  expect(finds({ where: [2, 1, 2] }, { where: [1, 2] })).toBe(true);
  expect(finds({ where: 'user' }, { where: 'user.text' })).toBe(false);
  expect(finds({ where: [1] }, { where: [1, 2] })).toBe(false);
  expect(finds({ when: '3:650>5' }, { when: '3:650 > 5.0' })).toBe(true);
  expect(finds({ when: '3:650 > 5' }, {})).toBe(false);
  expect(finds({}, { when: '3:650 > 5' })).toBe(false);
  expect(finds({ when: '3:650 > 5' }, { when: '3:650 > 5 in turn' })).toBe(false);
  expect(finds({ when: '3:650 > 5 until 1' }, { when: '3:650 > 5 until 2' })).toBe(false);
});
