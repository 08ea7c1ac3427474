import { flushSync } from 'react-dom';
import type { Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import '@fontsource-variable/ibm-plex-sans/wght.css';
import '../../app/styles/index.css';
import '../tokens/tokens.css';
import { useStore } from 'zustand';
import type { Message } from '../../lens/api/chat';
import type { Workbench } from '../../state/page/workbench';
import { conversationBench } from '../../state/testing/conversation-bench';
import type { FakeLens } from '../../state/testing/lens';
import ChatEditor from './ChatEditor';
import './chat.css';
import { mount } from '../testing/mount';

/** The editor under the hand: where the focus goes, what things are called, and what is drawn again. */

let root: Root;
let host: HTMLElement;
let bench: Workbench;

const turn = (i: number, content = `words ${i}`): Message => ({ role: i % 2 ? 'assistant' : 'user', content });
const turns = (count: number) => Array.from({ length: count }, (_, i) => turn(i));
const show = (messages: Message[]) => flushSync(() => bench.tracer.store.setState({ chat: { messages } }));
const said = () => bench.tracer.store.getState().chat!.messages.map(({ content }) => content);
const button = (name: string) => page.getByRole('button', { name, exact: true });
const box = (name: string) => page.getByRole('textbox', { name, exact: true });
const press = async (name: string) => {
  (button(name).element() as HTMLElement).focus();
  await userEvent.keyboard('{Enter}');
};
/** Whether a turn is within what is in sight of the list. */
const inSight = (index: number) => {
  const list = host.querySelector('.turns')!;
  const [all, own] = [list, list.children[index]!].map((each) => each.getBoundingClientRect());
  return own!.top >= all!.top - 1 && own!.bottom <= all!.bottom + 1;
};

beforeEach(async () => {
  await page.viewport(1440, 900);
  const made = await conversationBench();
  bench = made.bench;
  made.fake.info.chat = true;
  bench.engine.store.setState({ info: { ...bench.engine.store.getState().info!, chat: true } });
  bench.tracer.store.setState({ chat: { messages: turns(3) } });
  ({ host, root } = mount(bench, <Shown />));
  host.className = 'text-band';
});

afterEach(() => {
  delete window.lensletRenders;
  root.unmount();
  host.remove();
  bench.dispose();
});

function Shown() {
  const chat = useStore(bench.tracer.store, (s) => s.chat);
  return chat && <ChatEditor chat={chat} />;
}

describe('the focus', () => {
  test('goes on with a turn that is moved', async () => {
    await press('Up turn 2');
    await expect.element(button('Up turn 1')).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    expect(said()).toEqual(['words 2', 'words 0', 'words 1']);
    // It stands first: there is no way up from there.
    await expect.element(box('Turn 0, user')).toHaveFocus();
    await press('Down turn 0');
    await expect.element(button('Down turn 1')).toHaveFocus();
  });

  test('goes into a turn that is inserted, which comes in sight; the rest stays where it is', async () => {
    show(turns(30));
    const list = host.querySelector('.turns')!;
    list.scrollTop = 0;
    await press('Insert a turn after turn 1');
    await expect.element(box('Turn 2, user')).toHaveFocus();
    await expect.element(box('Turn 2, user')).toHaveValue('');
    expect(inSight(2)).toBe(true);
    expect(inSight(30)).toBe(false);
    show([...turns(30), turn(30), turn(31)]);
    expect(inSight(31)).toBe(true);
  });

  test('goes to the turn in the place of one that is removed', async () => {
    await press('Remove turn 2');
    await expect.element(button('Remove turn 1')).toHaveFocus();
    expect(said()).toEqual(['words 0', 'words 1']);
  });

  test('goes into the system’s turn, which is there in one step', async () => {
    await page.getByRole('button', { name: 'System turn' }).click();
    await expect.element(box('Turn 0, system')).toHaveFocus();
    expect(said()).toEqual(['', 'words 0', 'words 1', 'words 2']);
    expect(host.querySelector('[data-testid="add-system"]')).toBeNull();
  });

  test('goes to the composer from a turn with Esc, and stays there when a turn is sent', async () => {
    show(turns(2));
    await box('Turn 0, user').click();
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByTestId('composer')).toHaveFocus();
    await userEvent.keyboard('And?');
    await page.getByTestId('send').click();
    await expect.element(page.getByTestId('composer')).toHaveFocus();
    await expect.element(box('Turn 2, user')).toHaveValue('And?');
  });

  test('goes to what must be done first where Enter cannot send', async () => {
    const composer = page.getByTestId('composer');
    await expect.element(composer).toHaveAttribute('placeholder', 'Turn 2 waits for an answer.');
    await composer.click();
    await userEvent.keyboard('Wait{Enter}');
    await expect.element(page.getByTestId('answer')).toHaveFocus();
    await expect.element(composer).toHaveValue('Wait');
    bench.steering.add(3, 39);
    await bench.generate();
    await expect.element(page.getByText('The answers are there: keep one, then send.')).toBeVisible();
    await composer.click();
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByTestId('take-baseline')).toHaveFocus();
    bench.setSampling({ temperature: 0 });
    await expect.element(page.getByTestId('reroll')).toBeDisabled();
  });

  test('stays in the composer while an answer is written, which a second Enter neither keeps nor starts again', async () => {
    const { engine, runner } = bench;
    const lens = engine.store.getState().lens as FakeLens;
    lens.hold = true;
    void bench.chat.answer();
    await expect.element(page.getByText('The answer is being written.')).toBeVisible();
    await expect.element(page.getByTestId('answer')).toBeDisabled();
    const composer = page.getByTestId('composer');
    await composer.click();
    await userEvent.keyboard('And{Enter}{Enter}');
    await expect.element(composer).toHaveFocus();
    lens.release();
    await expect.poll(() => runner.store.getState().streams?.baseline.length).toBe(1);
    await userEvent.keyboard('{Enter}{Enter}');
    await expect.element(composer).toHaveFocus();
    expect(lens.calls.filter((call) => call.startsWith('generate')).length).toBe(1);
    lens.hold = false;
    lens.release();
  });

  test('goes to the heading of the branches from a button that can no longer be pressed', async () => {
    show([turn(0, 'On its own')]);
    await page.getByTestId('branches').click();
    await page.getByRole('button', { name: 'Save as branch' }).click();
    await expect.element(page.getByRole('heading', { name: 'Branches' })).toHaveFocus();
    await expect.element(button('Saved')).toBeDisabled();
  });
});

