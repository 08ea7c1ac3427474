import { expect, test } from 'vitest';
import { median, type PageFigure, pageSection } from './figures';

const section = (rounds: number[], goal: number): string[] => {
  const figure: PageFigure = { what: 'Scrolling', quantity: 'longest frame, ms', rounds, goal };
  return pageSection({ host: 'Chromium 1', load: '2 cores', figures: [figure], seconds: 12.4 }).split('\n');
};

test('a row says the median and the largest of the rounds, and whether each of them meets the goal', () => {
  expect(section([17, 21.4, 33], 50).at(-1)).toBe('| Scrolling | longest frame, ms | 21 | 33 | 3 | 50 | met |');
  expect(section([17, 60, 33], 50).at(-1)).toBe(
    '| Scrolling | longest frame, ms | 33 | 60 | 3 | 50 | **missed** in the worst round |',
  );
  expect(section([55, 60, 33], 50).at(-1)).toMatch(/\| \*\*missed\*\* \|$/);
  expect(section([0, 0.0123], 0).at(-1)).toBe(
    '| Scrolling | longest frame, ms | 0.0062 | 0.0123 | 2 | 0 | **missed** |',
  );
  expect(section([0], 0).at(-1)).toMatch(/\| met \|$/);
});

test('the middle of an even number of rounds lies between two', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
});
