import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OPEN, openPage, STRICT, strictPage } from './policy.ts';

const source = readFileSync(new URL('../../index.html', import.meta.url), 'utf8');
const policyOf = (html: string) => html.match(/http-equiv="Content-Security-Policy" content="([^"]*)"/g);

test('each page has one policy, before anything that it loads', () => {
  const strict = strictPage(source);
  const open = openPage(strict);
  expect(policyOf(strict)).toEqual([`http-equiv="Content-Security-Policy" content="${STRICT}"`]);
  expect(policyOf(open)).toEqual([`http-equiv="Content-Security-Policy" content="${OPEN}"`]);
  for (const html of [strict, open])
    expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.search(/<(?:script|link|style)\b/));
  expect([strict, open].map((html) => html.includes('data-models="anywhere"'))).toEqual([false, true]);
});

test('the strict page connects to its own origin, and neither page takes code from another or from text', () => {
  expect(STRICT.split('; ')).toEqual(
    expect.arrayContaining(["default-src 'none'", "connect-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"]),
  );
  for (const policy of [STRICT, OPEN])
    expect(policy).not.toMatch(/unsafe-(?:inline|eval)'(?<!wasm-unsafe-eval')|\*|data:/);
  expect(OPEN.replace('connect-src http: https:', "connect-src 'self'")).toBe(STRICT);
});

test('a page without a place for its policy is not built', () => {
  expect(() => strictPage('<html lang="en"><head></head></html>')).toThrow('charset');
  expect(() => openPage(source)).toThrow('open.html');
});
