import {
  type ClipboardEvent,
  type KeyboardEvent,
  memo,
  type PointerEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { shade } from '../../state/base/shade';
import type { Chip } from '../../state/reading/chips';
import type { Scale } from '../../state/reading/select';
import type { Reading } from '../../state/reading/trace';
import { TokenText } from '../../ui/TokenText';
import { spoken } from '../../ui/token-pieces';
import { useBench, usePart, useView } from '../bench';
import { countRender } from '../render-count';
import { createWordsMarks, markOf } from '../words/chip-words';
import { type Block, WHOLE } from './chip-blocks';
import { chipFill, chipValue, colourSays, countsFirst, positionSays } from './chip-fill';
import { ChipMarks } from './chip-marks';
import { copied } from './copied';
import { createDrag } from './drag';
import { verticalNeighbour } from './neighbour';
import { useBlocks } from './use-blocks';

/** A feature that stays on show under the text, whichever colours it. */
export interface Pin {
  name: string;
  /** Activation per token, and the end of its scale. */
  values: ArrayLike<number>;
  end: number;
}

/** Lanes for pinned features under the two that are always there. */
export const MOST_LANES = 3;
const NO_PINS: readonly Pin[] = [];

interface Props {
  reading: Reading;
  scale: Scale;
  /** Name of the feature that colours; null: none is chosen. */
  feature: string | null;
  fvu: Float32Array;
  vocabulary: number;
  pins?: readonly Pin[];
}

/** The text as chips: one tab stop, arrows move, Enter or a click locks, Shift or a drag selects, Esc unlocks. Under
 *  each chip the lanes: surprisal, FVU, pinned features. React draws the text; all else is written to the elements by
 *  `ChipMarks`. */
export const Chips = memo(function Chips({ reading, scale, feature, fvu, vocabulary, pins = NO_PINS }: Props) {
  countRender('chips');
  const list = useRef<HTMLDivElement>(null);
  const marks = useRef<ChipMarks>(null);
  const colour = useView((s) => s.colour);
  const { surprisal } = reading;
  const blocks = useBlocks(reading.chips, list);
  // Other blocks are other elements, and all that is written to them is written again.
  const chips = useMemo(() => blocks.flatMap((block) => block.chips), [blocks]);
  const first = useView((s) => countsFirst(s, reading.count));
  const lanes = useMemo(() => pins.slice(0, MOST_LANES), [pins]);
  const [wordsMarks] = useState(createWordsMarks);
  const words = usePart(useBench().verbal.store, (s) => wordsMarks(s.entries));

  useLayoutEffect(() => {
    const mine = new ChipMarks(list.current!, chips);
    marks.current = mine;
    return () => mine.dispose();
  }, [chips]);
  useLayoutEffect(() => {
    const most = Math.log(vocabulary);
    marks.current!.paint({
      colour,
      fill: (i) => chipFill(chips[i]!, scale, first),
      label: (i) => {
        const value = colourSays(colour, feature, chipValue(chips[i]!, scale.values));
        const said = markOf(words, chips[i]!)?.says;
        return `${spoken(chips[i]!.text)}, position ${positionSays(chips[i]!)}${value ? `, ${value}` : ''}${said ? `, ${said}` : ''}`;
      },
      lanes: (i) => [
        shade(chipValue(chips[i]!, surprisal), most),
        shade(chipValue(chips[i]!, fvu), 1),
        ...lanes.map(({ values, end }) => chipFill(chips[i]!, { values, end }, first)),
      ],
      muted: (i) => chips[i]!.special || (chips[i]!.from === 0 && !first),
      words: (i) => markOf(words, chips[i]!),
    });
  }, [chips, scale, first, colour, feature, surprisal, fvu, vocabulary, lanes, words]);
  useShown(marks, chips);

  const hand = useHand(reading, list, marks);
  return (
    <div
      ref={list}
      className="chips mono"
      role="listbox"
      aria-label="Tokens"
      aria-orientation="horizontal"
      aria-multiselectable="true"
      data-pins={lanes.length}
      data-long={reading.chips.length > WHOLE}
      tabIndex={-1}
      {...hand}
    >
      {blocks.map((block) => (
        <ChipBlock key={block.chips[0]?.from} block={block} />
      ))}
    </div>
  );
});

/** Lock, selection and pointer, kept as the view has them; a token that is locked is brought into sight. */
function useShown(marks: RefObject<ChipMarks | null>, chips: readonly Chip[]): void {
  const { store } = useBench().view;
  // biome-ignore lint/correctness/useExhaustiveDependencies: other chips have other marks
  useLayoutEffect(() => {
    marks.current!.selection.show(store.getState());
    return store.subscribe((now, before) => {
      marks.current!.selection.show(now);
      if (now.locked !== before.locked) reveal(marks.current!, now.locked);
    });
  }, [marks, store, chips]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other chips have other marks
  useEffect(() => {
    reveal(marks.current!, store.getState().locked);
  }, [marks, store, chips]);
}

function reveal(marks: ChipMarks, position: number | null): void {
  marks.element(marks.selection.indexOf(position))?.scrollIntoView({ block: 'nearest' });
}

/** What pointer, keys and clipboard do to the list. */
function useHand(reading: Reading, list: RefObject<HTMLDivElement | null>, marks: RefObject<ChipMarks | null>) {
  const { view } = useBench();
  const drag = useMemo(() => createDrag(view), [view]);
  const { chips } = reading;

  useEffect(() => {
    // Where nothing is selected as text, browsers send `copy` to the body and not to what has the focus.
    const copy = (event: globalThis.ClipboardEvent) => {
      if (getSelection()?.isCollapsed === false || !list.current!.contains(document.activeElement)) return;
      const { from, to } = marks.current!.selection.range();
      if (from > to) return;
      event.clipboardData?.setData('text/plain', copied(reading, from, to));
      event.preventDefault();
    };
    // A drag selects tokens, not letters.
    const select = (event: Event) => event.preventDefault();
    const element = list.current!;
    document.addEventListener('copy', copy);
    element.addEventListener('selectstart', select);
    return () => {
      document.removeEventListener('copy', copy);
      element.removeEventListener('selectstart', select);
    };
  }, [reading, list, marks]);

  /** First position of the chip that an event came from, or that lies under the pointer; null: none. */
  const positionOf = (target: EventTarget | null): number | null => {
    const from = (target as Element | null)?.closest<HTMLElement>('.chips [data-from]')?.dataset.from;
    return from === undefined ? null : Number(from);
  };
  const under = ({ clientX, clientY }: PointerEvent) => positionOf(document.elementFromPoint(clientX, clientY));
  const neighbour = (key: string, at: number): number | null => {
    switch (key) {
      case 'ArrowLeft':
        return at - 1;
      case 'ArrowRight':
        return at + 1;
      case 'ArrowUp':
        return verticalNeighbour(marks.current!.boxes, at, -1);
      case 'ArrowDown':
        return verticalNeighbour(marks.current!.boxes, at, 1);
      case 'Home':
        return 0;
      case 'End':
        return chips.length - 1;
      default:
        return null;
    }
  };
  const go = (from: Chip, to: Chip | undefined, extend: boolean) => {
    if (!to) return;
    const { locked } = view.store.getState();
    if (extend && locked === null) view.select(from.from, false);
    if (extend || locked !== null) view.select(to.from, extend);
    view.hover(to.from);
    marks.current!.element(marks.current!.selection.indexOf(to.from))?.focus();
  };
  return {
    onKeyDown: (event: KeyboardEvent) => {
      const at = marks.current!.selection.indexOf(positionOf(event.target));
      if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      const next = neighbour(event.key, at);
      if (next !== null) go(chips[at]!, chips[next], event.shiftKey);
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
      const position = under(event);
      if (!drag.move(position)) return;
      view.hover(position);
      list.current!.setPointerCapture(event.pointerId);
    },
    onPointerUp: () => drag.up(),
    onPointerCancel: () => drag.up(),
    onPointerLeave: () => view.hover(null),
    onClick: (event: { target: EventTarget; shiftKey: boolean }) =>
      drag.click(positionOf(event.target), event.shiftKey),
  };
}

const ChipBlock = memo(function ChipBlock({ block: { chips, lines } }: { block: Block }) {
  return (
    <div className="chip-block" role="presentation" style={{ '--lines': lines } as React.CSSProperties}>
      {chips.map(({ from, text }) => (
        <ChipText key={from} from={from} text={text} />
      ))}
    </div>
  );
});

const ChipText = memo(function ChipText({ from, text }: { from: number; text: string }) {
  countRender('chip');
  return (
    <span
      className="chip"
      role="option"
      aria-selected={false}
      tabIndex={-1}
      data-testid={`chip-${from}`}
      data-from={from}
    >
      <span className="chip-text">
        <TokenText text={text} />
      </span>
      <i className="lanes" />
    </span>
  );
});
