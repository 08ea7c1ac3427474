import { expect, test } from 'vitest';
import { fakeLens } from '../testing/lens';
import { addRow, settleRows } from './edits';
import { fitTo } from './fit';
import { gateAs, gateOf, gateRefused, gateValue, layersOf, newGate, typedFeature } from './gates';

const { info } = fakeLens();
const row = (layer: number, when?: string) => ({
  ...addRow([], layer, 7, { strength: 1, unit: 'raw' })[0]!,
  ...(when && { when }),
});

test('a gate begins where the feature on show is active, unless that is of a layer above the edit', () => {
  expect(newGate(row(4), { layer: 3, feature: 5 })).toEqual({ layer: 3, feature: 5, above: 0, reach: 'token' });
  expect(newGate(row(3), { layer: 4, feature: 5 })).toMatchObject({ layer: 3, feature: 7 });
  expect(newGate(row(3), null)).toMatchObject({ layer: 3, feature: 7 });
});

test('one kind of gate becomes another; hysteresis begins halfway down', () => {
  const gate = { layer: 3, feature: 5, above: 5, reach: 'token' } as const;
  expect(gateAs(gate, 'turn')).toEqual({ ...gate, reach: 'turn' });
  expect(gateAs(gate, 'until')).toEqual({ ...gate, until: 2.5 });
  expect(gateAs({ ...gate, until: 2 }, 'turn')).toEqual({ ...gate, reach: 'turn' });
  expect(gateAs({ ...gate, reach: 'turn' }, 'token')).toEqual(gate);
  expect([Number.NaN, -3, 1e9, 0.123456].map(gateValue)).toEqual([0, 0, 1e9, 0.123456]);
});

test('what is typed is a feature or nothing', () => {
  expect(typedFeature(' 3 : 650 ')).toEqual({ layer: 3, feature: 650 });
  for (const wrong of ['', '650', '3:', '3:x', '3:-1', '1234:1', '3:12345678', '3:1 > 5'])
    expect(typedFeature(wrong)).toBeNull();
});

test('a gate that cannot be read in time, or at all, is refused with the reason', () => {
  const why = (layer: number, feature: number, of = 3, sites = info.sites) =>
    gateRefused({ layer, feature }, row(of), { ...info, sites });
  expect(why(3, 49)).toBeNull();
  expect(why(4, 1)).toMatch(/^The gate reads layer 4, which the model computes after layer 3/);
  expect(why(3, 50)).toMatch(/no such feature/);
  expect(why(2, 1)).toMatch(/no dictionary of that layer/);
  expect(why(3, 1, 4, info.sites.slice(1))).toMatch(/not open/);
  // Before a model is open only the order of layers is known.
  expect([
    gateRefused({ layer: 2, feature: 1 }, row(3), null),
    gateRefused({ layer: 4, feature: 1 }, row(3), null),
  ]).toEqual([null, expect.any(String)]);
});

test('a row whose gate’s dictionary is closed does nothing; one whose feature is not there is left out', () => {
  const gated = row(4, '3:5 > 1');
  expect([layersOf(gated), layersOf(row(4)), layersOf(row(3, '3:5 > 1'))]).toEqual([[4, 3], [4], [3]]);
  expect(settleRows([gated], [4], () => null)[0]!.closed).toBe(true);
  expect(settleRows([gated], [3, 4], () => null)[0]!.closed).toBeUndefined();
  const { rows, left } = fitTo({ site: 4, feature: null, rows: [gated, row(4, '3:99 > 1'), row(4, '2:1 > 1')] }, info);
  expect(rows).toEqual([gated]);
  expect(left).toEqual(['1 edit left out: no feature 3:99.', '1 edit left out: no layer 2.']);
  expect(gateOf(row(4))).toBeNull();
});
