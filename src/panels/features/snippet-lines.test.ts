import { expect, test } from 'vitest';
import type { Snippet, SnippetToken } from '../../lens/api/feature';
import { groupsOf, lineOf } from './snippet-lines';

const token = (text: string, position: number, value = 0): SnippetToken => ({
  id: position,
  text,
  position,
  special: false,
  value,
});

test('a line is cut at its peak, each token filled by its latent', () => {
  const line = lineOf({ tokens: [token('a', 0), token(' b', 1, 10), token(' c', 2, 5)], peak: 1 }, 10);
  expect(line.before.map((mark) => mark.text)).toEqual(['a']);
  expect(line.peak).toMatchObject({ text: ' b', value: 10, fill: 1 });
  expect(line.after[0]!.fill).toBeGreaterThan(0.5);
  expect(line.before[0]!.fill).toBe(0);
  expect(line.text).toBe('a b c');
});

test('a peak inside a byte-split character is that character', () => {
  const fragment = (index: number) => ({ text: '龘', index, count: 2 });
  const tokens = [
    token('a', 0),
    { ...token('\ufffd', 1, 3), fragment: fragment(0) },
    { ...token('\ufffd', 2, 4), fragment: fragment(1) },
  ];
  const line = lineOf({ tokens, peak: 2 }, 4);
  expect(line.peak).toMatchObject({ text: '龘', value: 4, from: 1, to: 2 });
  expect(line.after).toEqual([]);
});

test('groups go band by band, the model’s own text before arithmetic', () => {
  const snippet = (band: number, source: Snippet['source'], value: number): Snippet => ({
    band,
    source,
    peak: 0,
    tokens: [token('x', 0, value)],
  });
  const groups = groupsOf([
    snippet(0, 'arithmetic', 9),
    snippet(0, 'model', 8),
    snippet(0, 'arithmetic', 7),
    snippet(2, 'model', 1),
  ]);
  expect(groups.map(({ band, source, snippets }) => [band, source, snippets.map((s) => s.tokens[0]!.value)])).toEqual([
    [0, 'model', [8]],
    [0, 'arithmetic', [9, 7]],
    [2, 'model', [1]],
  ]);
});
