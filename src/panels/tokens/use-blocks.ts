import { type RefObject, useLayoutEffect, useMemo, useState } from 'react';
import { type Chip, isTemplate } from '../../state/reading/chips';
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
  const [listWidth, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = list.current!;
    const measure = () => setWidth(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [list]);
  return useMemo(() => {
    if (!listWidth) return NONE;
    const style = getComputedStyle(list.current!);
    const context = document.createElement('canvas').getContext('2d');
    const whole = [{ part: null, chips: [...chips] }];
    const passages = parts ? parts.map((part) => ({ part, chips: part.chips })) : whole;
    if (!context) return passages.map(({ part, chips: own }) => ({ part, blocks: [{ chips: own, lines: 0 }] }));
    const room = (name: string) => (parts ? Number.parseFloat(style.getPropertyValue(name)) || 0 : 0);
    const size = Number.parseFloat(style.fontSize);
    const small = room('--template') || size;
    // Not `style.font`: that is empty where a part of it, such as tabular figures, cannot be written in one.
    const width = (part: string, at: number) => {
      context.font = `${style.fontWeight} ${at}px ${style.fontFamily}`;
      return context.measureText(part).width;
    };
    const measureAt = (at: number) => ({
      text: (part: string) => width(part, at),
      code: (part: string) => width(part, CODE),
      sign: SIGN * at,
    });
    const widths = new Map<string, number>();
    const widthOf = (chip: Chip): number => {
      const at = isTemplate(chip) ? small : size;
      const key = `${at} ${chip.text}`;
      const known = widths.get(key);
      if (known !== undefined) return known;
      const now = chipWidth(chip.text, measureAt(at));
      widths.set(key, now);
      return now;
    };
    // The head of a part stands beside its lines, or where there is no room for that over them.
    const line = listWidth - PADDING - room('--beside');
    const long = chips.length > WHOLE;
    return passages.map(({ part, chips: own }) => ({ part, blocks: blocksOf(own, widthOf, line, long) }));
  }, [chips, parts, listWidth, list]);
}
