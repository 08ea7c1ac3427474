import { expect, test } from 'vitest';
import { boxOf, overlap } from '../../ui/labels';
import { klLabels } from './kl-labels';
import type { KlPoint } from './kl-series';

const HEIGHT = 144;

const series = (n: number, steered: (i: number) => number, control: (i: number) => number | undefined): KlPoint[] =>
  Array.from({ length: n }, (_, i) => ({ token: i + 1, steered: steered(i), control: control(i) }));

test('over a sweep of runs no label of the chart lies over another, and all stand inside', () => {
  const shapes: ((i: number) => number)[] = [
    () => 0,
    () => 0.0003,
    (i) => 7.06 / (1 + i * i),
    (i) => i / 3,
    (i) => 12.345 + Math.sin(i),
  ];
  for (const n of [2, 3, 10, 24, 100, 512])
    for (const steered of shapes)
      for (const control of shapes)
        for (const ends of [n, 1, Math.ceil(n / 2)])
          for (const width of [200, 268, 560]) {
            const points = series(n, steered, (i) => (i < ends ? control(i) : undefined));
            const labels = klLabels(points, 7, width, HEIGHT);
            expect(labels.map(({ says }) => says)).toEqual(expect.arrayContaining(['1', `${n}`, 'steered', 'control']));
            const boxes = labels.map(boxOf);
            for (const [i, one] of boxes.entries()) {
              const inside = one.left >= 0 && one.right <= width && one.top >= 0 && one.bottom <= HEIGHT;
              if (!inside) expect.fail(`${labels[i]!.says} stands out at ${width} px: ${JSON.stringify(one)}`);
              if (boxes.slice(i + 1).some((other) => overlap(one, other)))
                expect.fail(`${labels[i]!.says} lies over another at ${width} px`);
            }
          }
});

test('the axes say where they end', () => {
  const labels = klLabels(
    series(
      24,
      (i) => 5.5484 - i / 10,
      () => 1,
    ),
    7,
    268,
    HEIGHT,
  );
  expect(labels.filter(({ of }) => of === 'axis').map(({ says }) => says)).toEqual(
    expect.arrayContaining(['0', '5.548', '1', '24']),
  );
  // No scale where there is nothing to show.
  expect(
    klLabels(
      series(
        3,
        () => 0,
        () => 0,
      ),
      0,
      268,
      HEIGHT,
    ).map(({ says }) => says),
  ).not.toContain('0.000');
});
