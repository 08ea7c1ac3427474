import { flushSync } from 'react-dom';
import type { Root } from 'react-dom/client';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import '@fontsource-variable/ibm-plex-sans/wght.css';
import '@fontsource/ibm-plex-mono/400.css';
import '../../app/styles/index.css';
import type { Workbench } from '../../state/page/workbench';
import { conversation, threeTurns, type Written } from '../../state/testing/conversation';
import { conversationBench } from '../../state/testing/conversation-bench';
import { settled } from '../../state/testing/lens';
import { tracedBench } from '../../state/testing/workbench';
import { mount } from '../testing/mount';
import { TextBand } from './TextBand';

/** A conversation as the page draws it: in a browser, with the page's own styles. */

let root: Root | null = null;
let host: HTMLElement;
let bench: Workbench;

beforeAll(async () => {
  await document.fonts.load('18px "IBM Plex Mono"', 'a');
});

afterEach(async () => {
  root?.unmount();
  host.remove();
  bench.dispose();
  delete window.lensletRenders;
  await page.viewport(414, 896);
});

async function show(of: Workbench): Promise<void> {
  bench = of;
  ({ host, root } = mount(bench, <TextBand />));
  await settled();
}

const chip = (from: number) => host.querySelector<HTMLElement>(`[data-from="${from}"]`)!;
const label = (from: number) => chip(from).getAttribute('aria-label');

test('each part of a conversation begins a line, and says whose it is', async () => {
  await show((await conversationBench()).bench);
  const parts = [...host.querySelectorAll<HTMLElement>('[role="group"]')];
  expect(parts.map((part) => [part.getAttribute('aria-label'), part.querySelector('.chip-head')!.textContent])).toEqual(
    [
      ['turn 0, user', '0 user'],
      ['turn 1, assistant, thinking', '1 assistant thinking'],
      ['turn 1, assistant, answer', ' answer'],
    ],
  );
  const tops = parts.map((part) => part.querySelector('.chip')!.getBoundingClientRect().top);
  expect(tops[0]! < tops[1]! && tops[1]! < tops[2]!).toBe(true);
  expect(label(0)).toMatch(/, position 0, template/);
  expect(label(15)).toMatch(/, position 15, thinking/);
  expect(label(19)).not.toMatch(/template|thinking/);
  const muted = () => [...host.querySelectorAll('.chip-muted')].map((one) => Number((one as HTMLElement).dataset.from));
  const template = [0, 1, 2, 9, 10, 11, 12, 13, 14, 17, 18];
  expect(muted()).toEqual(template);
  const filled = (from: number) => Number(chip(from).dataset.fill) > 0;
  flushSync(() => bench.view.set({ feature: 19, scale: 'prompt' }));
  expect([filled(9), filled(3)]).toEqual([false, false]);
  // Also where they take part.
  flushSync(() => bench.view.set({ template: true }));
  expect(muted()).toEqual(template);
  expect([filled(9), filled(3)]).toEqual([true, false]);
});

test('a plain text has no parts and no switch for a template', async () => {
  await show(await tracedBench());
  expect(host.querySelectorAll('.chip')).toHaveLength(3);
  expect(host.querySelector('[role="group"], .chip-head, .chip-template')).toBeNull();
  expect(host.querySelector('.chip-block')!.parentElement!.role).toBe('listbox');
  expect(host.textContent).not.toContain('template');
});

test('a sink is marked, named, without colour, and read all the same', async () => {
  await show(await tracedBench());
  const { reading } = bench.tracer.store.getState();
  flushSync(() => bench.tracer.store.setState({ reading: { ...reading!, sinks: { 3: new Set([0, 2]) } } }));
  const marked = () => [...host.querySelectorAll('.chip-sink')].map((one) => (one as HTMLElement).dataset.from);
  expect(marked()).toEqual(['2']);
  expect([label(0), label(1), label(2)].map((says) => says!.includes('attention sink'))).toEqual([false, false, true]);
  flushSync(() => bench.view.set({ feature: 12 }));
  expect(chip(2).dataset.fill).toBe('0.000');
  const readout = () => host.querySelector('[data-testid="readout"]')!.textContent;
  flushSync(() => bench.view.select(2, false));
  expect(Number(chip(2).dataset.fill)).toBeGreaterThan(0);
  expect(readout()).toMatch(/3:12 4\.00 .*attention sink$/);
  flushSync(() => bench.view.select(1, true));
  expect(readout()).toMatch(/^tokens 1 to 2, n 1 /);
  flushSync(() => bench.view.unlock());
  flushSync(() => bench.view.set({ first: true }));
  expect(Number(chip(2).dataset.fill)).toBeGreaterThan(0);
  expect(marked()).toEqual(['2']);
});

test('a click on a head selects what its speaker wrote, and figures are over that', async () => {
  await show((await conversationBench()).bench);
  host.querySelector<HTMLElement>('[data-part="2"]')!.click();
  expect(bench.view.store.getState()).toMatchObject({ locked: 23, anchor: 19 });
  flushSync(() => {});
  expect(host.querySelector('[data-testid="readout"]')!.textContent).toMatch(/^tokens 19 to 23, n 5 · /);
  flushSync(() => bench.view.set({ locked: null, anchor: null, scope: 'assistant' }));
  expect(host.querySelector('[data-testid="readout"]')!.textContent).toMatch(/^the assistant’s turns, n 7 · /);
});

const SHUT = '3:12 > 9';

