import { type RefObject, useLayoutEffect, useMemo, useState } from 'react';
import type { Chip } from '../../state/reading/chips';
import { type Block, blocksOf, chipWidth } from './chip-blocks';

/** Share of the type size that a drawn sign is wide, the type size of a sign's number, and what stands left and right of
 *  a block's text; as in the style sheet. */
const SIGN = 0.8;
const CODE = 12;
const PADDING = 8;
const NONE: Block[] = [];

/** The chips in blocks that fit the list's width. None before that is known, which is before anything is drawn. */
export function useBlocks(chips: readonly Chip[], list: RefObject<HTMLElement | null>): Block[] {
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
    if (!context) return [{ chips: [...chips], lines: 0 }];
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
    return blocksOf(chips, widthOf, width - PADDING);
  }, [chips, width, list]);
}
