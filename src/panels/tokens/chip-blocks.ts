import type { Chip } from '../../state/reading/chips';
import { codeOf, type Piece, piecesOf } from '../../ui/token-pieces';

/** Texts up to this many chips are one block: there is nothing to gain. */
export const WHOLE = 200;
/** Chips of a block, at least; it ends with the line that this many end in. */
const BLOCK = 48;
/** As in the style sheet. */
const NARROWEST = 6;
const TROUGH = 1;
const FRAME = 2;
/** Browsers lay out in parts of a pixel, and round each piece of text up to one. */
const PART = 1 / 64;
/** What else rounding may add up to over a line. */
const SLACK = 0.05;

/** Widths of plain text, of a sign's number (its type is smaller), and of a drawn sign. */
interface Measure {
  text: (text: string) => number;
  code: (text: string) => number;
  sign: number;
}

/** Width of a chip whose text is drawn by `TokenText`. */
export function chipWidth(text: string, measure: Measure): number {
  const width = (piece: Piece): number => {
    if (piece.kind === 'newline' || piece.kind === 'tab') return measure.sign;
    if (piece.kind === 'blank') return measure.text(piece.text) + 2 * TROUGH;
    return piece.kind === 'control' ? measure.code(codeOf(piece.text)) + 2 * FRAME : measure.text(piece.text);
  };
  const pieces = text === '' ? [{ kind: 'text', text: '∅' } as const] : piecesOf(text);
  return Math.max(
    NARROWEST,
    pieces.reduce((sum, piece) => sum + Math.ceil(width(piece) / PART) * PART, 0),
  );
}

export interface Block {
  chips: Chip[];
  /** Lines that it takes up. */
  lines: number;
}

/** Cuts a long text where lines end anyway, so that no one sees the cuts. The browser can then leave blocks far from
 *  sight out of layout, paint and hit tests. `long`: cut even so; a part of a long text may be short. */
export function blocksOf(
  chips: readonly Chip[],
  widthOf: (chip: Chip) => number,
  line: number,
  long = chips.length > WHOLE,
): Block[] {
  if (!long) return [{ chips: [...chips], lines: 0 }];
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
