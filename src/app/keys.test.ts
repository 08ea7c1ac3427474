import { expect, test } from 'vitest';
import { SHEET } from '../state/base/view';
import { decodeLink, encodeLink } from '../state/page/link-codec';
import { selectShownFeature } from '../state/page/selectors';
import { tracedBench } from '../state/testing/workbench';
import { commandOf, KEYS, whereOf } from './keys';
import { PLACES } from './places';

const press = (key: string, more: Partial<Pick<KeyboardEvent, 'ctrlKey' | 'shiftKey' | 'altKey' | 'repeat'>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  repeat: false,
  ...more,
});

test('arrows go through tokens and features, Shift selects, Esc lets go', async () => {
  const made = await tracedBench();
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
  const first = selectShownFeature(made.page.getState());
  go('ArrowDown');
  expect(made.view.store.getState().feature).not.toBe(first);
  go('ArrowUp');
  expect(made.view.store.getState().feature).toBe(first);
});

test('s steers what is shown, sheets and places open by their keys', async () => {
  const made = await tracedBench();
  const shown = selectShownFeature(made.page.getState());
  commandOf(press('s'), 'page')!(made);
  expect(made.steering.store.getState().rows[0]).toMatchObject({ layer: 3, feature: shown, strength: 10 });
  for (const [key, shiftKey, sheet] of [
    ['/', false, 'search'],
    ['?', true, 'keys'],
  ] as const) {
    commandOf(press(key, { shiftKey }), 'page')!(made);
    expect(made.view.store.getState().sheet).toBe(sheet);
  }
  for (const { id, key } of PLACES) {
    commandOf(press(key), 'page')!(made);
    expect(made.view.store.getState()).toMatchObject({ place: id, sheet: null });
    // The key again leads back, and so does Esc, also from a box.
    commandOf(press(key), 'page', true, false)!(made);
    expect(made.view.store.getState().place).toBe(SHEET);
    commandOf(press(key), 'page')!(made);
    commandOf(press('Escape'), 'field', true, false)!(made);
    expect(made.view.store.getState().place).toBe(SHEET);
  }
});

test('beside the sheet no key changes what stands on it', () => {
  const away = (event: ReturnType<typeof press>) => commandOf(event, 'page', true, false);
  for (const key of ['s', 'v', 'g', 'ArrowLeft', 'ArrowDown']) expect(away(press(key))).toBeNull();
  for (const key of ['z', 'Enter']) expect(away(press(key, { ctrlKey: true }))).toBeNull();
  for (const key of ['/', '?', 'm', 'n', 'l']) expect(away(press(key))).not.toBeNull();
});

test('every place has a name, an id that an address can hold, and a key of its own', () => {
  const keys = KEYS.map(({ keys }) => keys);
  expect(new Set(keys).size).toBe(keys.length);
  for (const { id, name } of PLACES) {
    expect(decodeLink(encodeLink({ place: id }))).toEqual({ place: id });
    expect(name).not.toBe('');
  }
});

test('a field keeps what is typed into it; the prompt gives up Ctrl-Z, every field Ctrl-Enter', () => {
  for (const key of ['/', 'g', 's', 'n', 'l', '?', 'ArrowLeft'])
    for (const where of ['prompt', 'field'] as const) expect(commandOf(press(key), where)).toBeNull();
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
  for (const { keys } of KEYS)
    for (const event of named[keys] ?? [press(keys)]) expect(commandOf(event, 'page'), keys).not.toBeNull();
});

test('what is no text keeps only its arrows: a slider, a radio, a list', () => {
  const at = (matching: string, testid?: string) => ({
    closest: (selector: string) =>
      selector.includes(matching) ? ({ dataset: { testid } } as unknown as HTMLElement) : null,
  });
  expect(whereOf(null)).toBe('page');
  expect(whereOf(at('textarea', 'prompt') as unknown as Element)).toBe('prompt');
  expect(whereOf(at('contenteditable') as unknown as Element)).toBe('field');
  expect(whereOf(at('[role="listbox"]') as unknown as Element)).toBe('mover');
  for (const key of ['ArrowLeft', 'ArrowDown']) expect(commandOf(press(key), 'mover')).toBeNull();
  for (const key of ['/', 's', 'n', '?']) expect(commandOf(press(key), 'mover')).not.toBeNull();
  expect(commandOf(press('z', { ctrlKey: true }), 'mover')).not.toBeNull();
});

test('held down, keys move and take back, and steer or generate once', () => {
  for (const key of ['s', '/', 'g', 'n']) expect(commandOf(press(key, { repeat: true }), 'page')).toBeNull();
  expect(commandOf(press('Enter', { ctrlKey: true, repeat: true }), 'page')).toBeNull();
  expect(commandOf(press('ArrowRight', { repeat: true }), 'page')).not.toBeNull();
  expect(commandOf(press('z', { ctrlKey: true, repeat: true }), 'page')).not.toBeNull();
});

test('letters can be turned off; arrows, Esc and Ctrl stay', () => {
  for (const key of ['s', '/', 'g', 'n', '?']) expect(commandOf(press(key), 'page', false)).toBeNull();
  for (const event of [press('ArrowLeft'), press('Escape'), press('z', { ctrlKey: true })])
    expect(commandOf(event, 'page', false)).not.toBeNull();
});

test('arrows up and down are the browser’s where no such list is on show', async () => {
  const made = await tracedBench();
  made.view.set({ list: 'contrast' });
  const before = selectShownFeature(made.page.getState());
  expect(commandOf(press('ArrowDown'), 'page')!(made)).toBe(false);
  expect(selectShownFeature(made.page.getState())).toBe(before);
});
