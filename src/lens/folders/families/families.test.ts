import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FAMILIES } from './families';

test.each(['docs/guide.md', 'docs/package.md'])('%s names every family that opens', (path) => {
  const text = readFileSync(path, 'utf8');
  for (const name of FAMILIES.flatMap(({ name }) => name.split(', '))) expect(text).toContain(name);
});

test('a configuration is of one family at most', () => {
  for (const key of ['type', 'architecture'] as const)
    expect(new Set(FAMILIES.map((family) => family[key])).size).toBe(FAMILIES.length);
});
