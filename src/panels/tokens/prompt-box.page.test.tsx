import { flushSync } from 'react-dom';
import type { Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import '../../app/styles/index.css';
import { ownModel } from '../../state/model/model-url';
import type { Workbench } from '../../state/page/workbench';
import { ODD_TEXTS } from '../../state/testing/texts';
import { saidBy, tracedBench } from '../../state/testing/workbench';
import { mount } from '../testing/mount';
import { PromptBox } from './PromptBox';

/** The text under the hand, in a browser's own text box. */

let root: Root;
let host: HTMLElement;
let bench: Workbench;

beforeEach(async () => {
  bench = await tracedBench();
  ({ host, root } = mount(bench, <PromptBox />));
});

afterEach(() => {
  root.unmount();
  host.remove();
  bench.dispose();
});

const box = () => host.querySelector<HTMLTextAreaElement>('[data-testid="prompt"]')!;
const text = () => bench.tracer.store.getState().text;
const hold = (held: string) => flushSync(() => bench.tracer.store.setState({ text: held }));

/** Types where the caret is. */
const type = (typed: string) => flushSync(() => document.execCommand('insertText', false, typed));

/** Pastes, or drops, as a browser does: unless the page takes the event, the text goes in. */
function paste(pasted: string, kind: 'paste' | 'drop' = 'paste'): boolean {
  const data = new DataTransfer();
  data.setData('text/plain', pasted);
  const options = { bubbles: true, cancelable: true };
  const event =
    kind === 'paste'
      ? new ClipboardEvent('paste', { ...options, clipboardData: data })
      : new DragEvent('drop', { ...options, dataTransfer: data });
  const goesIn = flushSync(() => box().dispatchEvent(event));
  if (goesIn) type(pasted);
  return goesIn;
}

test.each(ODD_TEXTS)('a letter typed behind and before %s changes nothing else', (_, odd) => {
  hold(odd);
  box().focus();
  const end = box().value.length;
  box().setSelectionRange(end, end);
  type('x');
  expect(text()).toBe(`${odd}x`);
  box().setSelectionRange(0, 0);
  type('y');
  expect(text()).toBe(`y${odd}x`);
  // Behind the letter, or behind a mark that stands on it.
  expect(box().selectionStart).toBeLessThanOrEqual(2);
  expect(saidBy(bench)).toEqual([]);
});

test('undo takes the letter back, line ends and all', () => {
  hold('one\r\ntwo\r');
  bench.history.restart();
  box().focus();
  box().setSelectionRange(3, 3);
  type('x');
  expect(text()).toBe('onex\r\ntwo\r');
  flushSync(() => bench.undo());
  expect(text()).toBe('one\r\ntwo\r');
});

test('what the box makes of pasted line ends is said', () => {
  hold('');
  box().focus();
  expect(paste('one\r\ntwo')).toBe(true);
  expect(text()).toBe('one\ntwo');
  expect(saidBy(bench).join()).toContain('Windows line ends');
});

test.each(['paste', 'drop'] as const)('a megabyte is refused with a sentence: %s', (kind) => {
  hold('what is here');
  box().focus();
  expect(paste('a '.repeat(2 ** 19), kind)).toBe(false);
  expect(text()).toBe('what is here');
  expect(host.textContent).toContain('has 1,048,576 characters, 1,048,588 with what is here; at most 200,000');
  // What takes its place does not count.
  box().select();
  expect(paste('b'.repeat(200_000))).toBe(true);
  expect(text().length).toBe(200_000);
  expect(saidBy(bench)).toEqual([]);
});

test('at the most characters another one is not taken, and the page says so; fewer are', () => {
  hold('a'.repeat(200_000));
  box().focus();
  box().setSelectionRange(5, 5);
  type('b');
  expect(text()).toBe('a'.repeat(200_000));
  expect(box().value).toBe(text());
  expect(saidBy(bench).join()).toContain('At most 200,000 characters');
  box().setSelectionRange(5, 9);
  type('c');
  expect(text().length).toBe(199_997);
});

test('the examples are of the open model: Chinese verse is for the page’s own', () => {
  const names = () => [...host.querySelectorAll('.examples button')].map((each) => each.textContent);
  flushSync(() => bench.engine.store.setState({ request: ownModel(document.baseURI) }));
  expect(names()).toContain('Poem');
  flushSync(() => bench.engine.store.setState({ request: { model: { kind: 'hub', repo: 'a/b' } } }));
  expect(names()).toContain('Fact');
  expect(names()).not.toContain('Poem');
});
