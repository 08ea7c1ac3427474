import { act, StrictMode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { page } from 'vitest/browser';
import '../../app/styles/index.css';
import { MissingFileError, UnknownKError } from '../../lens/api/errors';
import type { KeptEntry } from '../../lens/api/model';
import type { OpenRequest } from '../../lens/api/request';
import type { Machine } from '../../state/model/capability';
import { KNOWN, type Known, type KnownDictionary, offered } from '../../state/model/catalogue';
import { atAddress } from '../../state/model/model-url';
import { createWorkbench, type Workbench } from '../../state/page/workbench';
import { fakeLens } from '../../state/testing/lens';
import { BenchContext } from '../use-workbench';
import { OpenPlan } from './OpenPlan';
import './models.css';

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}

const machine: Machine = {
  secure: true,
  webgpu: 'adapter',
  adapter: 'A GPU',
  software: false,
  maxBuffer: 4e9,
  maxBinding: 4e9,
  halves: true,
  store: true,
  used: 0,
  quota: 100e9,
  persisted: false,
  memory: 8,
};
const SMOL = KNOWN[0]!;
const QWEN = KNOWN[1]!;
const BESIDE: KnownDictionary = {
  at: { kind: 'url', url: 'models/beside/' },
  name: 'top-k',
  layers: [10, 19],
  width: 4608,
  numbers: 'f16',
};
const offer = (known: Known) => offered(known, document.baseURI);

let bench: Workbench;
let root: Root;
let place: HTMLElement;
/** What the engine was asked to open, and what it answers. */
let asked: OpenRequest[];
let answer: () => Promise<ReturnType<typeof fakeLens>>;

beforeEach(() => {
  globalThis.IS_REACT_ACT_ENVIRONMENT = true;
  asked = [];
  answer = async () => fakeLens();
  bench = createWorkbench(
    (request) => {
      asked.push(request);
      return answer();
    },
    { pause: 0 },
  );
  place = document.body.appendChild(document.createElement('div'));
  root = createRoot(place);
});
afterEach(async () => {
  await act(async () => root.unmount());
  place.remove();
  bench.dispose();
  globalThis.IS_REACT_ACT_ENVIRONMENT = false;
});

const show = (request: OpenRequest, here: Machine | null = machine) =>
  act(async () =>
    root.render(
      <StrictMode>
        <BenchContext value={bench}>
          <OpenPlan asked={request} machine={here} />
        </BenchContext>
      </StrictMode>,
    ),
  );
const find = (id: string) => place.querySelector<HTMLElement>(`[data-testid="${id}"]`);
const says = (id: string) => find(id)?.textContent ?? null;
const button = () => find('confirm-open') as HTMLButtonElement;
const press = (element: HTMLElement | null) => act(async () => element!.click());
const type = (id: string, value: string) =>
  act(async () => {
    const box = find(id) as HTMLInputElement;
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!.call(box, value);
    box.dispatchEvent(new Event('input', { bubbles: true }));
  });
const format = (name: string) => place.querySelector<HTMLInputElement>(`.plan-formats input[value="${name}"]`)!;
const file = (path: string, content = '') => ({ path, file: new File([content], path) });
/** A list of files as an input for folders gives it: no script can make one that has their paths. */
const give = (testId: string, folder: string, ...files: File[]) => act(async () => pick(testId, folder, ...files));
const pick = (testId: string, folder: string, ...files: File[]) => {
  for (const one of files) Object.defineProperty(one, 'webkitRelativePath', { value: `${folder}/${one.name}` });
  Object.defineProperty(find(testId), 'files', { value: files, configurable: true });
  find(testId)!.dispatchEvent(new Event('change', { bubbles: true }));
};
/** A file whose text comes when it is let go, in a Hub cache: its name is read before the folder is taken. */
const slowCache = () => {
  let letGo: (text: string) => void = () => {};
  const promise = new Promise<string>((resolve) => {
    letGo = resolve;
  });
  const main = new File(['X'], 'main');
  main.text = () => promise;
  const at = (path: string, one = new File(['{}'], path.split('/').at(-1)!)) => ({ path, file: one });
  return { letGo: () => letGo('X'), files: [at('refs/main', main), at('snapshots/X/config.json')] };
};
const picked = (...files: ReturnType<typeof file>[]): OpenRequest => ({
  model: { kind: 'picked', folder: { name: 'mine', files } },
});

