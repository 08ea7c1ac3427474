import { expect, test } from 'vitest';
import { fakeLens } from '../state/lens.testing';
import { createWorkbench } from '../state/workbench';
import { commandOf, KEYS } from './keys';

const press = (key: string, more: Partial<Pick<KeyboardEvent, 'ctrlKey' | 'shiftKey' | 'altKey'>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

async function bench() {
  const made = createWorkbench(async () => fakeLens(), { pause: 0 });
  await made.engine.open('fake', 'auto');
  made.tracer.store.setState({ text: 'one two three' });
  await made.tracer.trace();
  return made;
}

test('arrows go through tokens and features, Shift selects, Esc lets go', async () => {
  const made = await bench();
  const go = (key: string, shiftKey = false) => commandOf(press(key, { shiftKey }), 'page')!(made);
  const locked = () => {
    const { locked: at, anchor } = made.view.store.getState();
    return [at, anchor];
  };
  go('ArrowRight');
  expect(locked()).toEqual([0, null]);
  go('ArrowRight');
  go('ArrowRight', true);
  expect(locked()).toEqual([2, 1]);
  go('ArrowRight');
  expect(locked()).toEqual([2, null]);
  go('Escape');
  expect(locked()).toEqual([null, null]);
  go('ArrowLeft');
  expect(locked()).toEqual([2, null]);
  const first = made.shownFeature();
  go('ArrowDown');
  expect(made.view.store.getState().feature).not.toBe(first);
  go('ArrowUp');
  expect(made.view.store.getState().feature).toBe(first);
});

test('s steers what is shown, sheets open by their keys', async () => {
  const made = await bench();
  const shown = made.shownFeature();
  commandOf(press('s'), 'page')!(made);
  expect(made.steering.store.getState().rows[0]).toMatchObject({ layer: 3, feature: shown, weight: 1 });
  for (const [key, shiftKey, sheet] of [
    ['/', false, 'search'],
    ['?', true, 'keys'],
    ['n', false, 'notebook'],
  ] as const) {
    commandOf(press(key, { shiftKey }), 'page')!(made);
    expect(made.view.store.getState().sheet).toBe(sheet);
  }
});

test('a field keeps what is typed into it; the prompt gives up Ctrl-Z, every field Ctrl-Enter', () => {
  for (const key of ['/', 'g', 's', 'n', '?', 'ArrowLeft']) for (const where of ['prompt', 'field'] as const) expect(commandOf(press(key), where)).toBeNull();
  expect(commandOf(press('z', { ctrlKey: true }), 'field')).toBeNull();
  expect(commandOf(press('z', { ctrlKey: true }), 'prompt')).not.toBeNull();
  expect(commandOf(press('Enter', { ctrlKey: true }), 'field')).not.toBeNull();
  expect(commandOf(press('Escape'), 'field')).not.toBeNull();
  expect(commandOf(press('s', { altKey: true }), 'page')).toBeNull();
});

test('every key of the list does something', () => {
  const named: Record<string, ReturnType<typeof press>[]> = {
    '← →': [press('ArrowLeft'), press('ArrowRight')],
    '↑ ↓': [press('ArrowUp'), press('ArrowDown')],
    Esc: [press('Escape')],
    'Ctrl-Enter': [press('Enter', { ctrlKey: true })],
    'Ctrl-Z': [press('z', { ctrlKey: true })],
    'Ctrl-Shift-Z': [press('Z', { ctrlKey: true, shiftKey: true }), press('z', { ctrlKey: true, shiftKey: true })],
  };
  for (const { keys } of KEYS) for (const event of named[keys] ?? [press(keys)]) expect(commandOf(event, 'page'), keys).not.toBeNull();
});
