import { score as two } from '../../lens/maths/figures';
import type { Chip } from '../../state/reading/chips';
import { type Confidence, confidenceOf, confidenceTitle } from '../../state/words/confidence';
import { bestSample, isToken } from '../../state/words/record';
import type { VerbalState } from '../../state/words/state';

/** What is drawn under a chip that has its words. */
interface WordsMark {
  level: Confidence | 'unscored';
  says: string;
}

/** Marks by the position that was put into words; only what is done has one. */
export function wordsMarks(entries: VerbalState['entries']): ReadonlyMap<number, WordsMark> {
  const marks = new Map<number, WordsMark>();
  for (const { record, state } of entries.values()) {
    if (state !== 'done' || !isToken(record.target)) continue;
    const { score } = record.samples[bestSample(record.samples)]!;
    const level = confidenceOf(score);
    const says = level ? `words ${confidenceTitle[level]}, FVE ${two(score!.fve)}` : 'words, fidelity unknown';
    marks.set(record.target.position, { level: level ?? 'unscored', says });
  }
  return marks;
}

/** Returns the same marks as before if nothing about them is new, so that streaming does not draw the chips again. */
export function createWordsMarks(): typeof wordsMarks {
  let last: { text: string; marks: ReadonlyMap<number, WordsMark> } | null = null;
  return (entries) => {
    const marks = wordsMarks(entries);
    const text = JSON.stringify([...marks]);
    if (last?.text !== text) last = { text, marks };
    return last.marks;
  };
}

export function markOf(
  marks: ReadonlyMap<number, WordsMark>,
  { from, to }: Pick<Chip, 'from' | 'to'>,
): WordsMark | null {
  for (let position = to; position >= from; position--) {
    const mark = marks.get(position);
    if (mark) return mark;
  }
  return null;
}
