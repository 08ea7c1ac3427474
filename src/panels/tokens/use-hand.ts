import { type ClipboardEvent, type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useMemo } from 'react';
import type { View } from '../../state/base/view';
import type { Chip } from '../../state/reading/chips';
import { selectChips } from '../../state/reading/selection';
import type { Reading } from '../../state/reading/trace';
import type { Part } from '../../state/reading/turns';
import { useBench } from '../use-workbench';
import type { ChipMarks } from './chip-marks';
import { copied } from './copied';
import { createDrag } from './drag';
import { verticalNeighbour } from './neighbour';

type List = RefObject<HTMLDivElement | null>;
type Marks = RefObject<ChipMarks | null>;

/** What pointer, keys and clipboard do to the list. */
export function useHand(reading: Reading, parts: readonly Part[] | null, list: List, marks: Marks) {
  const { view } = useBench();
  useCopied(reading, list, marks);
  const pointer = usePointer(view, parts, list, marks);
  return {
    ...pointer,
    onKeyDown: (event: KeyboardEvent) => {
      const at = marks.current!.selection.indexOf(positionOf(event.target));
      if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      const { chips } = reading;
      const next = neighbour(event.key, at, chips.length, marks.current!);
      if (next !== null) go(view, marks.current!, chips[at]!, chips[next], event.shiftKey);
      else if (event.key === 'Enter' || event.key === ' ') view.toggleLock(chips[at]!.from);
      else return;
      event.preventDefault();
    },
    /** What is copied is the text itself: signs drawn in place of white space, and the lanes, are no part of it. */
    onCopy: (event: ClipboardEvent) => {
      const selection = getSelection();
      if (!selection || selection.isCollapsed) return;
      const chosen = [...list.current!.querySelectorAll('[data-from]')].map((chip) =>
        selection.containsNode(chip, true),
      );
      if (!chosen.includes(true)) return;
      event.clipboardData.setData('text/plain', copied(reading, chosen.indexOf(true), chosen.lastIndexOf(true)));
      event.preventDefault();
    },
    onFocus: (event: { target: EventTarget }) => view.hover(positionOf(event.target)),
    onBlur: () => view.hover(null),
  };
}

/** Copies the selected tokens. If no text is selected, browsers send `copy` to the body, not to the focused element. A
 *  drag selects tokens, not letters. */
function useCopied(reading: Reading, list: List, marks: Marks): void {
  useEffect(() => {
    const copy = (event: globalThis.ClipboardEvent) => {
      if (getSelection()?.isCollapsed === false || !list.current!.contains(document.activeElement)) return;
      const { from, to } = marks.current!.selection.range();
      if (from > to) return;
      event.clipboardData?.setData('text/plain', copied(reading, from, to));
      event.preventDefault();
    };
    const select = (event: Event) => event.preventDefault();
    const element = list.current!;
    document.addEventListener('copy', copy);
    element.addEventListener('selectstart', select);
    return () => {
      document.removeEventListener('copy', copy);
      element.removeEventListener('selectstart', select);
    };
  }, [reading, list, marks]);
}

function usePointer(view: View, parts: readonly Part[] | null, list: List, marks: Marks) {
  const drag = useMemo(() => createDrag(view), [view]);
  return {
    // With Shift a click selects tokens: no letters up to there.
    onMouseDown: (event: { target: EventTarget; shiftKey: boolean; preventDefault: () => void }) => {
      const position = positionOf(event.target);
      if (!event.shiftKey || position === null) return;
      event.preventDefault();
      marks.current!.element(marks.current!.selection.indexOf(position))?.focus({ preventScroll: true });
    },
    // A finger scrolls.
    onPointerDown: (event: PointerEvent) =>
      drag.down(event.button === 0 && event.pointerType !== 'touch' ? positionOf(event.target) : null),
    onPointerOver: (event: PointerEvent) => {
      if (!(event.buttons & 1)) view.hover(positionOf(event.target));
    },
    onPointerMove: (event: PointerEvent) => {
      if (!(event.buttons & 1)) return;
      const position = positionOf(document.elementFromPoint(event.clientX, event.clientY));
      if (!drag.move(position)) return;
      view.hover(position);
      list.current!.setPointerCapture(event.pointerId);
    },
    onPointerUp: () => drag.up(),
    onPointerCancel: () => drag.up(),
    onPointerLeave: () => view.hover(null),
    onClick: (event: { target: EventTarget; shiftKey: boolean }) => {
      const head = (event.target as Element).closest<HTMLElement>('[data-part]')?.dataset.part;
      const part = head === undefined ? undefined : parts?.[Number(head)];
      if (part) selectChips(view, part.chips);
      else drag.click(positionOf(event.target), event.shiftKey);
    },
  };
}

/** First position of the chip that an event came from, or that lies under the pointer; null: none. */
function positionOf(target: EventTarget | null): number | null {
  const from = (target as Element | null)?.closest<HTMLElement>('.chips [data-from]')?.dataset.from;
  return from === undefined ? null : Number(from);
}

/** Index of the chip that a key goes to from the `at`-th of `count`; null: the key goes nowhere. */
function neighbour(key: string, at: number, count: number, marks: ChipMarks): number | null {
  switch (key) {
    case 'ArrowLeft':
      return at - 1;
    case 'ArrowRight':
      return at + 1;
    case 'ArrowUp':
      return verticalNeighbour(marks.boxes, at, -1);
    case 'ArrowDown':
      return verticalNeighbour(marks.boxes, at, 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

/** Moves the focus. If a token is locked, or with Shift, the lock moves along. */
function go(view: View, marks: ChipMarks, from: Chip, to: Chip | undefined, extend: boolean): void {
  if (!to) return;
  const { locked } = view.store.getState();
  if (extend && locked === null) view.select(from.from, false);
  if (extend || locked !== null) view.select(to.from, extend);
  view.hover(to.from);
  marks.element(marks.selection.indexOf(to.from))?.focus();
}
