import { useEffect } from 'react';
import { stepFeature, stepToken } from '../state/step';
import type { Workbench } from '../state/workbench';

/** What the sheet of keys says, in its order. */
export const KEYS: readonly { keys: string; does: string }[] = [
  { keys: '/', does: 'Search features by label, token or id' },
  { keys: 'g', does: 'Go to a feature of this site by its id' },
  { keys: '← →', does: 'Lock the token before or after; with Shift, select' },
  { keys: '↑ ↓', does: 'Choose the feature above or below in the list' },
  { keys: 's', does: 'Steer the chosen feature' },
  { keys: 'Esc', does: 'Unlock the token, close a sheet' },
  { keys: 'Ctrl-Enter', does: 'Generate' },
  { keys: 'Ctrl-Z', does: 'Take back the last change of text or edits' },
  { keys: 'Ctrl-Shift-Z', does: 'Do it again' },
  { keys: 'n', does: 'Open the notebook' },
  { keys: '?', does: 'Show this list' },
];

/** Where a key writes or moves something by itself. */
const WRITES = 'input, textarea, select, [contenteditable="true"]';

type Command = (bench: Workbench) => void;

const goTo: Command = (bench) => {
  bench.view.set({ tab: 'features', list: 'active' });
  // The card may be drawn by this very change.
  requestAnimationFrame(() => document.querySelector<HTMLInputElement>('[data-testid="go-to"]')?.select());
};

const steer: Command = (bench) => {
  const { site } = bench.view.store.getState();
  const feature = bench.shownFeature();
  if (site !== null && feature !== null) bench.steer(site, feature);
};

const PLAIN: Record<string, Command> = {
  '/': (bench) => bench.view.set({ sheet: 'search' }),
  '?': (bench) => bench.view.set({ sheet: 'keys' }),
  n: (bench) => bench.view.set({ sheet: 'notebook' }),
  g: goTo,
  s: steer,
  ArrowLeft: (bench) => stepToken(bench, -1),
  ArrowRight: (bench) => stepToken(bench, 1),
  ArrowUp: (bench) => stepFeature(bench, -1),
  ArrowDown: (bench) => stepFeature(bench, 1),
  Escape: (bench) => {
    bench.view.unlock();
    bench.view.hover(null);
  },
};

const SHIFTED: Record<string, Command> = {
  '?': PLAIN['?']!,
  '/': PLAIN['/']!,
  ArrowLeft: (bench) => stepToken(bench, -1, true),
  ArrowRight: (bench) => stepToken(bench, 1, true),
};

const CONTROL: Record<string, Command> = {
  Enter: (bench) => void bench.generate(),
  z: (bench) => bench.undo(),
  y: (bench) => bench.redo(),
};
const CONTROL_SHIFTED: Record<string, Command> = { z: CONTROL.y! };

/** What a key does here, or null: a field that is written in keeps its keys, but for the prompt's Ctrl-Z, whose text the page sets too. */
export function commandOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
  where: 'page' | 'prompt' | 'field',
): Command | null {
  if (event.altKey) return null;
  if (event.ctrlKey || event.metaKey) {
    if (where === 'field' && event.key !== 'Enter') return null;
    // Whether Shift makes the letter a capital depends on the system, and so does Caps Lock.
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    return (event.shiftKey ? CONTROL_SHIFTED : CONTROL)[key] ?? null;
  }
  if (event.key === 'Escape') return PLAIN.Escape!;
  if (where !== 'page') return null;
  return (event.shiftKey ? SHIFTED : PLAIN)[event.key] ?? null;
}

/** The page's keys. What a panel has dealt with itself, and what is typed into a sheet, is left alone. */
export function useKeys(bench: Workbench): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
      const at = event.target instanceof Element ? event.target.closest<HTMLElement>(WRITES) : null;
      const where = !at ? 'page' : at.dataset.testid === 'prompt' ? 'prompt' : 'field';
      const command = commandOf(event, where);
      if (!command) return;
      if (event.key !== 'Escape') event.preventDefault();
      command(bench);
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [bench]);
}
