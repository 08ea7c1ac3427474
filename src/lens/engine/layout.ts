import type { ChatSpan, Message } from '../api/chat';
import type { Frame } from './frame';
import { findRegions, type TryRender } from './marks';
import { segmentsOf } from './segments';

/** A stretch of a rendered conversation; all of them, joined, are its text. */
export interface Piece {
  text: string;
  span: ChatSpan;
}

export interface LayoutOptions {
  /** The conversation as the template writes it. */
  text: string;
  /** The same without the place where the assistant begins; null if the text has none, or the template refuses. */
  bare: string | null;
  messages: readonly Message[];
  /** Renders other messages in the same way. */
  render: TryRender;
  frame: Frame;
  /** Whether the tokenizer has the tags around thinking. */
  tagged: boolean;
}

/** Cuts a rendered conversation into what was said and what the template wrote, turn by turn. Where the template's part
 *  between two turns cannot be divided, it belongs to the turn that it leads to. */
export function layOut({ text, bare, messages, render, frame, tagged }: LayoutOptions): Piece[] {
  const segments = segmentsOf(messages, { tagged, opened: frame.opensThought });
  const said = bare !== null && text.startsWith(bare) ? bare.length : text.length;
  const regions = findRegions({ plain: text, said, messages, segments, render });
  const pieces: Piece[] = [];
  const add = (piece: string, turn: number | null, section: ChatSpan['section'] = 'template') => {
    const role = turn === null ? null : (messages[turn]?.role ?? 'assistant');
    if (piece !== '') pieces.push({ text: piece, span: { role, turn, section } });
  };
  let at = 0;
  let last: number | null = null;
  for (const { segment, begin, end } of regions) {
    const { turn, section } = segment;
    const gap = text.slice(at, begin);
    const cut = last === null ? openingIn(gap, turn) : last === turn ? 0 : footerIn(gap, last);
    add(gap.slice(0, cut), last);
    add(gap.slice(cut), turn);
    add(text.slice(begin, end), turn, section);
    at = end;
    last = turn;
  }
  const rest = text.slice(at);
  // Where the assistant begins.
  const end = bare === null ? rest.length : text.startsWith(bare) ? Math.max(0, bare.length - at) : 0;
  add(rest.slice(0, end), last);
  add(rest.slice(end), messages.length);
  return pieces;

  /** How far the text before the first turn goes that belongs to none. */
  function openingIn(gap: string, turn: number): number {
    const { role } = messages[turn]!;
    const header = role === 'system' ? null : frame.headers[role];
    if (header !== null && gap.endsWith(header)) return gap.length - header.length;
    return gap.startsWith(frame.opening) ? frame.opening.length : 0;
  }

  /** How far a turn goes on behind its content. */
  function footerIn(gap: string, turn: number): number {
    const footer = frame.footers[messages[turn]!.role];
    return footer !== null && gap.startsWith(footer) ? footer.length : 0;
  }
}
