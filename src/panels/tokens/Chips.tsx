import { memo, type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { shade } from '../../state/base/shade';
import type { ViewState } from '../../state/base/view';
import { type Chip, isTemplate } from '../../state/reading/chips';
import { type Counted, counts } from '../../state/reading/positions';
import type { Scale } from '../../state/reading/select';
import { holdsSink } from '../../state/reading/sinks';
import type { Reading } from '../../state/reading/trace';
import { partSays, partsOf } from '../../state/reading/turns';
import { TokenText } from '../../ui/TokenText';
import { spoken } from '../../ui/token-pieces';
import { countRender } from '../render-count';
import { markAt, markSays, useEditMarks } from '../steering/use-edit-marks';
import { useBench } from '../use-workbench';
import { createWordsMarks, markOf } from '../words/chip-words';
import { type Block, WHOLE } from './chip-blocks';
import { chipFill, chipValue, colourSays, positionSays } from './chip-fill';
import { ChipMarks } from './chip-marks';
import { type Passage, useBlocks } from './use-blocks';
import { useHand } from './use-hand';

const NO_LINES: readonly number[] = [];

interface Props {
  reading: Reading;
  colour: ViewState['colour'];
  scale: Scale;
  /** Name of the feature that colours; null: none is chosen. */
  feature: string | null;
  /** What the error is called. */
  error: string;
  /** What takes part in the scale, at the site on show. */
  counted: Counted;
  /** Null: no dictionary is open. */
  fvu: Float32Array | null;
  vocabulary: number;
}

/** The text as chips: one tab stop, arrows move, Enter or a click locks, Shift or a drag selects, Esc unlocks. Where
 *  they are coloured by surprisal or the error, a line of each under every chip. React draws the text; all else is
 *  written to the elements by `ChipMarks`. */
export const Chips = memo(function Chips({ reading, colour, scale, feature, error, counted, fvu, vocabulary }: Props) {
  countRender('chips');
  const list = useRef<HTMLDivElement>(null);
  const marks = useRef<ChipMarks>(null);
  const { surprisal } = reading;
  const parts = useMemo(() => partsOf(reading.chips), [reading]);
  const passages = useBlocks(reading.chips, parts, list);
  // Other blocks are other elements, and all that is written to them is written again.
  const chips = useMemo(() => passages.flatMap(({ blocks }) => blocks.flatMap((block) => block.chips)), [passages]);
  const [wordsMarks] = useState(createWordsMarks);
  const words = useStore(useBench().verbal.store, (s) => wordsMarks(s.entries));

  const edit = useEditMarks(reading.count);

  useLayoutEffect(() => {
    const mine = new ChipMarks(list.current!, chips);
    marks.current = mine;
    return () => mine.dispose();
  }, [chips]);
  useLayoutEffect(() => {
    const most = Math.log(vocabulary);
    marks.current!.paint({
      colour,
      fill: (i) => chipFill(chips[i]!, scale, counted),
      label: (i) => {
        const value = colourSays(colour, feature, error, chipValue(chips[i]!, scale.values));
        const said = markOf(words, chips[i]!)?.says;
        const section = sectionSays(chips[i]!);
        const mark = markAt(edit, chips[i]!);
        const parts = [
          spoken(chips[i]!.text),
          `position ${positionSays(chips[i]!)}`,
          section,
          isMarked(chips[i]!, counted) && 'attention sink',
          value,
          said,
          mark && markSays(mark, edit!.name),
        ];
        return parts.filter(Boolean).join(', ');
      },
      lanes: (i) =>
        colour === 'feature' || !fvu
          ? NO_LINES
          : [shade(chipValue(chips[i]!, surprisal), most), shade(chipValue(chips[i]!, fvu), 1)],
      muted: (i) => chips[i]!.special || isTemplate(chips[i]!) || !counts(chips[i]!, counted),
      sink: (i) => isMarked(chips[i]!, counted),
      edit: (i) => markAt(edit, chips[i]!),
      words: (i) => markOf(words, chips[i]!),
    });
  }, [chips, scale, counted, colour, feature, error, surprisal, fvu, vocabulary, words, edit]);
  useShown(marks, chips);

  const hand = useHand(reading, parts, list, marks);
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
      {passages.map((passage, i) => (
        <ChipPassage
          key={passage.part?.chips[0]?.from ?? 0}
          passage={passage}
          index={i}
          turns={typeof reading.prompt === 'string' ? Number.POSITIVE_INFINITY : reading.prompt.messages.length}
        />
      ))}
    </div>
  );
});

/** Sinks are marked, position 0 is left out by its position alone. */
const isMarked = (chip: Chip, { sinks }: Counted): boolean => chip.from > 0 && holdsSink(chip, sinks);

/** What of a token is not plain content, in a word. */
const sectionSays = ({ span }: Chip): string => (span && span.section !== 'content' ? span.section : '');

interface PassageProps {
  passage: Passage;
  index: number;
  /** Turns that are written. */
  turns: number;
}

/** A part of a conversation on lines of its own, with its number and speaker; a plain text by itself. A click on the
 *  head selects what the speaker wrote; by keyboard the choice over the list does. */
const ChipPassage = memo(function ChipPassage({ passage: { part, blocks }, index, turns }: PassageProps) {
  const drawn = blocks.map((block) => <ChipBlock key={block.chips[0]?.from} block={block} />);
  if (!part) return drawn;
  const { role, turn, section } = part;
  const next = turn !== null && turn >= turns;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of a list's options is no fieldset
    <div
      className={section === 'answer' ? 'chip-part chip-answer' : 'chip-part'}
      role="group"
      aria-label={next ? `next turn, ${role}` : partSays(part)}
    >
      <span
        className={section === 'thinking' ? 'chip-head chip-head-two' : 'chip-head'}
        aria-hidden="true"
        data-part={index}
        title="Click: select what is said here"
      >
        {section !== 'answer' && role !== null && (
          <>
            <span className="chip-turn">{next ? '' : turn}</span> <span>{next ? `next: ${role}` : role}</span>
          </>
        )}
        {section && <span className="chip-section"> {section}</span>}
      </span>
      {drawn}
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
      {chips.map((chip) => (
        <ChipText key={chip.from} from={chip.from} text={chip.text} template={isTemplate(chip)} />
      ))}
    </div>
  );
});

const ChipText = memo(function ChipText(props: { from: number; text: string; template: boolean }) {
  const { from, text, template } = props;
  countRender('chip');
  return (
    <span
      className={template ? 'chip chip-template' : 'chip'}
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
