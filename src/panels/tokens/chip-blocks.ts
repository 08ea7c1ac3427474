import type { Chip } from '../../state/reading/chips';
import { type Piece, piecesOf } from '../../ui/token-pieces';

/** Texts up to this many chips are one block: there is nothing to gain. */
export const WHOLE = 200;
/** Chips of a block, at least; it ends with the line that this many end in. */
const BLOCK = 48;
/** As in the style sheet. */
const NARROWEST = 6;
/** What rounding may add up to over a line. */
const SLACK = 1;

/** Width of a chip whose text is drawn by `TokenText`; `measure` gives that of plain text, `sign` is the width of a
 *  drawn sign. */
export function chipWidth(text: string, measure: (text: string) => number, sign: number): number {
  const width = (piece: Piece): number => {
    if (piece.kind === 'newline' || piece.kind === 'tab') return sign;
    return measure(piece.kind === 'control' ? 'U+0000' : piece.text);
  };
  const pieces = text === '' ? [{ kind: 'text', text: '∅' } as const] : piecesOf(text);
  return Math.max(
    NARROWEST,
    pieces.reduce((sum, piece) => sum + width(piece), 0),
  );
}

export interface Block {
  chips: Chip[];
  /** Lines that it takes up. */
  lines: number;
}

/** Cuts a long text where lines end anyway, so that no one sees the cuts. The browser can then leave blocks far from
 *  sight out of layout, paint and hit tests. */
export function blocksOf(chips: readonly Chip[], widthOf: (chip: Chip) => number, line: number): Block[] {
  if (chips.length <= WHOLE) return [{ chips: [...chips], lines: 0 }];
  const blocks: Block[] = [];
  let block: Block = { chips: [], lines: 1 };
  let x = 0;
  for (const chip of chips) {
    const width = widthOf(chip);
    if (x > 0 && x + width > line - SLACK) {
      x = 0;
      if (block.chips.length >= BLOCK) {
        blocks.push(block);
        block = { chips: [], lines: 1 };
      } else block.lines++;
    }
    block.chips.push(chip);
    x += width;
  }
  blocks.push(block);
  return blocks;
}