test('a large model is read in 8 bits unless another format is chosen, and the bytes follow', async () => {
  await show(offer(QWEN));
  expect(format('q8').checked).toBe(true);
  expect(place.querySelector('.plan-formats')!.textContent).toContain('77 to 83 %');
  expect(says('confirm-says')).toContain('keeps 2.20 GB in this browser');
  expect(says('finding-room')).toContain('Needs 2.20 GB of disk');
  await press(format('q4'));
  expect(says('confirm-says')).toContain('keeps 1.50 GB in this browser');
  await press(button());
  expect(asked).toMatchObject([{ format: 'q4', model: { repo: QWEN.repo }, sites: [QWEN.layer] }]);
});

test('what this machine lacks stands against a format, and not against another', async () => {
  await show(offer(QWEN), { ...machine, halves: false });
  expect(button().disabled).toBe(false);
  await press(format('f16'));
  expect(find('finding-halves')!.dataset.answer).toBe('no');
  expect(button().disabled).toBe(true);
  expect(says('cannot')).toContain('one thing stands');
  await press(format('q8'));
  expect([button().disabled, find('cannot')]).toEqual([false, null]);
});

test('without a GPU, WebAssembly is measured against the model, with memory and time in place of a GPU’s', async () => {
  await show(offer(QWEN), { ...machine, webgpu: 'none' });
  expect(format('f16').checked).toBe(true);
  expect(place.querySelector('.plan-formats')!.textContent).not.toContain('GPU memory');
  expect(says('finding-memory')).toContain('WebAssembly’s memory ends at 4.29 GB');
  expect(button().disabled).toBe(true);
});

test('before the browser has answered nothing can be opened', async () => {
  await show(offer(QWEN), null);
  expect(button().disabled).toBe(true);
});

test('what is kept is opened as it is kept, without a network', async () => {
  const origin = { kind: 'hub', endpoint: 'https://huggingface.co', revision: 'a'.repeat(40), asked: 'main' } as const;
  const entry = (kind: KeptEntry['kind'], repo: string, detail: string): KeptEntry => ({
    ...{ key: `${kind} ${detail}`, kind, detail, origin: { ...origin, repo }, complete: true },
    ...{ bytes: 1, read: 1, total: 1, opened: 1 },
  });
  const { repo } = QWEN.dictionaries[0]!.at as { repo: string };
  bench.models.store.setState({ kept: [entry('model', QWEN.repo, 'q4'), entry('dictionary', repo, 'layer14')] });
  await show({ ...offer(QWEN), format: 'q4' });
  expect(says('confirm-says')).toBe('Kept in this browser: opens without any network.');
  expect(button().textContent).toBe('Open');
  // In another format it is not.
  await press(format('q8'));
  expect(button().textContent).toBe('Download and open');
});

test('dictionaries beside the page: a choice among their layers, counted apart, and read from here where the model is kept', async () => {
  const { dictionaries } = SMOL;
  onTestFinished(() => {
    SMOL.dictionaries = dictionaries;
  });
  SMOL.dictionaries = [BESIDE];
  await show(offer(SMOL));
  expect(find('plan-k')).toBeNull();
  expect(place.textContent).toContain('Beside this page: nothing of it comes from another site.');
  expect(find('plan-layer')!.textContent).toMatch(/1019$/);
  expect(says('confirm-says')).toMatch(/Fetches 269 MB from huggingface\.co and 10\.6 MB from this page/);
  const origin = { kind: 'hub', endpoint: 'https://huggingface.co', revision: 'a'.repeat(40), asked: 'main' } as const;
  const model: KeptEntry = {
    ...{ key: 'model', kind: 'model', detail: 'q8', origin: { ...origin, repo: SMOL.repo }, complete: true },
    ...{ bytes: 1, read: 1, total: 1, opened: 1 },
  };
  const { url } = offer(SMOL).dictionary as { url: string };
  const layer: KeptEntry = {
    ...model,
    ...{ key: 'dictionary', kind: 'dictionary', detail: 'layer10', origin: { kind: 'url', url } },
  };
  await act(async () => bench.models.store.setState({ kept: [model, layer] }));
  expect(says('confirm-says')).toBe('Kept in this browser: opens without any network.');
  await press(find('plan-layer')!.querySelector('input[value="19"]'));
  expect(says('confirm-says')).toBe('Kept in this browser, but for the dictionary, which is read from this page.');
  await press(button());
  expect(asked).toMatchObject([{ model: { repo: SMOL.repo }, dictionary: { kind: 'url', url }, sites: [19] }]);
});

