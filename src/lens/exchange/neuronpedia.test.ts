import { expect, test } from 'vitest';
import type { FeatureInfo, Snippet, SnippetToken } from '../api/feature';
import { neuronpediaFeature, neuronpediaSource } from './neuronpedia';

const info: FeatureInfo = {
  layer: 3,
  id: 12,
  label: { text: 'after “the”', precision: 0.75, recall: 0.5 },
  density: { written: 0.25, heldOut: 0.125 },
  maximum: 9,
  maximumFrom: 'statistics',
  histogram: { counts: Uint32Array.of(3, 0, 1, 0), maximum: 8 },
  promoted: [{ id: 1, text: ' the', logit: 0.5 }],
  suppressed: [{ id: 2, text: '中', logit: -0.25 }],
  similar: [{ layer: 3, id: 7, cosine: 0.5, label: null }],
  nearest: [{ layer: 4, id: 9, cosine: 0.5, label: null }],
};
const token = (text: string, position: number, value: number): SnippetToken => ({
  id: position,
  text,
  position,
  special: false,
  value,
});
const place = { modelId: 'lenslet-mini', source: neuronpediaSource(3, 2048) };

test('sources are named by layer and width', () => {
  expect([neuronpediaSource(7, 32768), neuronpediaSource(0, 1024), neuronpediaSource(3, 2000)]).toEqual([
    '7-res-32k',
    '0-res-1k',
    '3-res-2000',
  ]);
});

test('a feature under Neuronpedia’s names', () => {
  const snippet: Snippet = {
    source: 'model',
    band: 0,
    peak: 1,
    tokens: [token('a', 0, 0), token(' b', 1, 8), token(' c', 2, 2)],
  };
  const feature = neuronpediaFeature(info, [snippet], place);
  const at = { modelId: 'lenslet-mini', layer: '3-res-2k', index: '12' };
  expect(feature).toEqual({
    ...at,
    hookName: 'blocks.3.hook_resid_post',
    maxActApprox: 8,
    frac_nonzero: 0.25,
    pos_str: [' the'],
    pos_values: [0.5],
    neg_str: ['中'],
    neg_values: [-0.25],
    freq_hist_data_bar_heights: [3, 0, 1, 0],
    freq_hist_data_bar_values: [1, 3, 5, 7],
    topkCosSimIndices: [7],
    topkCosSimValues: [0.5],
    explanations: [
      { ...at, description: 'after “the”', notes: 'a rule; precision 0.75, recall 0.50 on held-out text' },
    ],
    activations: [
      {
        ...at,
        dataSource: 'written by the model',
        tokens: ['a', ' b', ' c'],
        values: [0, 8, 2],
        maxValue: 8,
        maxValueTokenIndex: 1,
        minValue: 0,
      },
    ],
  });
  expect(JSON.parse(JSON.stringify(feature))).toEqual(feature);
});

test('a byte-split character is one token with the largest of its values, unless it is cut', () => {
  const part = (position: number, index: number, value: number) => ({
    ...token('\ufffd', position, value),
    fragment: { text: '龘', index, count: 2 },
  });
  const export1 = (tokens: SnippetToken[]) =>
    neuronpediaFeature(info, [{ source: 'arithmetic', band: 0, peak: 0, tokens }], place).activations[0]!;
  expect(export1([token('a', 0, 1), part(1, 0, 2), part(2, 1, 5), token('b', 3, 0)])).toMatchObject({
    dataSource: 'generated arithmetic',
    tokens: ['a', '龘', 'b'],
    values: [1, 5, 0],
    maxValue: 5,
    maxValueTokenIndex: 1,
  });
  expect(export1([part(0, 1, 2), token('a', 1, 1), part(2, 0, 3)]).tokens).toEqual(['\ufffd', 'a', '\ufffd']);
});

test('what is not known is left empty, never made up', () => {
  const bare = {
    ...info,
    label: null,
    density: { written: null, heldOut: null },
    maximum: null,
    maximumFrom: null,
    histogram: null,
    similar: [],
  };
  expect(neuronpediaFeature(bare, [], place)).toMatchObject({
    maxActApprox: 0,
    frac_nonzero: 0,
    freq_hist_data_bar_heights: [],
    freq_hist_data_bar_values: [],
    explanations: [],
    activations: [],
  });
});
