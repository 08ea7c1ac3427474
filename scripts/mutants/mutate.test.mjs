import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { root } from '../prepare.mjs';
import { mutate, outcome } from './mutate.mjs';
import { mutants } from './table.mjs';

const plain = { name: 'n', file: 'f.ts', find: 'a + b', replace: "a - b + '$&'" };

describe('mutate', () => {
  test('replaces the one place, to the letter', () => {
    expect(mutate('x = a + b;', plain)).toBe("x = a - b + '$&';");
  });

  test.each(['x = a * b;', 'x = a + b + a + b;'])('refuses %j, where it does not stand exactly once', (text) => {
    expect(() => mutate(text, plain)).toThrow('Stale mutant "n"');
  });
});

describe('the table', () => {
  test.each(mutants.map((mutant) => [mutant.name, mutant]))(
    '%s: breaks code that is there, and its test file is there',
    (_, mutant) => {
      const text = readFileSync(join(root, mutant.file), 'utf8');
      expect(mutate(text, mutant)).not.toBe(text);
      expect(existsSync(join(root, mutant.test))).toBe(true);
    },
  );

  test('names are unique', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  });
});

describe('outcome', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lenslet-outcome-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('names what failed and counts what passed, over all files; tests left out count as neither', () => {
    const file = join(folder, 'report.json');
    const results = [
      [
        { status: 'passed', fullName: 'a' },
        { status: 'failed', fullName: 'b c' },
      ],
      [
        { status: 'skipped', fullName: 'd' },
        { status: 'failed', fullName: 'e' },
      ],
    ];
    writeFileSync(file, JSON.stringify({ testResults: results.map((assertionResults) => ({ assertionResults })) }));
    expect(outcome(file)).toEqual({ passed: 1, red: ['b c', 'e'] });
  });
});
