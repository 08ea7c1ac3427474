import { expect, test } from 'vitest';
import { EDIT_MODES } from '../api/edit';
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
