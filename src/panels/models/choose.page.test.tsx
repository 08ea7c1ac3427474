import { flushSync } from 'react-dom';
import type { Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import '../../app/styles/index.css';
import { AmbiguousDictionaryError, UnknownKError } from '../../lens/api/errors';
import type { OpenRequest } from '../../lens/api/request';
import { type DictionaryChoice, UNSTATED } from '../../lens/api/site';
import { atAddress } from '../../state/model/model-url';
import { createWorkbench, type Workbench } from '../../state/page/workbench';
import { fakeLens } from '../../state/testing/lens';
import { Opening } from '../status/Opening';
import { mount } from '../testing/mount';

/** Openings that wait for a word of the reader's. */

const choice = (layer: number, folder: string, width: number, l0: number): DictionaryChoice => ({
  layer,
  about: { ...UNSTATED, folder, l0, architecture: 'jumprelu', library: 'Gemma Scope' },
  d: 4,
  width,
  activation: 'threshold',
  k: null,
});
const CHOICES = [choice(3, 'w131k', 131072, 71), choice(3, 'w16k', 16384, 82), choice(4, 'deep', 16384, 60)];

let asked: OpenRequest[];
let refuse: (request: OpenRequest) => Error | null;
let bench: Workbench;
let root: Root;
let host: HTMLElement;

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  asked = [];
  bench = createWorkbench(
    async (request) => {
      asked.push(request);
      const error = refuse(request);
      if (error) throw error;
      return fakeLens();
    },
    { pause: 0 },
  );
  ({ host, root } = mount(bench, <Opening />));
});
afterEach(() => {
  root.unmount();
  host.remove();
  bench.dispose();
});

const at = <E extends HTMLElement>(selector: string) => host.querySelector<E>(selector);
const rows = () => [...host.querySelectorAll('tbody tr')].map((row) => row.textContent);
const phase = () => bench.engine.store.getState().phase;

test('of several dictionaries of a layer one is chosen, among those of any layer, and opens by its folder', async () => {
  refuse = ({ folders }) =>
    folders ? null : new AmbiguousDictionaryError('Two of layer 3. Choose one folder.', { layer: 3, choices: CHOICES });
  await bench.engine.open(atAddress('mine/'), 'wasm');
  await expect.poll(() => at('[data-testid="choose-dictionary"]')).not.toBeNull();
  // Nothing is gained by trying again as before.
  expect(at('[data-testid="restart"]')).toBeNull();
  expect(rows()).toEqual([
    'w16k16,384mean L0 82.0jumprelu, Gemma ScopeOpen',
    'w131k131,072mean L0 71.0jumprelu, Gemma ScopeOpen',
  ]);
  const layer = at<HTMLSelectElement>('select')!;
  layer.value = '4';
  flushSync(() => {
    layer.dispatchEvent(new Event('change', { bubbles: true }));
  });
  expect(rows()).toEqual(['deep16,384mean L0 60.0jumprelu, Gemma ScopeOpen']);
  // What is read out at once is the sentence, and not the table with it.
  expect(at('[role="alert"]')!.textContent).toBe('Two of layer 3. Choose one folder. The text is kept.');
  expect(document.activeElement === layer).toBe(true);
  const open = at('[aria-label="Open the dictionary in deep"]')!;
  open.focus();
  open.click();
  await expect.poll(phase).toBe('ready');
  // The keyboard goes on from where the question was.
  expect(host.firstElementChild!.contains(document.activeElement)).toBe(true);
  expect(asked.at(-1)).toMatchObject({ sites: [4], folders: ['deep'] });
});

test('beside the table the sentence does not name them again, and a file of a layer stands there by its name', async () => {
  const choices = [choice(3, 'a', 16, 5), { ...choice(3, '', 16, 5), file: 'layer_03.pt', width: null }];
  refuse = () =>
    new AmbiguousDictionaryError('Two of layer 3, in a, its own folder.', {
      layer: 3,
      choices,
      says: 'Two of layer 3.',
    });
  await bench.engine.open(atAddress('mine/'), 'wasm');
  await expect.poll(() => at('[data-testid="choose-dictionary"]')).not.toBeNull();
  expect(at('[role="alert"]')!.textContent).toBe('Two of layer 3. The text is kept.');
  expect(rows()[0]).toMatch(/^layer_03\.pt–/);
});

test('a dictionary that states no k asks for it within its width, and the next time it stands there', async () => {
  refuse = ({ k }) => (k ? null : new UnknownKError('Say k.', { k: null, width: 512 }));
  await bench.engine.open(atAddress('mine/'), 'wasm');
  await expect.poll(() => at('[data-testid="say-k"]')).not.toBeNull();
  expect(host.textContent).toContain('Active features a token (k), 1 to 512');
  const type = (value: string) => {
    const input = at<HTMLInputElement>('[data-testid="say-k"] input')!;
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!.call(input, value);
    flushSync(() => input.dispatchEvent(new Event('input', { bubbles: true })));
  };
  const open = () => at<HTMLButtonElement>('[data-testid="say-k"] button')!;
  for (const bad of ['', '0', '513', '1.5', '-2', 'x']) {
    type(bad);
    expect(open().disabled, bad).toBe(true);
  }
  type('50');
  open().click();
  await expect.poll(phase).toBe('ready');
  expect(asked.at(-1)!.k).toBe(50);
  // Beside the open model it is asked for as well.
  await bench.engine.open(atAddress('mine/'), 'wasm');
  await expect.poll(() => at<HTMLInputElement>('[data-testid="say-k"] input')?.value).toBe('50');
});
