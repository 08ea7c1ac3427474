import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EDIT_MODES } from '../lens/api/edit';
import { GLOSSARY } from './glossary';

const entries = Object.entries(GLOSSARY);
const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.tsx'))
  .map((file) => readFileSync(join('src', file), 'utf8'));
/** Terms by their name, and those of an edit's mode. */
const used = sources
  .flatMap((source) => [...source.matchAll(/<Term id=(?:"(\w+)"|\{row\.mode\})/g)])
  .flatMap(([, id]) => id ?? EDIT_MODES);

test('every term that stands on the page is in the glossary, and every entry stands on the page', () => {
  expect([...new Set(used)].sort()).toEqual(entries.map(([id]) => id).sort());
});

test('an entry is one sentence of at most 30 words, with a source', () => {
  for (const [id, { says, source }] of entries) {
    expect(says.split(/\s+/).length, id).toBeLessThanOrEqual(30);
    expect(says, id).toMatch(/^[^.]+(?:\.\d[^.]*)*\.$/);
    expect(source.href, id).toMatch(/^https:\/\/(arxiv\.org\/abs\/\d{4}\.\d{5}|doi\.org\/10\.|[\w.-]+\/\w)/);
  }
});
