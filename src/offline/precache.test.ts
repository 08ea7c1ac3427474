import { expect, test } from 'vitest';
import { addressOf, forThisBrowser, type PrecachedFile } from './precache';

const scope = 'https://lens.example/app/';
const of = (url: string, mode: RequestMode = 'cors', method = 'GET') => addressOf({ url, mode, method }, scope);

test('the page answers for its folder and for its name, whatever its script is asked', () => {
  expect(of(`${scope}?model=x#p=1`, 'navigate')).toBe(`${scope}index.html`);
  expect(of(`${scope}index.html?provider=wasm`, 'navigate')).toBe(`${scope}index.html`);
  expect(of(`${scope}open.html?model=x`, 'navigate')).toBe(`${scope}open.html`);
  expect(of('https://lens.example/', 'navigate')).toBe('https://lens.example/');
});

test('a file with a query is another file, and only GET reads one', () => {
  expect(of(`${scope}assets/a.js`)).toBe(`${scope}assets/a.js`);
  expect(of(`${scope}assets/a.js?v=2`)).toBe(`${scope}assets/a.js?v=2`);
  expect(of('https://elsewhere.example/app/assets/a.js')).toBe('https://elsewhere.example/app/assets/a.js');
  for (const method of ['HEAD', 'POST', 'OPTIONS']) expect(of(`${scope}assets/a.js`, 'cors', method)).toBeNull();
});

test('a browser keeps the engine that it runs', () => {
  const kept: PrecachedFile[] = ([undefined, 'jspi', 'asyncify'] as const).map((flavour) => ({
    url: flavour ?? 'all',
    revision: null,
    integrity: '',
    flavour,
  }));
  expect(forThisBrowser(kept, true).map(({ url }) => url)).toEqual(['all', 'jspi']);
  expect(forThisBrowser(kept, false).map(({ url }) => url)).toEqual(['all', 'asyncify']);
});