test('a folder that holds no model is not offered to be opened, and says what it lacks', async () => {
  const request = picked(file('layer2.sae.pt'));
  bench.models.plan(request, {
    says: ['It holds a dictionary (layer2.sae.pt) and no model.'],
    opens: false,
    choices: [],
  });
  await show(request);
  expect(says('folder-says')).toBe('It holds a dictionary (layer2.sae.pt) and no model.');
  expect(button().disabled).toBe(true);
});

test('a pair beside the model is named, may be left out, and is fetched although the model is kept', async () => {
  const origin = { kind: 'hub', endpoint: 'https://huggingface.co', revision: 'a'.repeat(40), asked: 'main' } as const;
  const kept = (kind: KeptEntry['kind'], repo: string, detail: string): KeptEntry => ({
    ...{ key: `${kind} ${detail}`, kind, detail, origin: { ...origin, repo }, complete: true },
    ...{ bytes: 1, read: 1, total: 1, opened: 1 },
  });
  const dictionary = kept('dictionary', (QWEN.dictionaries[0]!.at as { repo: string }).repo, 'layer14');
  bench.models.store.setState({ kept: [kept('model', QWEN.repo, 'q4'), dictionary] });
  await show({ ...offer(QWEN), format: 'q4', verbalizer: [{ kind: 'hub', repo: 'Me/av', revision: 'v2' }] });
  expect(says('plan-verbalizer')).toContain('Verbalizer: Me/av@v2.');
  expect(says('confirm-says')).toContain('The verbalizer is fetched from huggingface.co');
  await press(find('plan-verbalizer')!.querySelector('button'));
  expect(find('plan-verbalizer')).toBeNull();
  expect(says('confirm-says')).toBe('Kept in this browser: opens without any network.');
});

test('of several models in a folder one is chosen, and planned as if it had been picked', async () => {
  const config = (name: string) => file(`${name}/config.json`, '{}');
  const { readChosen } = await import('./folder');
  const taken = await readChosen({ name: 'models', files: [config('one'), config('two')] }, 'model');
  const request: OpenRequest = { model: { kind: 'picked', folder: taken.folder } };
  bench.models.plan(request, taken);
  await show(request);
  expect([says('folder-says'), button().disabled]).toEqual(['It holds 2 models. Choose one.', true]);
  await press(find('folder-choices')!.querySelectorAll('button')[1]!);
  await expect
    .poll(() => bench.models.store.getState().planned?.model)
    .toMatchObject({ folder: { name: 'two', files: [{ path: 'config.json' }] } });
  expect(bench.models.store.getState().folder).toMatchObject({ opens: true, choices: [] });
});

test('a dictionary’s own folder is counted, and asked for its k where nothing states it', async () => {
  await show(picked(file('config.json', '{}')));
  await give('pick-dictionary', 'my-saes', new File(['x'], 'layer2.sae.pt'));
  await expect.poll(() => place.textContent).toContain('Dictionaries: folder my-saes, 1 file.');
  await type('plan-own-k', '5o');
  expect(find('plan-own-k')!.parentElement!.nextElementSibling!.textContent).toBe('k is a whole number above 0.');
  await type('plan-own-k', ' 50 ');
  expect(place.querySelector('.plan-layer .failed')).toBeNull();
  await press(button());
  expect(asked).toMatchObject([{ k: 50, dictionary: { kind: 'picked', folder: { name: 'my-saes' } } }]);
});

test('k is asked for once: where an opening asks for it the plan does not, until something else is picked', async () => {
  await act(async () => void (await bench.engine.open(atAddress('mini/'), 'wasm')));
  answer = () => Promise.reject(new UnknownKError('Say k.', { k: null, width: 512 }));
  await show(picked(file('config.json', '{}')));
  await give('pick-dictionary', 'my-saes', new File(['x'], 'layer2.sae.pt'));
  await expect.poll(() => find('plan-own-k')).not.toBeNull();
  await press(button());
  await expect.poll(() => find('say-own-k')).not.toBeNull();
  expect([find('plan-own-k'), find('confirm-open')]).toEqual([null, null]);
  await type('say-own-k', '513');
  expect(find('say-k')!.textContent).toContain('k is a whole number from 1 to 512.');
  await give('pick-dictionary', 'others', new File(['x'], 'layer2.sae.pt'));
  await expect.poll(() => find('plan-own-k')).not.toBeNull();
  expect([find('say-own-k'), find('confirm-open') === null]).toEqual([null, false]);
});

