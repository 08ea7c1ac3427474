import type { Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import '../../app/styles/index.css';
import { useStore } from 'zustand';
import type { Chat } from '../../lens/api/chat';
import type { Workbench } from '../../state/page/workbench';
import { conversationBench } from '../../state/testing/conversation-bench';
import type { FakeLens } from '../../state/testing/lens';
import { Steering } from '../steering/Steering';
import ChatEditor from './ChatEditor';
import './chat.css';
import { mount } from '../testing/mount';

/** An answer as it streams into the conversation. */

let root: Root;
let host: HTMLElement;
let bench: Workbench;
let fake: FakeLens;

const asked: Chat = { messages: [{ role: 'user', content: 'How many?' }] };

beforeEach(async () => {
  ({ bench, fake } = await conversationBench());
  fake.info.chat = true;
  bench.tracer.store.setState({ chat: asked });
  bench.steering.add(3, 39);
  ({ host, root } = mount(bench, <Both />));
});

afterEach(() => {
  delete window.lensletRenders;
  root.unmount();
  host.remove();
  bench.dispose();
});

function Both() {
  const chat = useStore(bench.tracer.store, (s) => s.chat);
  return (
    <>
      {chat && <ChatEditor chat={chat} />}
      <Steering />
    </>
  );
}

const draws = () => Object.fromEntries(window.lensletRenders!);
const says = (kind: string) => host.querySelector(`[data-testid="answer-${kind}"]`)?.textContent;
const room = () => host.querySelector('.answers')!.getBoundingClientRect().height;

test('the answers stream side by side into room that is kept, and one of them becomes the turn', async () => {
  await page.viewport(1440, 900);
  expect(host.querySelector('.answers')).toBeNull();
  fake.hold = true;
  const run = bench.generate();
  // Before the first token: the room, with nothing in it to keep.
  await expect.element(page.getByTestId('answers')).toHaveTextContent('1 assistantBaselineKeepSteeredKeepControlKeep');
  await expect.element(page.getByTestId('take-steered')).toBeDisabled();
  const kept = room();
  const parts = [...host.querySelectorAll('.answer-text')].map((each) => each.getBoundingClientRect());
  expect(new Set(parts.map(({ top }) => top)).size).toBe(1);
  expect(new Set(parts.map(({ left }) => left)).size).toBe(3);

  window.lensletRenders = new Map();
  fake.release();
  await expect.poll(() => says('steered')).toBe(' 0');
  await expect.element(page.getByText('The answer is being written.')).toBeVisible();
  fake.release();
  await expect.poll(() => says('steered')).toBe(' 0 1');
  expect(room()).toBe(kept);
  fake.hold = false;
  fake.release();
  await run;
  await expect.poll(() => says('control')).toBe(' 0 1 2');
  // Only the answers were drawn, not the turns.
  expect(draws()).toMatchObject({ answer: expect.any(Number) });
  expect(draws()).not.toHaveProperty('turn');
  expect(room()).toBe(kept);
  await expect.element(page.getByText('The answers are there.')).toBeVisible();

  await page.getByTestId('take-steered').click();
  await expect.element(page.getByLabelText('Turn 1, assistant')).toHaveValue(' 0 1 2');
  await expect.element(page.getByTestId('composer')).toHaveFocus();
  expect(host.querySelector('.answers')).toBeNull();
});

test('a click on an answer, or Enter, goes to its tokens', async () => {
  await bench.generate();
  bench.view.set({ tab: 'features' });
  await page.getByTestId('answer-control').click();
  expect(bench.view.store.getState().tab).toBe('steer');
  await expect.element(page.getByTestId('run-control')).toHaveFocus();
  await page.getByTestId('answer-baseline').element().focus();
  await userEvent.keyboard('{Enter}');
  await expect.element(page.getByTestId('run-baseline')).toHaveFocus();
});

test('the end of a long answer is in sight', async () => {
  await bench.generate();
  const { streams } = bench.runner.store.getState();
  const rows = Array.from({ length: 400 }, (_, i) => ({ ...streams!.baseline[0]!, text: ` word${i}` }));
  bench.runner.store.setState({ streams: { ...streams!, baseline: rows } });
  await expect.poll(() => says('baseline')).toContain('word399');
  const box = host.querySelector('[data-testid="answer-baseline"]')!;
  const text = box.firstElementChild!.getBoundingClientRect();
  expect(text.bottom).toBeLessThanOrEqual(box.getBoundingClientRect().bottom + 1);
  expect(text.top).toBeLessThan(box.getBoundingClientRect().top);
});
