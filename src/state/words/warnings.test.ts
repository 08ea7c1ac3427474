import { expect, it } from 'vitest';
import { warningsOf } from './warnings';

const plain = { position: 30, sink: false, special: false, norm: 100, median: 100 };

it('says nothing of an ordinary token', () => {
  expect(warningsOf(plain)).toEqual([]);
  expect(warningsOf({ ...plain, position: 10 })).toEqual([]);
  expect(warningsOf({ ...plain, norm: null })).toEqual([]);
  expect(warningsOf({ ...plain, median: null, norm: 1e9 })).toEqual([]);
});

it('warns of position 0, of sinks, of early and of special tokens', () => {
  expect(warningsOf({ ...plain, position: 0 })[0]).toContain('attention sink');
  expect(warningsOf({ ...plain, sink: true })).toEqual(['Attention sink: its activation says little about the text.']);
  expect(warningsOf({ ...plain, position: 9 })).toEqual(['Early token: only 9 tokens precede it.']);
  expect(warningsOf({ ...plain, special: true })[0]).toContain('Special token');
});

it('warns of a norm more than three times above or below the median', () => {
  expect(warningsOf({ ...plain, norm: 300 })).toEqual([]);
  expect(warningsOf({ ...plain, norm: 301 })).toEqual(['Outlier: residual norm 3.0 × the layer’s median.']);
  expect(warningsOf({ ...plain, norm: 33 })).toEqual(['Outlier: residual norm 0.33 × the layer’s median.']);
  expect(warningsOf({ ...plain, norm: 34 })).toEqual([]);
});