test('on a phone nothing of the plan is wider than the page, whatever a folder is called', async () => {
  const { innerWidth, innerHeight } = window;
  await page.viewport(390, 800);
  const name = 'a_folder_with_a_long_name_'.repeat(4);
  const folder = { name, files: [file('config.json', '{}')] };
  const request: OpenRequest = { model: { kind: 'picked', folder }, dictionary: { kind: 'picked', folder } };
  bench.models.plan(request, { says: [`It holds ${name}.`], opens: true, choices: [{ name, folder }] });
  for (const verbalizer of [[], [{ kind: 'picked' as const, folder }]]) {
    await show({ ...request, verbalizer });
    const wide = [...place.querySelectorAll('*')].filter((each) => each.getBoundingClientRect().right > 390);
    expect(wide.map((each) => each.outerHTML.slice(0, 200))).toEqual([]);
    await act(async () => root.render(null));
  }
  await page.viewport(innerWidth, innerHeight);
});

test('why one folder was refused is not said of the next', async () => {
  await act(async () => void (await bench.engine.open(atAddress('mini/'), 'wasm')));
  answer = () => Promise.reject(new MissingFileError('There is no tokenizer.json in mine.'));
  await show(picked(file('config.json', '{}')));
  await press(button());
  await expect.poll(() => says('refused')).toContain('There is no tokenizer.json in mine.');
  await act(async () => root.render(null));
  await show({ model: { kind: 'picked', folder: { name: 'next', files: [file('config.json', '{}')] } } });
  expect(find('refused')).toBeNull();
});

test('what cannot be opened is said in the plan, beside the model that stays open', async () => {
  await act(async () => void (await bench.engine.open(atAddress('mini/'), 'wasm')));
  bench.view.set({ sheet: 'models' });
  answer = () => Promise.reject(new MissingFileError('There is no tokenizer.json in mine.'));
  await show(picked(file('config.json', '{}')));
  await press(button());
  await expect.poll(() => says('refused')).toContain('There is no tokenizer.json in mine.');
  expect(says('refused')).toContain('mine is not open; mini stays open, with text, edits and run.');
  expect(bench.engine.store.getState()).toMatchObject({ phase: 'ready', url: 'mini/' });
  expect(bench.view.store.getState().sheet).toBe('models');
  // Tried again, and there: the sheet has done its work.
  answer = async () => fakeLens();
  await press(button());
  await expect.poll(() => bench.view.store.getState().sheet).toBeNull();
});

test('of folders that are picked one after the other the last stands, however long another takes to be read', async () => {
  await show(picked(file('config.json', '{}')));
  const slow = slowCache();
  const files = slow.files.map(({ path, file: one }) => Object.defineProperty(one, 'name', { value: path }));
  await give('pick-dictionary', 'slow', ...files);
  await give('pick-dictionary', 'newer', new File(['x'], 'layer2.sae.pt'));
  await expect.poll(() => place.textContent).toContain('Dictionaries: folder newer, 1 file.');
  // What is changed meanwhile stays, too.
  await give('pick-verbalizer', 'av', new File(['x'], 'nla_meta.yaml'));
  await act(async () => slow.letGo());
  await expect.poll(() => says('plan-verbalizer')).toContain('Verbalizer: folder av.');
  expect(place.textContent).toContain('Dictionaries: folder newer, 1 file.');
});

test('halves of a pair that are picked at once are both taken', async () => {
  await show(picked(file('config.json', '{}')));
  await act(async () => {
    for (const name of ['av', 'ar']) pick('pick-verbalizer', name, new File(['x'], 'nla_meta.yaml'));
  });
  await expect.poll(() => says('plan-verbalizer')).toMatch(/Verbalizer: folder a[vr] and folder a[vr]\./);
});

test('a dictionary that is dropped on an open model leaves its pair, and a slower folder does not take its place', async () => {
  const verbalizer = [{ kind: 'url' as const, url: 'nla/' }];
  await act(async () => void (await bench.engine.open({ ...atAddress('mini/'), verbalizer }, 'wasm')));
  const { planFolder } = await import('./folder');
  const { takeFolder } = await import('../../state/model/picked-folder');
  const slow = slowCache();
  const first = planFolder(bench, takeFolder({ name: 'slow', files: slow.files }, 'model', 2));
  const saes = { name: 'saes', files: [file('layer2.sae.pt')] };
  await planFolder(bench, takeFolder(saes, 'model', 1));
  expect(bench.models.store.getState().planned).toMatchObject({ verbalizer, dictionary: { folder: { name: 'saes' } } });
  slow.letGo();
  await first;
  expect(bench.models.store.getState().planned).toMatchObject({ dictionary: { folder: { name: 'saes' } } });
});
