import { type RefObject, useLayoutEffect, useMemo, useState } from 'react';
import type { Chip } from '../../state/reading/chips';
import type { Part } from '../../state/reading/turns';
import { type Block, blocksOf, chipWidth, WHOLE } from './chip-blocks';

/** Share of the type size that a drawn sign is wide, the type size of a sign's number, and what stands left and right of
 *  a block's text; as in the style sheet. */
const SIGN = 0.8;
const CODE = 12;
const PADDING = 8;
const NONE: Passage[] = [];

/** The blocks of a part of a conversation, or of a whole plain text. */
export interface Passage {
  part: Part | null;
  blocks: Block[];
}

/** The chips in blocks that fit the list's width. None before that is known, which is before anything is drawn. */
export function useBlocks(
  chips: readonly Chip[],
  parts: readonly Part[] | null,
  list: RefObject<HTMLElement | null>,
): Passage[] {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = list.current!;
    const measure = () => setWidth(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [list]);
  return useMemo(() => {
    if (!width) return NONE;
    const style = getComputedStyle(list.current!);
    const context = document.createElement('canvas').getContext('2d');
    const whole = [{ part: null, chips: [...chips] }];
    const passages = parts ? parts.map((part) => ({ part, chips: part.chips })) : whole;
    if (!context) return passages.map(({ part, chips: own }) => ({ part, blocks: [{ chips: own, lines: 0 }] }));
    // Not `style.font`: that is empty where a part of it, such as tabular figures, cannot be written in one.
    context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const size = Number.parseFloat(style.fontSize);
    const measure = {
      text: (part: string) => context.measureText(part).width,
      code: (part: string) => (context.measureText(part).width * CODE) / size,
      sign: SIGN * size,
    };
    const known = new Map<string, number>();
    const widthOf = ({ text }: Chip): number => {
      const before = known.get(text);
      if (before !== undefined) return before;
      const now = chipWidth(text, measure);
      known.set(text, now);
      return now;
    };
    // The head of a part stands beside its lines, or where there is no room for that at the beginning of the first.
    const room = (name: string) => (parts ? Number.parseFloat(style.getPropertyValue(name)) || 0 : 0);
    const beside = room('--gutter');
    const head = { x: room('--head') - beside, long: chips.length > WHOLE };
    return passages.map(({ part, chips: own }) => ({
      part,
      blocks: blocksOf(own, widthOf, width - PADDING - beside, head),
    }));
  }, [chips, parts, width, list]);
}