test('Enter of an input method sends nothing', async () => {
  show(turns(2));
  await page.getByTestId('composer').fill('河');
  const element = page.getByTestId('composer').element();
  element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true }));
  expect(said()).toHaveLength(2);
});

test('three stops of the keyboard a turn: who speaks, what is said, and its actions, with arrows', async () => {
  (page.getByLabelText('Who says turn 1').element() as HTMLElement).focus();
  await userEvent.keyboard('{Tab}');
  await expect.element(box('Turn 1, assistant')).toHaveFocus();
  await userEvent.keyboard('{Tab}');
  await expect.element(button('Insert a turn after turn 1')).toHaveFocus();
  await userEvent.keyboard('{ArrowRight}{ArrowRight}');
  await expect.element(button('Down turn 1')).toHaveFocus();
  await userEvent.keyboard('{Tab}');
  await expect.element(page.getByLabelText('Who says turn 2')).toHaveFocus();
});

test('a letter in one of thirty turns draws that turn', async () => {
  show(turns(30));
  await box('Turn 4, user').click();
  await userEvent.keyboard('?');
  await expect.poll(() => said()[4]).toContain('?');
  window.lensletRenders = new Map();
  await userEvent.keyboard('!');
  await expect.poll(() => said()[4]).toContain('!');
  expect(window.lensletRenders.get('turn')).toBe(1);
});

test('a long turn shows three lines and how many more there are; in hand as many as there is room for', async () => {
  show([turn(0, `${'line\n'.repeat(29)}end`), turn(1)]);
  const height = () => host.querySelector('.turn .grows')!.getBoundingClientRect().height;
  await expect.element(page.getByText('… 27 more')).toBeVisible();
  expect(height()).toBeLessThan(70);
  await box('Turn 0, user').click();
  expect(height()).toBeGreaterThan(200);
  expect(host.querySelector('.turns')!.getBoundingClientRect().height).toBeLessThanOrEqual(240);
});

test('at 390 px a turn’s actions are behind one button that is in sight', async () => {
  await page.viewport(390, 844);
  await button('Turn 1: actions').click();
  await button('Up turn 1').click();
  expect(said()).toEqual(['words 1', 'words 0', 'words 2']);
  await expect.element(button('Turn 0: actions')).toHaveFocus();
  await expect.element(button('Up turn 1')).not.toBeInTheDocument();
  await button('Turn 2: actions').click();
  await button('Insert a turn after turn 2').click();
  await expect.element(box('Turn 3, assistant')).toHaveFocus();
  await button('Turn 3: actions').click();
  await page.getByRole('radio', { name: 'Begun' }).click();
  expect(bench.tracer.store.getState().chat?.open).toBe(true);
});

test.each([390, 1440])('nothing stands out of %i px', async (width) => {
  await page.viewport(width, 844);
  show([{ role: 'system', content: 'w'.repeat(2000) }, ...turns(29)]);
  const right = document.documentElement.clientWidth;
  const out = [...host.querySelectorAll('*')].filter(
    (each) => each.checkVisibility() && each.getBoundingClientRect().right > right + 1,
  );
  expect(out.map(({ className }) => className)).toEqual([]);
});
