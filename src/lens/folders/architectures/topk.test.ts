import { expect, test } from 'vitest';
import { InvalidOptionError, UnsupportedModelError } from '../../api/errors';
import { topk } from './topk';

test('a k that cannot be computed is refused before the weights are fetched', () => {
  const of = (k: number) => topk.activation({ k, threshold: null, width: 4096, file: 'a/cfg.json' });
  expect(of(1024)).toEqual({ kind: 'topk', k: 1024 });
  expect(() => of(2048)).toThrow(UnsupportedModelError);
  expect(() => of(5000)).toThrow(InvalidOptionError);
});
