import { flushSync } from 'react-dom';
import type { Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import '../../app/styles/index.css';
import type { GeneratedRow } from '../../lens/api/generate';
import type { SiteCodes } from '../../lens/api/site';
import type { Workbench } from '../../state/page/workbench';
import { conversationBench } from '../../state/testing/conversation-bench';
import { mount } from '../testing/mount';
import { Features } from './Features';

/** Two spans of a conversation against each other, and lists over one. */

let root: Root;
let host: HTMLElement;
let bench: Workbench;

beforeEach(async () => {
  ({ bench } = await conversationBench());
  bench.view.set({ site: 3 });
  ({ host, root } = mount(bench, <Features />));
});

afterEach(() => {
  root.unmount();
  host.remove();
  bench.dispose();
});

const at = <E extends HTMLElement>(id: string) => host.querySelector<E>(`[data-testid="${id}"]`)!;

function choose(id: string, value: string): void {
  const select = at<HTMLSelectElement>(id);
  select.value = value;
  flushSync(() => {
    select.dispatchEvent(new Event('change', { bubbles: true }));
  });
}

/** What a click on a button saves. */
async function saved(id: string): Promise<string[]> {
  const made = vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:none');
  at(id).click();
  const [blob] = made.mock.calls[0] as [Blob];
  made.mockRestore();
  return (await blob.text()).trim().split(/\r?\n/);
}

test('turns are compared by the tokens that were said in them, and a saved table names the spans', async () => {
  flushSync(() => bench.view.set({ list: 'contrast' }));
  await expect.poll(() => host.querySelector('[data-testid="contrast"]')).not.toBeNull();
  const turns = [...host.querySelectorAll<HTMLInputElement>('input[name="contrast-of"]')].at(-1)!;
  flushSync(() => turns.click());
  expect([at<HTMLSelectElement>('span-a').value, at<HTMLSelectElement>('span-b').value]).toEqual(['user', 'assistant']);
  expect(at('contrast').textContent).toMatch(/template left out\. .*these are differences over 6 and 7 tokens/);
  choose('span-b', 'turn1.answer');
  // Of every token the fake lens has two features of its own: 10 + t and 20 + t, t from 3 to 8 and from 19 to 23.
  expect(at('contrast').textContent).toMatch(/over 6 and 5 tokens/);
  const [head, ...rows] = await saved('save-contrast-csv');
  expect(head).toBe('layer,feature,name,mean_user,mean_turn1.answer,difference');
  expect(rows.find((row) => row.startsWith('3,33,'))).toBe('3,33,,0,5,5');
  flushSync(() => bench.view.set({ template: true }));
  expect(at('contrast').textContent).not.toContain('template left out');
  expect(at('contrast').textContent).toMatch(/over 10 and 5 tokens/);
  // A sink of the site on show, and one of another.
  const reading = bench.tracer.store.getState().reading!;
  const sinks = { 3: new Set([0, 21]), 4: new Set([0, 22]) };
  flushSync(() => bench.tracer.store.setState({ reading: { ...reading, sinks } }));
  expect(at('contrast').textContent).toMatch(/first token and 1 sink left out\. .*over 10 and 4 tokens/);
  flushSync(() => bench.view.set({ first: true }));
  expect(at('contrast').textContent).toMatch(/over 11 and 5 tokens/);
});

test('the list is over what is chosen above it: a speaker, the sentence or the turn of the locked token, all of it', () => {
  const cut = () => at('cut').textContent;
  const scope = () => at<HTMLSelectElement>('scope');
  expect(cut()).toMatch(/active in the conversation, template left out$/);
  choose('scope', 'thinking');
  expect(cut()).toMatch(/in the assistant’s thinking, template left out$/);
  expect(host.querySelectorAll('[data-testid^="feature-row-"]')).toHaveLength(4);
  flushSync(() => bench.view.select(20, false));
  expect(scope().value).toBe('own:selected');
  choose('scope', 'own:sentence');
  expect(bench.view.store.getState()).toMatchObject({ locked: 21, anchor: 19, scope: 'thinking' });
  expect(cut()).toMatch(/on tokens 19 to 21, template left out$/);
  choose('scope', 'own:turn');
  expect(bench.view.store.getState()).toMatchObject({ locked: 23, anchor: 15 });
  choose('scope', 'all');
  expect(bench.view.store.getState()).toMatchObject({ locked: null, anchor: null, scope: null });
});

test('of a generated token it is said that it is a sink, by the text that it stands in', async () => {
  const rows = (norm: number): GeneratedRow[] =>
    [1, norm].map((of) => ({ text: 'a', done: null, codes: { 3: { ...CODES, norm: Float32Array.of(of) } } }) as never);
  const streams = { baseline: rows(40), steered: rows(20), control: null };
  bench.runner.store.setState({ status: 'done', streams, recorded: false });
  flushSync(() => bench.view.toggleGenerated('steered', 0));
  await expect.poll(() => host.querySelector('[data-testid="generated"]')).not.toBeNull();
  expect(at('generated').textContent).toContain('Baseline: an attention sink');
  expect(at('generated').textContent).not.toContain('Steered: an attention sink');
});

const CODES: SiteCodes = {
  layer: 3,
  k: 1,
  ids: Uint32Array.of(7),
  values: Float32Array.of(2),
  fvu: Float32Array.of(0.1),
  norm: new Float32Array(1),
  centred: Float32Array.of(1),
  active: Uint32Array.of(1),
  peak: Float32Array.of(0.9),
};
