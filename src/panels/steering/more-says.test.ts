import { expect, test } from 'vitest';
import { defaultSampling } from '../../state/base/sampling';
import { moreSays } from './more-says';

test('what is set is said, and nothing of what is not', () => {
  const says = (patch: object) => moreSays({ ...defaultSampling, ...patch });
  expect(says({})).toBeNull();
  expect(says({ stop: ['a'] })).toBe('1 stop');
  expect(says({ repetitionPenalty: 1.3 })).toBe('penalty 1.3');
  expect(says({ stop: ['a', 'b'], repetitionPenalty: 0.9 })).toBe('penalty 0.9, 2 stops');
});
