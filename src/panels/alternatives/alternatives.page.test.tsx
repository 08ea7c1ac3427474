import { flushSync } from 'react-dom';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import '@fontsource-variable/ibm-plex-sans/wght.css';
import '../../app/styles/index.css';
import type { TokenLogprob } from '../../lens/api/text';
import { AlternativeList } from './AlternativeList';

const LIST: TokenLogprob[] = [' girl', ' boy', '\n', '‹E5 8D›', ' thing'].map((text, i) => ({
  id: i + 10,
  text,
  logprob: Math.log([0.5, 0.2, 0.1, 0.05, 0.0001][i]!),
}));

let root: Root;
let host: HTMLElement;
let taken: [string, boolean][];

beforeEach(() => {
  host = document.createElement('div');
  document.body.append(host);
  root = createRoot(host);
  taken = [];
});
afterEach(() => {
  root.unmount();
  host.remove();
});

function show(width: number, chosen = 11): HTMLButtonElement[] {
  host.style.width = `${width}px`;
  flushSync(() =>
    root.render(
      <AlternativeList
        list={LIST}
        chosen={{ id: chosen, logprob: Math.log(0.2) }}
        does="A press goes on."
        refuse={({ text }) => (text.startsWith('‹') ? 'Part of a character.' : null)}
        onTake={({ text }, byKey) => taken.push([text, byKey])}
      />,
    ),
  );
  return [...host.querySelectorAll('button')];
}

test('one tab stop, at the token that stands there; arrows move, Enter takes, and what is refused is not taken', async () => {
  const buttons = show(440);
  await userEvent.tab();
  expect(document.activeElement).toBe(buttons[1]);
  await userEvent.keyboard('{ArrowDown}{ArrowDown}');
  expect(document.activeElement).toBe(buttons[3]);
  await userEvent.keyboard('{Enter}');
  expect(taken).toEqual([]);
  expect(buttons[3]!.ariaDisabled).toBe('true');
  expect(buttons[3]!.title).toBe('Part of a character.');
  await userEvent.keyboard('{End}{ArrowDown}');
  expect(document.activeElement).toBe(buttons[4]);
  await userEvent.keyboard('{Home}{ArrowUp}{Enter}');
  expect(taken).toEqual([[' girl', true]]);
  expect(buttons.filter(({ tabIndex }) => tabIndex === 0)).toEqual([buttons[0]]);
  await userEvent.click(buttons[2]!);
  expect(taken[1]).toEqual(['\n', false]);
});

test('a screen reader hears rank, token and probability, and which of them stands in the text', async () => {
  show(440);
  const list = page.getByRole('list', { name: 'Likeliest tokens in this place' });
  await expect
    .element(list.getByRole('button', { name: '2 “boy”, in the text, p 0.200' }))
    .toHaveAttribute('aria-current', 'true');
  await expect.element(list.getByRole('button', { name: '3 “↵”, p 0.100' })).not.toHaveAttribute('aria-current');
  expect(host.querySelector('[data-testid="rank"]')!.textContent).toBe(
    'Rank 2, p 0.200 at temperature 1. A press goes on.',
  );
  show(440, 99);
  expect(host.querySelector('[data-testid="rank"]')!.textContent).toMatch(/^Not among the 5 likeliest/);
  expect(host.querySelector('[aria-current]')).toBeNull();
});

test.each([280, 358, 440, 560])('probabilities end in one line, in columns that hold all of it, at %i px', (width) => {
  const buttons = show(width);
  const figures = buttons.map((button) => button.lastElementChild!.getBoundingClientRect());
  const columns = new Set(figures.map(({ right }) => Math.round(right)));
  expect(columns.size).toBe(1);
  for (const [i, button] of buttons.entries()) {
    const box = button.getBoundingClientRect();
    expect(box.height).toBeGreaterThanOrEqual(24);
    expect(figures[i]!.right).toBeLessThanOrEqual(box.right);
    const rank = button.firstElementChild!;
    expect(rank.scrollWidth).toBeLessThanOrEqual(rank.clientWidth);
  }
});
