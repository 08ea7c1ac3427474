import { memo, type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { shade } from '../../state/base/shade';
import type { Chip } from '../../state/reading/chips';
import type { Scale } from '../../state/reading/select';
import type { Reading } from '../../state/reading/trace';
import { TokenText } from '../../ui/TokenText';
import { spoken } from '../../ui/token-pieces';
import { countRender } from '../render-count';
import { useBench, useView } from '../use-workbench';
import { createWordsMarks, markOf } from '../words/chip-words';
import { type Block, WHOLE } from './chip-blocks';
import { chipFill, chipValue, colourSays, countsFirst, positionSays } from './chip-fill';
import { ChipMarks } from './chip-marks';
import { useBlocks } from './use-blocks';
import { useHand } from './use-hand';

const NO_LINES: readonly number[] = [];

interface Props {
  reading: Reading;
  scale: Scale;
  /** Name of the feature that colours; null: none is chosen. */
  feature: string | null;
  /** What the error is called. */
  error: string;
  fvu: Float32Array;
  vocabulary: number;
}

/** The text as chips: one tab stop, arrows move, Enter or a click locks, Shift or a drag selects, Esc unlocks. Where
 *  they are coloured by surprisal or the error, a line of each under every chip. React draws the text; all else is
 *  written to the elements by `ChipMarks`. */
export const Chips = memo(function Chips({ reading, scale, feature, error, fvu, vocabulary }: Props) {
  countRender('chips');
  const list = useRef<HTMLDivElement>(null);
  const marks = useRef<ChipMarks>(null);
  const colour = useView((s) => s.colour);
  const { surprisal } = reading;
  const blocks = useBlocks(reading.chips, list);
  // Other blocks are other elements, and all that is written to them is written again.
  const chips = useMemo(() => blocks.flatMap((block) => block.chips), [blocks]);
  const first = useView((s) => countsFirst(s, reading.count));
  const [wordsMarks] = useState(createWordsMarks);
  const words = useStore(useBench().verbal.store, (s) => wordsMarks(s.entries));

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
        const value = colourSays(colour, feature, error, chipValue(chips[i]!, scale.values));
        const said = markOf(words, chips[i]!)?.says;
        return `${spoken(chips[i]!.text)}, position ${positionSays(chips[i]!)}${value ? `, ${value}` : ''}${said ? `, ${said}` : ''}`;
      },
      lanes: (i) =>
        colour === 'feature'
          ? NO_LINES
          : [shade(chipValue(chips[i]!, surprisal), most), shade(chipValue(chips[i]!, fvu), 1)],
      muted: (i) => chips[i]!.special || (chips[i]!.from === 0 && !first),
      words: (i) => markOf(words, chips[i]!),
    });
  }, [chips, scale, first, colour, feature, error, surprisal, fvu, vocabulary, words]);
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
