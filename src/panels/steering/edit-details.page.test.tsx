import { flushSync } from 'react-dom';
import type { Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import '../../app/styles/index.css';
import type { Edit } from '../../lens/api/edit';
import type { GeneratedRow } from '../../lens/api/generate';
import { defaultSampling } from '../../state/base/sampling';
import type { Workbench } from '../../state/page/workbench';
import { conversationBench } from '../../state/testing/conversation-bench';
import { tracedBench } from '../../state/testing/workbench';
import { mount } from '../testing/mount';
import { KEY_REST } from '../use-workbench';
import { Steering } from './Steering';

/** Where and when an edit acts, as the panel has it set. */

let root: Root | null = null;
let host: HTMLElement;
let bench: Workbench;

beforeEach(async () => {
  await show((await conversationBench()).bench);
});

afterEach(() => {
  root?.unmount();
  host.remove();
  bench.dispose();
});

async function show(of: Workbench): Promise<void> {
  bench = of;
  bench.steering.add(3, 39);
  bench.view.set({ site: 3 });
  ({ host, root } = mount(bench, <Steering />));
}

type Field = HTMLSelectElement | HTMLInputElement;

const named = (name: string): Field => {
  const field = host.querySelector<Field>(`[aria-label="${name}"]`);
  if (!field) throw new Error(`No field “${name}”.`);
  return field;
};

/** Sets a field as a reader does: React hears `input`, and `change` settles it. */
function set(name: string, value: string): void {
  const field = named(name);
  const { set: own } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field) as object, 'value')!;
  flushSync(() => {
    own!.call(field, value);
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  flushSync(() => {
    field.dispatchEvent(new Event('change', { bubbles: true }));
  });
}

const row = () => bench.steering.store.getState().rows[0]!;
const acts = () => host.querySelector('[data-testid="acts"]')?.textContent.trim();
const refused = () => host.querySelector('[role="alert"]')?.textContent ?? null;

const template = () => host.querySelector<HTMLInputElement>('.detail .switch input')!;

test('when, whose and which tokens: each choice narrows, and the row says it', () => {
  expect(acts()).toBe('all tokens.');
  expect(named('Whose tokens 3:39 acts on').textContent).toContain('the assistant’s thinking');
  set('Whose tokens 3:39 acts on', 'assistant');
  set('Where 3:39 applies', 'first');
  expect(row().where).toBe('first16.assistant');
  set('How many generated tokens 3:39 acts on', '4');
  expect(row().where).toBe('first4.assistant');
  expect(template().checked).toBe(true);
  flushSync(() => template().click());
  expect([row().where, template().checked]).toEqual(['first4.assistant.text', false]);
  expect(acts()).toBe('the first 4 generated tokens, in the assistant’s turns, without template and special tokens.');
  set('Where 3:39 applies', 'from-last');
  set('Whose tokens 3:39 acts on', 'turn1');
  expect(row().where).toBe('from-last.turn1.text');
  flushSync(() => bench.view.select(4, false));
  set('Where 3:39 applies', 'locked');
  expect(row().where).toEqual([4]);
  expect(acts()).toBe('position 4.');
  set('Where 3:39 applies', 'all');
  expect(row().where).toBe('all');
});

test('template tokens are no choice where there are none, with the reason', () => {
  expect([template().disabled, template().closest('label')!.title]).toEqual([
    false,
    'And other special tokens, such as an end of text',
  ]);
  set('Whose tokens 3:39 acts on', 'assistant.answer');
  expect(row().where).toBe('assistant.answer');
  expect([template().disabled, template().checked]).toEqual([true, false]);
  expect(template().closest('label')!.title).toBe('The template writes no token of an answer.');
  set('Whose tokens 3:39 acts on', 'assistant.thinking');
  expect(template().closest('label')!.title).toBe('The template writes no token of what is thought.');
  set('Whose tokens 3:39 acts on', 'everyone');
  expect([row().where, template().disabled, template().checked]).toEqual(['all', false, true]);
});

test('what came by a link stands among the choices, also where a plain text has no turns', async () => {
  flushSync(() => bench.steering.patch(1, { where: 'user.turn2' }));
  expect(named('Whose tokens 3:39 acts on').value).toBe('user.turn2');
  expect(acts()).toBe('turn 2, if it is the user’s.');
  root!.unmount();
  host.remove();
  bench.dispose();
  await show(await tracedBench());
  expect(acts()).toBeUndefined();
  expect(host.querySelector('[aria-label="Whose tokens 3:39 acts on"]')).toBeNull();
  flushSync(() => bench.steering.patch(1, { where: 'assistant' }));
  expect(acts()).toBe('the assistant’s turns. This text has no turns: it reaches nothing.');
  set('Whose tokens 3:39 acts on', 'everyone');
  expect(row().where).toBe('all');
});

test('a plain text with special tokens offers to spare them', async () => {
  root!.unmount();
  host.remove();
  bench.dispose();
  await show(await tracedBench());
  expect(template()).toBeNull();
  const { reading } = bench.tracer.store.getState();
  const chips = reading!.chips.map((chip, i) => ({ ...chip, special: i === 0 }));
  flushSync(() => bench.tracer.store.setState({ reading: { ...reading!, chips } }));
  expect(template().closest('label')!.textContent).toBe('Include special tokens');
  flushSync(() => template().click());
  expect(row().where).toBe('text');
});

test('a key that is held down in a box runs nothing until it rests', () => {
  set('Gate of 3:39', 'where');
  set('Where 3:39 applies', 'first');
  const waits: (number | undefined)[] = [];
  bench.commit = (delay) => void waits.push(delay);
  for (const name of ['Value above which the gate of 3:39 opens', 'How many generated tokens 3:39 acts on']) {
    const box = named(name);
    box.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp', bubbles: true }));
    set(name, '10');
  }
  expect(waits).toEqual([KEY_REST, 0, KEY_REST, 0]);
});

test('what an edit did stands behind what it does: over the prompt, then over what was generated', async () => {
  const changes = () => host.querySelector('[data-testid="changes"]')?.textContent;
  const where = { where: 'assistant.answer', when: '3:12 > 1' };
  flushSync(() => bench.steering.patch(1, where));
  const report = {
    layer: 3,
    acted: new Uint8Array(24),
    open: new Uint8Array(24),
    change: new Float32Array(24),
    norm: new Float32Array(24),
  };
  const { key } = bench.preview.store.getState();
  flushSync(() =>
    bench.preview.store.setState({ value: { moved: [], kl: 0, reports: [], edits: [report] }, answered: key }),
  );
  expect(acts()).toBe('the assistant’s answers, only where 3:12 is above 1.00.');
  expect(changes()).toMatch(
    /^Prompt: 0 of 24 tokens, gate open at 0: without edits, 3:12 is (not active|at most .*)\. $/,
  );
  const step = (acted: number): GeneratedRow => ({
    token: 1,
    text: 'a',
    logprob: -1,
    codes: {},
    acted,
    change: acted,
    norm: 1,
    kl: 0,
    surprisal: 1,
    done: null,
  });
  const edits: Edit[] = [{ layer: 3, feature: 39, mode: 'add', strength: 1, ...where }];
  const plan = { prompt: '', edits, control: false, draw: 1, sampling: defaultSampling };
  const streams = { baseline: [], steered: [0, 1, 1].map(step), control: null };
  flushSync(() => bench.runner.store.setState({ plan, streams }));
  expect(changes()).toMatch(/ Generated: 2 of 3\.$/);
});

test('a gate is off until it is set; its feature, value and end are those that are typed', () => {
  expect(row().when).toBeUndefined();
  flushSync(() => bench.view.set({ feature: 12 }));
  set('Gate of 3:39', 'where');
  expect(row().when).toBe('3:12 > 0');
  set('Feature that the gate of 3:39 reads', '3:20');
  set('Value above which the gate of 3:39 opens', '5');
  expect(row().when).toBe('3:20 > 5');
  set('How long the gate of 3:39 stays open', 'turn');
  expect(row().when).toBe('3:20 > 5 in turn');
  set('How long the gate of 3:39 stays open', 'until');
  expect(row().when).toBe('3:20 > 5 until 2.5');
  // A gate closes below where it opens.
  set('Value above which the gate of 3:39 opens', '1');
  expect(row().when).toBe('3:20 > 1 until 1');
  set('Value at which the gate of 3:39 closes', '7');
  expect(row().when).toBe('3:20 > 1 until 1');
  expect(acts()).toBe('all tokens, from where 3:20 is above 1.00 until it is at most 1.00.');
  set('Gate of 3:39', 'none');
  expect(row().when).toBeUndefined();
});

test.each([
  ['4:12', /layer 4, which the model computes after layer 3/],
  ['3:50', /no such feature/],
  ['2:1', /no dictionary of that layer/],
  ['650', /“650” names no feature/],
])('a gate on %s is refused with the reason, and the row is kept', (typed, why) => {
  set('Gate of 3:39', 'where');
  const before = row();
  set('Feature that the gate of 3:39 reads', typed);
  expect(refused()).toMatch(why);
  expect(row()).toBe(before);
  const box = named('Feature that the gate of 3:39 reads');
  expect([box.value, box.getAttribute('aria-invalid')]).toEqual([typed, 'true']);
  expect(host.querySelector(`[id="${box.getAttribute('aria-describedby')}"]`)!.textContent).toBe(refused());
  set('Feature that the gate of 3:39 reads', '3:1');
  expect([refused(), row().when]).toEqual([null, '3:1 > 0']);
});
