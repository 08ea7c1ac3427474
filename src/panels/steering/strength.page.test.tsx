import { flushSync } from 'react-dom';
import type { Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import '../../app/styles/index.css';
import { currentLink } from '../../state/page/link';
import { selectEdits } from '../../state/page/selectors';
import type { Workbench } from '../../state/page/workbench';
import { settled } from '../../state/testing/lens';
import { tracedBench } from '../../state/testing/workbench';
import { mount } from '../testing/mount';
import { Steering } from './Steering';

/** How much an edit is, as the panel has it set. The feature's maximum is 10, the site's norm 10. */

let root: Root;
let host: HTMLElement;
let bench: Workbench;

beforeEach(async () => {
  bench = await tracedBench();
  bench.steering.add(3, 39, { strength: 10, unit: 'max' });
  ({ host, root } = mount(bench, <Steering />));
});

afterEach(() => {
  root.unmount();
  host.remove();
  bench.dispose();
});

const box = () => host.querySelector<HTMLInputElement>('.number-box')!;
const slider = () => host.querySelector<HTMLInputElement>('[data-testid="slider"]')!;
const unit = () => host.querySelector<HTMLSelectElement>('[aria-label="Unit of the strength of 3:39"]')!;
const sent = () => selectEdits(bench.page.getState())[0]?.strength;

/** Sets a field as a reader does: React hears `input`, and `change` settles it. */
function set(field: HTMLInputElement | HTMLSelectElement, value: string): void {
  const { set: own } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field) as object, 'value')!;
  flushSync(() => {
    own!.call(field, value);
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  flushSync(() => {
    field.dispatchEvent(new Event('change', { bubbles: true }));
  });
}

test('what is typed is what stands in the box, in the link and in the engine, and the slider reaches it', () => {
  expect([box().value, slider().max, unit().value]).toEqual(['1', '3', 'max']);
  set(box(), '10');
  expect([box().value, sent(), slider().max]).toEqual(['10', 100, '12']);
  expect(currentLink(bench)).toContain('e=3:39a100m');
  set(unit(), 'raw');
  expect([box().value, sent()]).toEqual(['100', 100]);
  set(box(), '-300');
  expect([box().value, sent(), slider().min]).toEqual(['-300', -300, '-320']);
  // Long figures stand at the ends and at 0 alone, where they do not touch.
  const named = [...host.querySelectorAll('.ruled-scale i')].map(({ textContent }) => textContent);
  expect(named.sort()).toEqual(['+320', '0', '−320'].sort());
  expect(currentLink(bench)).toContain('e=3:39a-300r');
  set(box(), '1.2345e-12');
  // Its room is that of seven characters; in hand it has all.
  expect([box().value, sent()]).toEqual(['1.2e-12', 1.2345e-12]);
  flushSync(() => box().focus());
  expect(box().value).toBe('1.2345e-12');
  // What is typed now takes its place.
  expect([box().selectionStart, box().selectionEnd]).toEqual([0, 10]);
});

const refusal = () => host.querySelector('.number-refused')?.textContent;

test('a decimal comma is a point, and a number that cannot be taken is refused in words', () => {
  set(box(), '1,5');
  expect([box().value, sent(), refusal()]).toEqual(['1.5', 15, undefined]);
  // Beyond float32 the engine computes with nothing, also where only the unit leads there.
  for (const beyond of ['1e39', '1e38']) {
    set(box(), beyond);
    expect([box().value, sent(), refusal()]).toEqual(['1.5', 15, expect.stringContaining('beyond float32')]);
  }
  set(box(), '2');
  expect([sent(), refusal()]).toEqual([20, undefined]);
});

test('the arrows go by the slider’s step', () => {
  const press = (key: string) =>
    flushSync(() => box().dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })));
  press('ArrowUp');
  expect([box().value, sent()]).toEqual(['1.05', 10.5]);
  press('ArrowDown');
  press('ArrowDown');
  expect(box().value).toBe('0.95');
});

test('no number is cut in its box', () => {
  for (const number of ['1.2363505', '30997.178', '12345678', '-0.00012345678', '-3.4028e37', '888888.8']) {
    set(box(), number);
    const fits = () => box().scrollWidth <= box().clientWidth;
    flushSync(() => box().blur());
    expect([number, box().value, fits()]).toEqual([number, expect.any(String), true]);
    flushSync(() => box().focus());
    expect([number, box().value, fits()]).toEqual([number, String(Number(number)), true]);
  }
});

test('another unit is another number of the same strength: nothing is run again, and no run expires', async () => {
  bench.commit();
  await settled();
  const { plan, stale } = bench.runner.store.getState();
  expect([plan?.edits[0]?.strength, stale]).toEqual([10, false]);
  await vi.waitFor(() => expect([...unit().options].map(({ value }) => value)).toEqual(['max', 'raw', 'norm']));
  set(unit(), 'raw');
  expect([box().value, bench.runner.store.getState().plan, bench.runner.store.getState().stale]).toEqual([
    '10',
    plan,
    false,
  ]);
});

test('the range does not shrink under the hand', () => {
  set(box(), '10');
  slider().focus();
  set(slider(), '2');
  expect([slider().max, sent()]).toEqual(['12', 20]);
  flushSync(() => slider().blur());
  expect(slider().max).toBe('3');
});

test('a factor has no unit to choose', () => {
  flushSync(() => bench.edit(1, { mode: 'scale' }));
  expect([unit(), box().value]).toEqual([null, '1']);
});
