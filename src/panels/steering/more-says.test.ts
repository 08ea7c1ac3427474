import { expect, test } from 'vitest';
import { defaultSampling } from '../../state/base/sampling';
import { moreSays } from './more-says';

test('what is set is said, and nothing of what is not', () => {
  const says = (patch: object) => moreSays({ ...defaultSampling, ...patch });
  expect(says({})).toBeNull();
  expect(says({ stop: ['a'] })).toBe('Stops at “a”.');
  expect(says({ repetitionPenalty: 1.3 })).toBe('Repetition penalty 1.3.');
  expect(says({ stop: ['\n\n', ' b'], repetitionPenalty: 0.9 })).toBe(
    'Repetition penalty 0.9. Stops at “\\n\\n”, “ b”.',
  );
});
