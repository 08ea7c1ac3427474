import { useEffect } from 'react';
import { SHEET } from '../state/base/view';
import { selectPositions, selectShownFeature } from '../state/page/selectors';
import { stepFeature, stepToken } from '../state/page/step';
import type { Workbench } from '../state/page/workbench';
import { composes } from '../ui/composing';
import { focusTarget } from '../ui/focus-targets';
import { lettersOn } from './letters';
import { PLACES } from './places';

/** What the sheet of keys says, in its order. */
export const KEYS: readonly { keys: string; does: string }[] = [
  { keys: '/', does: 'Search features by label, token or id' },
  { keys: 'g', does: 'Go to a feature of this layer by its id' },
  { keys: '← →', does: 'Lock the token before or after; with Shift, select' },
  { keys: '↑ ↓', does: 'Choose the feature above or below in the list' },
  { keys: 's', does: 'Steer the chosen feature' },
  { keys: 'v', does: 'Verbalize the locked token or the selection; without one, the last token' },
  { keys: 'Esc', does: 'Unlock the token, close what lies over the page, go back to the sheet' },
  { keys: 'Ctrl-Enter', does: 'Generate' },
  { keys: 'Ctrl-Z', does: 'Take back the last change of text or edits' },
  { keys: 'Ctrl-Shift-Z', does: 'Do it again' },
  { keys: 'm', does: 'Choose a model' },
  ...PLACES.map(({ key, does }) => ({ keys: key, does })),
  { keys: '?', does: 'Show this list' },
];

/** Elements that are written in. */
const WRITES =
  'textarea, select, [contenteditable="true"], input:not([type="range"], [type="radio"], [type="checkbox"], [type="file"])';
/** Elements in which arrows move something already. */
const MOVES = 'input[type="range"], input[type="radio"], summary, [role="listbox"]';

/** Does something, or returns false where there is nothing to do it to: the key is then the browser's. */
type Command = (bench: Workbench) => unknown;

const goTo: Command = (bench) => {
  bench.view.set({ tab: 'features', list: 'active' });
  focusTarget('go-to');
};

const steer: Command = (bench) => {
  const { site } = bench.view.store.getState();
  const feature = selectShownFeature(bench.page.getState());
  if (site === null || feature === null) return false;
  bench.view.set({ tab: 'steer' });
  const key = bench.steer(site, feature);
  return key === null ? false : focusTarget(`slider-${key}`);
};

const verbalize: Command = (bench) => {
  if (!bench.engine.store.getState().lens || !selectPositions(bench.page.getState()).length) return false;
  bench.view.set({ tab: 'words', words: 'words' });
  return void bench.verbal.verbalize();
};

/** Keys of every place. */
const EVERYWHERE: Record<string, Command> = {
  '/': (bench) => bench.view.set({ sheet: 'search' }),
  '?': (bench) => bench.view.set({ sheet: 'keys' }),
  m: (bench) => bench.view.set({ sheet: 'models' }),
  ...Object.fromEntries(PLACES.map(({ id, key }) => [key, (bench: Workbench) => bench.go(id)])),
};

const PLAIN: Record<string, Command> = {
  ...EVERYWHERE,
  g: goTo,
  s: steer,
  v: verbalize,
};

const MOVING: Record<string, Command> = {
  ArrowLeft: (bench) => stepToken(bench, -1),
  ArrowRight: (bench) => stepToken(bench, 1),
  ArrowUp: (bench) => stepFeature(bench, -1),
  ArrowDown: (bench) => stepFeature(bench, 1),
};

const SELECTING: Record<string, Command> = {
  ArrowLeft: (bench) => stepToken(bench, -1, true),
  ArrowRight: (bench) => stepToken(bench, 1, true),
};

const CONTROL: Record<string, Command> = {
  Enter: (bench) => void bench.generate(),
  z: (bench) => bench.undo(),
  y: (bench) => bench.redo(),
};
const CONTROL_SHIFTED: Record<string, Command> = { z: CONTROL.y! };

const letGo: Command = (bench) => {
  bench.view.unlock();
  bench.view.hover(null);
};

const toSheet: Command = (bench) => bench.go(SHEET);

/** Where the focus is: in the prompt, in another field that is written in, on something that arrows move, or on none of
 *  these. */
type Where = 'page' | 'mover' | 'prompt' | 'field';

export function whereOf(target: Pick<Element, 'closest'> | null): Where {
  const field = target?.closest<HTMLElement>(WRITES);
  if (field) return field.dataset.testid === 'prompt' || field.dataset.undo === 'page' ? 'prompt' : 'field';
  return target?.closest(MOVES) ? 'mover' : 'page';
}

type Press = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'repeat'>;

/** What a key does here, or null. A text field keeps its keys, except the prompt's Ctrl-Z, since the page sets its text
 *  too. A key held down repeats moving and undo, and nothing else. Without `letters`, single letters and signs do
 *  nothing. Beside the sheet keys change nothing on it, where nobody sees it. */
export function commandOf(event: Press, where: Where, letters = true, onSheet = true): Command | null {
  if (event.altKey) return null;
  // Systems differ in whether Shift and Caps Lock make a letter a capital.
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) {
    if (!onSheet) return null;
    if ((where === 'field' && key !== 'Enter') || (event.repeat && key === 'Enter')) return null;
    return (event.shiftKey ? CONTROL_SHIFTED : CONTROL)[key] ?? null;
  }
  if (key === 'Escape') return onSheet ? letGo : toSheet;
  if (where === 'prompt' || where === 'field') return null;
  const moved = onSheet && where === 'page' ? (event.shiftKey ? SELECTING : MOVING)[key] : undefined;
  return moved ?? (letters && !event.repeat ? ((onSheet ? PLAIN : EVERYWHERE)[key] ?? null) : null);
}

/** Handles the page's keys. Leaves alone what a panel has handled itself, and what is typed into a sheet. */
export function useKeys(bench: Workbench): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const { sheet, place } = bench.view.store.getState();
      if (event.defaultPrevented || composes(event) || sheet) return;
      // A dialog has its own keys; the browser closes it.
      if (document.querySelector('dialog[open]')) return;
      // The browser closes what is unfolded; the token stays locked.
      if (event.key === 'Escape' && document.querySelector(':popover-open')) return;
      const where = whereOf(event.target instanceof Element ? event.target : null);
      const command = commandOf(event, where, lettersOn(), place === SHEET);
      // Esc stops the page's loading too, and leaves full screen: what else it does it goes on to do.
      if (command && command(bench) !== false && event.key !== 'Escape') event.preventDefault();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [bench]);
}
