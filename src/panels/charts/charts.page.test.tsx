import { flushSync } from 'react-dom';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, expect, test, vi } from 'vitest';
import '@fontsource-variable/ibm-plex-sans/wght.css';
import '../../app/styles/index.css';
import './charts.css';
import { nats, score } from '../../lens/maths/figures';
import HistogramPlot from './HistogramPlot';
import IntervalPlot, { type Interval } from './IntervalPlot';
import RunsPlot from './RunsPlot';
import { plot, StillChart } from './StillChart';

/** What recharts paints: marks where the values are, and no text over another. */

let root: Root;
let host: HTMLElement;

afterEach(() => {
  root.unmount();
  host.remove();
});

async function show(plot: React.ReactNode): Promise<SVGSVGElement> {
  await document.fonts.load('12px "IBM Plex Sans Variable"', '0123');
  host = document.createElement('div');
  host.className = 'still-plot';
  document.body.append(host);
  root = createRoot(host);
  flushSync(() => root.render(plot));
  await expect.poll(() => host.querySelector('svg.recharts-surface')).not.toBeNull();
  return host.querySelector<SVGSVGElement>('svg.recharts-surface')!;
}

/** Texts that are painted over each other, or beyond the chart's sides. */
function clashes(svg: SVGSVGElement): string[] {
  const outer = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll('text')].map((text) => ({
    says: text.textContent!,
    at: text.getBoundingClientRect(),
  }));
  return texts.flatMap(({ says, at }, i) => [
    ...(at.left < outer.left - 0.5 || at.right > outer.right + 0.5 ? [`${says} stands out`] : []),
    ...texts
      .slice(i + 1)
      .filter(
        (other) =>
          at.left < other.at.right &&
          other.at.left < at.right &&
          Math.abs((at.top + at.bottom - other.at.top - other.at.bottom) / 2) < 11,
      )
      .map((other) => `${says} | ${other.says}`),
  ]);
}

const says = (svg: SVGSVGElement): string[] => [...svg.querySelectorAll('text')].map((text) => text.textContent!);

test.each([220, 360])('values and intervals stand on one axis that ends at the data, at %i px', async (width) => {
  const rows: Interval[] = [
    { name: 'this edit', value: 0.9, low: 0.83, high: 0.94, kind: 'steered', n: 100 },
    { name: 'no edit', value: 0, low: 0, high: 0.04, kind: 'plain', n: 100 },
    { name: 'random directions', value: 0.01, low: null, high: null, kind: 'control', n: null },
  ];
  const svg = await show(<IntervalPlot rows={rows} says={score} width={width} height={80} />);
  const marks = [...svg.querySelectorAll('circle')].map((mark) => Number(mark.getAttribute('cx')));
  expect(marks).toHaveLength(3);
  expect(marks[0]).toBeGreaterThan(marks[2]!);
  expect(marks[2]).toBeGreaterThan(marks[1]!);
  // A value without an interval has none.
  expect(svg.querySelectorAll('.recharts-errorBar')).toHaveLength(2);
  expect(says(svg)).toEqual(expect.arrayContaining(['0', '0.94', 'this edit', 'random directions']));
  expect(clashes(svg)).toEqual([]);
});

test.each([0.1, 34, null])('the histogram has its axis and the place of this token: %s', async (here) => {
  const counts = Array.from({ length: 32 }, (_, i) => Math.round(40_000 / (1 + i ** 2)));
  const svg = await show(<HistogramPlot counts={counts} maximum={34.0375} here={here} width={300} height={72} />);
  expect(says(svg)).toEqual(expect.arrayContaining(['0', '34.0', '1', '40,000']));
  const lines = [...svg.querySelectorAll('.still-here line')];
  expect(lines).toHaveLength(here === null ? 0 : 1);
  expect(says(svg).includes('this token')).toBe(here !== null);
  expect(clashes(svg)).toEqual([]);
});

test.each([
  ['both fall to 0', [7.06, 2, 0.01], [3, 1, 0.002]],
  ['one ends early', Array(64).fill(0.3), [0.3, 0.29]],
  ['nothing', [0, 0], [0, 0]],
])('two runs lie over each other, each named at its end: %s', async (_, first, second) => {
  const series = [
    { name: 'first', kl: first },
    { name: 'second', kl: second },
  ];
  const svg = await show(<RunsPlot series={series} width={320} height={144} />);
  const lines = [...svg.querySelectorAll('path.recharts-curve')].map((line) => line.getAttribute('d')!);
  expect(lines.map((line) => line.split(/[ML]/).length - 1)).toEqual([first.length, second.length]);
  expect(says(svg)).toEqual(expect.arrayContaining(['0', '1', String(first.length), 'first', 'second']));
  if (first[0]) expect(says(svg)).toContain(nats(Math.max(...first, ...second)));
  expect(clashes(svg)).toEqual([]);
});

test('a plot that could not be loaded is said in words, and the next chart asks for it again', async () => {
  let asked = 0;
  const late = plot(async () => {
    asked++;
    if (asked === 1) throw new TypeError('Failed to fetch dynamically imported module');
    return { default: ({ width }: { width: number }) => <svg className="recharts-surface" width={width} /> };
  });
  // Of two bins that are rounded to one name, each keeps its line.
  const rows = [
    ['0.01 to 0.01', '3'],
    ['0.01 to 0.01', '1'],
  ];
  const chart = (key: number) => (
    <StillChart key={key} name="Firings" height={72} columns={['activation', 'firings']} rows={rows} plot={late}>
      {(Plot, { width }) => <Plot width={width} />}
    </StillChart>
  );
  host = document.createElement('div');
  document.body.append(host);
  root = createRoot(host);
  const complaints = vi.spyOn(console, 'error');
  flushSync(() => root.render(chart(1)));
  await expect.poll(() => host.textContent).toContain('The chart could not be loaded.');
  // An image's content is not read out.
  expect(host.querySelector('[role="img"]')).toBeNull();
  expect(host.querySelectorAll('tbody tr')).toHaveLength(2);
  flushSync(() => root.render(chart(2)));
  await expect.poll(() => host.querySelector('[role="img"] svg')).not.toBeNull();
  flushSync(() => root.render(chart(3)));
  expect(host.querySelector('[role="img"][aria-label="Firings"] svg')).not.toBeNull();
  expect([asked, complaints.mock.calls]).toEqual([2, []]);
});
