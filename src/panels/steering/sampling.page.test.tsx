import type { Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import '../../app/styles/index.css';
import './steering.css';
import type { Workbench } from '../../state/page/workbench';
import { tracedBench } from '../../state/testing/workbench';
import { mount } from '../testing/mount';
import { SamplingBar } from './SamplingBar';

let root: Root;
let host: HTMLElement;
let bench: Workbench;

beforeEach(async () => {
  bench = await tracedBench();
  ({ host, root } = mount(bench, <SamplingBar />));
  host.style.width = '540px';
  await page.getByRole('button', { name: 'More' }).click();
});
afterEach(() => {
  root.unmount();
  host.remove();
  bench.dispose();
});

const sampling = () => bench.sampling.getState();
const box = () => page.getByLabelText('A stop sequence to add');

test('stop sequences are typed with escapes, added by Enter, each once, and removed; the keyboard stays there', async () => {
  await box().fill('\\n\\nUser:');
  await userEvent.keyboard('{Enter}');
  expect(sampling().stop).toEqual(['\n\nUser:']);
  await expect.element(page.getByTestId('sampling-set')).toHaveTextContent('Stops at “\\n\\nUser:”.');
  await box().fill('\\n\\nUser:');
  await userEvent.keyboard('{Enter}');
  await box().fill(' end ');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  expect(sampling().stop).toEqual(['\n\nUser:', ' end ']);
  await page.getByRole('button', { name: 'Remove stop sequence “\\n\\nUser:”' }).click();
  expect(sampling().stop).toEqual([' end ']);
  expect(document.activeElement).toBe(box().element());
  await page.getByRole('button', { name: 'Remove stop sequence “ end ”' }).click();
  expect(sampling()).not.toHaveProperty('stop');
  await expect.element(page.getByTestId('sampling-set')).not.toBeInTheDocument();
});

test('what cannot be added says why', async () => {
  const add = page.getByRole('button', { name: 'Add', exact: true });
  await expect.element(add).toBeDisabled();
  await box().fill('a'.repeat(201));
  await expect.element(add).toBeDisabled();
  await expect.element(page.getByRole('status')).toHaveTextContent('at most 200 characters');
  bench.setSampling({ stop: Array.from({ length: 16 }, (_, i) => `${i}`) });
  await expect.element(page.getByRole('status')).toHaveTextContent('16 stop sequences, the most there can be.');
});

test('the repetition penalty is kept in its range, and 1 is none', async () => {
  const penalty = page.getByRole('spinbutton', { name: 'Repetition penalty' });
  await penalty.fill('9');
  await userEvent.keyboard('{Enter}');
  expect(sampling().repetitionPenalty).toBe(2);
  await penalty.fill('1');
  await userEvent.keyboard('{Enter}');
  expect(sampling()).not.toHaveProperty('repetitionPenalty');
});
