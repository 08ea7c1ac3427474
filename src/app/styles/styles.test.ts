import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.css'))
  .map((file) => ({ file, css: readFileSync(`src/${file}`, 'utf8') }));
const own = files.filter(({ file }) => file.startsWith('app/styles/') && !file.endsWith('tokens.css'));

/** What a pattern finds, each with its file. */
const found = (of: typeof files, pattern: RegExp) =>
  of.flatMap(({ file, css }) => [...css.matchAll(pattern)].map(([match]) => `${file}: ${match}`));

test('the page has two breakpoints, 720 and 1280 px, one pixel below each for the other side', () => {
  const widths = files.flatMap(({ css }) =>
    [...css.matchAll(/@media[^{]*/g)].flatMap(([query]) => [...query.matchAll(/(min|max)-width: ([^)]+)/g)]),
  );
  expect(widths.length).toBeGreaterThan(10);
  expect(new Set(widths.map(([query]) => query))).toEqual(
    new Set(['min-width: 720px', 'max-width: 719px', 'min-width: 1280px', 'max-width: 1279px']),
  );
});

test('the page’s own styles take lengths between things, and sizes of type, from the tokens', () => {
  expect(own.length).toBeGreaterThan(5);
  expect(found(own, /\b(?:padding|margin|gap)[\w-]*: [^;]*(?<![\d.])(?:4|8|12|16|24|32)px[^;]*/g)).toEqual([]);
  expect(found(own, /\bfont-size: \d[^;]*|\bline-height: (?:16|20)px/g)).toEqual([]);
});
