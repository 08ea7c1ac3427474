import type { Role } from '../../lens/api/chat';
import { type Chip, isTemplate } from './chips';

/** What stands on lines of its own: a turn, or its thinking and its answer. */
export interface Part {
  /** Null before the first message. */
  role: Role | null;
  turn: number | null;
  /** Null in a turn without thinking. */
  section: 'thinking' | 'answer' | null;
  chips: Chip[];
}

/** A conversation's parts in order; null of a plain text. The template's tokens stand with what they follow, those of a
 *  turn's head with what comes first in it. */
export function partsOf(chips: readonly Chip[]): Part[] | null {
  if (!chips[0]?.span) return null;
  const parts: Part[] = [];
  for (const chip of chips) {
    const { role = null, turn = null, section = 'template' } = chip.span ?? {};
    const last = parts.at(-1);
    const another = !last || last.role !== role || last.turn !== turn;
    const thinks = section === 'thinking';
    if (another) parts.push({ role, turn, section: thinks ? 'thinking' : null, chips: [chip] });
    else if (thinks && last.section !== 'thinking') {
      if (last.chips.every(isTemplate)) {
        last.section = 'thinking';
        last.chips.push(chip);
      } else parts.push({ role, turn, section: 'thinking', chips: [chip] });
    } else if (section === 'content' && last.section === 'thinking')
      parts.push({ role, turn, section: 'answer', chips: [chip] });
    else last.chips.push(chip);
  }
  return parts;
}

/** What is said of a part: the number of its turn, who speaks, and whether it is thinking or the answer behind it. */
export function partSays({ role, turn, section }: Pick<Part, 'role' | 'turn' | 'section'>): string {
  const who = role === null ? 'before the first turn' : `turn ${turn}, ${role}`;
  return section === null ? who : `${who}, ${section}`;
}
