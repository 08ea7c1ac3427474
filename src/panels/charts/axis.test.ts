import { expect, test } from 'vitest';
import { boxOf, overlap } from '../../ui/labels';
import { axisLabels, placeOf } from './axis';

const scale = (low: number, high: number, right = 300) => ({ low, high, left: 40, right });
const says = (value: number) => value.toFixed(2).replace('-', '−');

test('an axis ends at the data and says it; round values stand between where there is room', () => {
  expect(axisLabels(scale(0, 0.94), 308, 15, says).map((label) => label.says)).toEqual([
    '0',
    '0.94',
    '0.2',
    '0.4',
    '0.6',
    '0.8',
  ]);
  expect(axisLabels(scale(-1.32, 0.66), 308, 15, says).map((label) => label.says)).toEqual(
    expect.arrayContaining(['−1.32', '0.66', '0']),
  );
  expect(axisLabels(scale(0.5, 0.5), 308, 15, says).map((label) => label.says)).toEqual(['0.50']);
  expect([placeOf(0.94, scale(0, 0.94)), placeOf(0.5, scale(0.5, 0.5))]).toEqual([300, 40]);
});

test('no figure of an axis lies over another or stands out of the chart', () => {
  for (let high = 1e-3; high < 1e5; high *= 2.7)
    for (const low of [0, -high, high / 2])
      for (const right of [60, 120, 260, 480]) {
        const labels = axisLabels(scale(low, high, right), right + 8, 15, says).map(boxOf);
        for (const [i, one] of labels.entries()) {
          expect([one.left >= 0, one.right <= right + 8]).toEqual([true, true]);
          for (const other of labels.slice(i + 1)) expect(overlap(one, other)).toBe(false);
        }
      }
});