test('what changes on tokens is drawn on them, and no token again', async () => {
  const { bench: own, fake } = await conversationBench();
  fake.preview = async (_trace, edits) => ({
    moved: [],
    kl: 0,
    reports: [],
    edits: edits.map(({ layer, when }) => ({
      layer,
      acted: Uint8Array.from({ length: 24 }, (_, t) => (t === 20 && when !== SHUT ? 1 : 0)),
      open: Uint8Array.from({ length: 24 }, (_, t) => (t >= 20 && when !== SHUT ? 1 : 0)),
      change: new Float32Array(24),
      norm: new Float32Array(24),
    })),
  });
  await show(own);
  const renders = new Map<string, number>();
  window.lensletRenders = renders;
  own.steering.add(3, 12);
  own.edit(1, { where: 'assistant.answer', when: '3:12 > 1 in turn' });
  own.view.set({ scope: 'user' });
  own.view.set({ template: true });
  await expect.poll(() => chip(20).dataset.edit).toBe('acted');
  expect([19, 21, 23].map((from) => chip(from).dataset.edit)).toEqual([undefined, 'open', 'open']);
  expect(label(20)).toMatch(/, edit 3:12 acts here$/);
  expect(label(21)).toMatch(/, gate of 3:12 open$/);
  expect(host.querySelector('[data-testid="edit-key"]')!.textContent).toContain('3:12 acts on 1 of 24 tokens');
  expect(renders.get('chip')).toBeUndefined();
  flushSync(() => own.view.hover(20));
  expect(host.querySelector('[data-testid="readout"]')!.textContent).toContain('edit 3:12 acts here');
  // Where no mark is drawn, none is explained.
  own.edit(1, { when: SHUT });
  await expect.poll(() => chip(20).dataset.edit).toBeUndefined();
  expect(host.querySelector('[data-testid="edit-key"]')).toBeNull();
  own.edit(1, { when: '3:12 > 1' });
  await expect.poll(() => chip(20).dataset.edit).toBe('acted');
  // An edit that is switched off has done nothing.
  own.edit(1, { enabled: false });
  await expect.poll(() => chip(20).dataset.edit).toBeUndefined();
});

test.each([
  [1280, 'beside its lines'],
  [414, 'over them'],
])('at %i px, where a head stands %s, a long conversation is cut where lines end', async (width) => {
  await page.viewport(width, 800);
  const turn = (n: number): Written => [
    n % 2 ? 'assistant' : 'user',
    n,
    'content',
    ...Array.from({ length: 5 + ((n * 67) % 190) }, (_, i) => ` ${'word'.repeat(1 + ((i * 7 + n) % 3))}`),
  ];
  const tokens = conversation(
    ...Array.from({ length: 6 }, (_, n): Written[] => [
      [n % 2 ? 'assistant' : 'user', n, 'template', '<im_start>', 'role', '\n'],
      turn(n),
    ]).flat(),
  );
  expect(tokens.length).toBeGreaterThan(400);
  await show((await conversationBench(tokens)).bench);
  // All of it laid out.
  for (const block of host.querySelectorAll<HTMLElement>('.chip-block')) block.style.contentVisibility = 'visible';
  const blocks = [...host.querySelectorAll<HTMLElement>('.chip-block')];
  expect(blocks.length).toBeGreaterThan(8);
  for (const block of blocks) {
    const lines = new Set([...block.children].map((one) => Math.round(one.getBoundingClientRect().top)));
    expect.soft(lines.size).toBe(Number(block.style.getPropertyValue('--lines')));
    // A block that goes on in the next is full: its last line does not hold the next one's first chip.
    const next = block.nextElementSibling?.firstElementChild?.getBoundingClientRect();
    const last = block.lastElementChild!.getBoundingClientRect();
    if (next) expect.soft(last.right + next.width).toBeGreaterThan(block.getBoundingClientRect().right - 8);
  }
});

test('the turn that is not there yet is said to be the next, and is not counted', async () => {
  const { bench: own } = await conversationBench(
    conversation(
      ['user', 0, 'template', '<im_start>'],
      ['user', 0, 'content', 'Hello'],
      ['assistant', 1, 'content', 'I'],
      ['assistant', 2, 'template', '<im_start>', 'assistant', '\n'],
    ),
  );
  await show(own);
  const last = [...host.querySelectorAll<HTMLElement>('[role="group"]')].at(-1)!;
  expect(last.getAttribute('aria-label')).toBe('next turn, assistant');
  expect(last.querySelector('.chip-head')!.textContent!.trim()).toBe('next: assistant');
  expect(host.querySelector('.readout')!.textContent).toMatch(/^6 tokens in 2 turns\. .*click to lock it/);
});

test.each([
  [1280, true],
  [414, false],
])('at %i px a head and the small and large letters beside it share a baseline', async (width, beside) => {
  await page.viewport(width, 800);
  await show((await conversationBench()).bench);
  /** Of an element's first line: where an inline box of no height stands. */
  const baseline = (of: Element) => {
    const probe = document.createElement('span');
    probe.style.cssText = 'display: inline-block; width: 0; height: 0';
    of.append(probe);
    const { bottom } = probe.getBoundingClientRect();
    probe.remove();
    return bottom;
  };
  const [small, large] = [0, 3].map((from) => baseline(chip(from).firstElementChild!));
  expect(small).toBeCloseTo(large!, 0);
  const head = baseline(host.querySelector('.chip-head > span + span')!);
  if (beside) expect(head).toBeCloseTo(small!, 0);
  else expect(head).toBeLessThan(small! - 16);
});

test('white space and letters of the template are as small as they are measured', async () => {
  await show((await conversationBench(threeTurns())).bench);
  expect(getComputedStyle(chip(0).firstElementChild!).fontSize).toBe('12px');
  expect(getComputedStyle(chip(3).firstElementChild!).fontSize).toBe('18px');
});
