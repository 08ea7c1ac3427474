import type { Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import '../../app/styles/index.css';
import { UnknownKError } from '../../lens/api/errors';
import type { OpenRequest } from '../../lens/api/request';
import { KNOWN, offered } from '../../state/model/catalogue';
import { atAddress } from '../../state/model/model-url';
import { createWorkbench, type Workbench } from '../../state/page/workbench';
import { type FakeLens, fakeLens } from '../../state/testing/lens';
import { mount } from '../testing/mount';
import { Features } from './Features';

/** The choice of a layer whose dictionary is not open, and of one that does not state its k. */

let asked: OpenRequest[];
let fake: FakeLens;
let bench: Workbench;
let root: Root;
let host: HTMLElement;

beforeEach(() => {
  localStorage.clear();
  asked = [];
  bench = createWorkbench(
    async (request) => {
      asked.push(request);
      return fake;
    },
    { pause: 0 },
  );
});
afterEach(() => {
  root.unmount();
  host.remove();
  bench.dispose();
});

const at = <E extends HTMLElement>(selector: string) => host.querySelector<E>(selector);

/** A lens with the dictionaries of some layers open; those of others state no k. */
function lensWith(layers: readonly number[]): FakeLens {
  const lens = fakeLens();
  const sites = lens.info.sites.filter(({ layer }) => layers.includes(layer));
  return Object.assign(lens, {
    info: { ...lens.info, sites },
    openSites: () => Promise.reject(new UnknownKError('Say k.', { k: null, width: 50 })),
  });
}

async function draw(layers: readonly number[]) {
  fake = lensWith(layers);
  await bench.engine.open(atAddress('mine/'), 'wasm');
  ({ host, root } = mount(bench, <Features />));
}

async function choose(layer: number) {
  await expect.poll(() => at('[data-testid="layer"]')).not.toBeNull();
  const select = at<HTMLSelectElement>('[data-testid="layer"]')!;
  select.value = String(layer);
  select.dispatchEvent(new Event('change', { bubbles: true }));
}

async function say(k: number) {
  await expect.poll(() => at('[data-testid="say-k"] input')).not.toBeNull();
  const input = at<HTMLInputElement>('[data-testid="say-k"] input')!;
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!.call(input, String(k));
  input.dispatchEvent(new Event('input', { bubbles: true }));
  fake = fakeLens();
  await expect.poll(() => at<HTMLButtonElement>('[data-testid="say-k"] button')!.disabled).toBe(false);
  at('[data-testid="say-k"] button')!.click();
}

// First, while the choice is not loaded.
test('the choice of layers is of one kind and width from the first, and moves nothing when it is there', async () => {
  await draw([3]);
  const boxes = () => [...host.querySelectorAll('.site-switch > *')].map((each) => [each.tagName, each.clientWidth]);
  const before = boxes();
  await expect.poll(() => at('[data-testid="layer"]')).not.toBeNull();
  expect(boxes()).toEqual(before);
});

test('a layer that waits for its k is the one that is opened with it', async () => {
  await draw([3]);
  await choose(4);
  await say(50);
  await expect.poll(() => asked.at(-1)).toMatchObject({ sites: [4], k: 50 });
});

test('where the model opened without its dictionary, a layer can be chosen and its k be said', async () => {
  await draw([]);
  expect(host.textContent).toContain('Choose the layer of one.');
  await choose(4);
  await expect
    .poll(() => at('[data-testid="error"]')?.textContent)
    .toContain('The model is open without a dictionary.');
  await say(50);
  await expect.poll(() => asked.at(-1)).toMatchObject({ sites: [4], k: 50 });
});

test('a model that is opened from this browser alone has all known layers of a dictionary beside the page to choose from', async () => {
  fake = lensWith([3]);
  Object.assign(fake.info, { layers: 30, openable: [3] });
  const smol = KNOWN[0]!;
  const { dictionaries } = smol;
  onTestFinished(() => {
    smol.dictionaries = dictionaries;
  });
  smol.dictionaries = [
    { at: { kind: 'url', url: 'models/beside/' }, name: 'top-k', layers: [10, 19], width: 4608, numbers: 'f16' },
  ];
  await bench.engine.open(offered(smol, document.baseURI), 'wasm');
  ({ host, root } = mount(bench, <Features />));
  const options = () =>
    [...host.querySelectorAll('[data-testid="layer"] option')].map(({ textContent }) => textContent);
  await expect.poll(options).toEqual(['3', '10', '19']);
});
