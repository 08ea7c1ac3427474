import { flushSync } from 'react-dom';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeAll, expect, test } from 'vitest';
import '@fontsource-variable/ibm-plex-sans/wght.css';
import '../../app/styles/index.css';
import './marks.css';
import './streams.css';
import type { GeneratedRow } from '../../lens/api/generate';
import { KlChart } from './KlChart';
import { RunTable } from './RunTable';

/** What figures look like: in a browser, with the page's own styles. */

let root: Root | null = null;
let host: HTMLElement;

beforeAll(async () => {
  await document.fonts.load('12px "IBM Plex Sans Variable"', '0123');
});

afterEach(() => {
  root?.unmount();
  host.remove();
});

function show(width: number, content: React.ReactNode): HTMLElement {
  root?.unmount();
  host?.remove();
  host = document.createElement('div');
  host.style.width = `${width}px`;
  document.body.append(host);
  root = createRoot(host);
  flushSync(() => root!.render(content));
  return host;
}

/** The rectangle that an element's text is painted in. */
function painted(element: Element): DOMRect {
  const range = document.createRange();
  range.selectNodeContents(element);
  return range.getBoundingClientRect();
}

const row = (kl: number | null, surprisal: number, change: number): GeneratedRow => ({
  token: 1,
  text: 'a',
  logprob: -surprisal,
  codes: {},
  acted: kl === null ? 0 : 1,
  change,
  norm: 1,
  kl,
  surprisal,
  done: null,
});
const text = (n: number, of: GeneratedRow) => Array.from({ length: n }, () => of);

test.each([261, 267, 300, 358, 560])('no figure of the run table touches the next, at %i px', (width) => {
  for (const [kl, surprisal, change, n] of [
    [0.0002, 0.01, 0.0002, 1],
    [7.0604, Math.log(577_298), 1.45, 64],
    [12.3456, Math.log(99_999), 12.34, 512],
    [11.9, 40, 9.99, 1024],
  ] as const) {
    const streams = {
      baseline: text(n, row(null, surprisal, 0)),
      steered: text(n, row(kl, surprisal, change)),
      control: text(n, row(kl, surprisal, change)),
    };
    const table = show(width, <RunTable streams={streams} />);
    const bounds = table.getBoundingClientRect();
    for (const line of table.querySelectorAll('tr')) {
      const cells = [...line.children].map((cell) => ({ says: cell.textContent!, at: painted(cell) }));
      for (const [i, { says, at }] of cells.entries()) {
        expect.soft(at.right, `${says} ends in the table`).toBeLessThanOrEqual(bounds.right + 0.5);
        if (i > 0)
          expect.soft(at.left - cells[i - 1]!.at.right, `${cells[i - 1]!.says} | ${says}`).toBeGreaterThanOrEqual(4);
      }
    }
  }
});

/** KL near 0 at the end, at its largest there, both lines alike, one text ended early, nothing at all. */
const SERIES: [name: string, steered: number[], control: number[]][] = [
  ['falls to 0', [7.06, 2, 0.01], [3, 1, 0.002]],
  ['falls to 0, 24 tokens', Array.from({ length: 24 }, (_, i) => 5 / (1 + i ** 2)), Array(24).fill(0.001)],
  ['largest at the end', [0.1, 1, 12.345], [0.1, 1, 12.3]],
  ['two alike', [1, 1], [1, 1]],
  ['flat', [0, 0, 0], [0, 0, 0]],
  ['control ends early', Array(64).fill(0.3), [0.3, 0.29]],
  ['512 tokens', Array(512).fill(3), Array(512).fill(0.001)],
];

test.each(SERIES)('no label of the KL chart lies over another: %s', (_, steered, control) => {
  const points = steered.map((kl, i) => ({ token: i + 1, steered: kl, control: control[i], band: undefined }));
  for (const width of [220, 268, 400]) {
    const frame = show(
      width,
      <div className="kl-frame">
        <KlChart points={points} draws={7} width={width} height={144} />
      </div>,
    );
    const outer = frame.getBoundingClientRect();
    const texts = [...frame.querySelectorAll('text')].map((one) => ({ says: one.textContent!, at: painted(one) }));
    expect(texts.map(({ says }) => says)).toEqual(expect.arrayContaining(['0', '1', String(points.length), 'steered']));
    for (const [i, one] of texts.entries()) {
      expect.soft([one.at.left >= outer.left, one.at.right <= outer.right], one.says).toEqual([true, true]);
      for (const other of texts.slice(i + 1)) {
        // A line's own box is higher than its digits: 16 px of which 10 are ink.
        const apart =
          one.at.right <= other.at.left ||
          other.at.right <= one.at.left ||
          Math.abs((one.at.top + one.at.bottom) / 2 - (other.at.top + other.at.bottom) / 2) >= 11;
        expect.soft(apart, `${one.says} | ${other.says} at ${width} px`).toBe(true);
      }
    }
  }
});
