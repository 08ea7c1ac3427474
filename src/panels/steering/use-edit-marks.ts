import { useState } from 'react';
import { useStore } from 'zustand';
import { type Mark, promptMarks } from '../../state/steering/acted';
import { chosenRow, placeInRun } from '../../state/steering/edits';
import { useBench, useView } from '../use-workbench';
import { nameOf } from './edit-words';

/** What the edit in hand did over the prompt, [T]. */
export interface EditMarks {
  name: string;
  at: readonly (Mark | null)[];
}

/** Null where there is nothing to tell apart. The same object until it says something else: a slider that is moved draws
 *  no token again. While an answer is under way the last one stands. */
export function useEditMarks(count: number): EditMarks | null {
  const bench = useBench();
  const key = useView((s) => s.edit);
  const name = useStore(bench.steering.store, (s) => {
    const row = chosenRow(s.rows, key);
    return row && placeInRun(s.rows, row.key) >= 0 ? nameOf(row) : null;
  });
  const place = useStore(bench.steering.store, (s) => placeInRun(s.rows, chosenRow(s.rows, key)?.key ?? -1));
  const [kept] = useState<{ marks: EditMarks | null; says: string }>(() => ({ marks: null, says: 'null' }));
  return useStore(bench.preview.store, (s) => {
    if (s.key === s.answered) {
      const at = name === null ? null : promptMarks(s.value?.edits[place], count);
      const marks = at && { name: name!, at };
      const says = JSON.stringify(marks);
      if (says !== kept.says) Object.assign(kept, { marks, says });
    }
    return kept.marks?.at.length === count && name !== null ? kept.marks : null;
  });
}

/** What is said of a token that a mark stands at. */
export const markSays = (mark: Mark, name: string): string =>
  mark === 'acted' ? `edit ${name} acts here` : `gate of ${name} open`;

/** The same of a generated token, of which only the count of all edits is kept. */
export const generatedMarkSays = (mark: Mark, edits: number): string =>
  mark === 'open' ? 'gate open' : edits > 1 ? 'an edit acted' : 'the edit acted';

/** The mark of a chip: of its tokens', the stronger. */
export function markAt(marks: EditMarks | null, { from, to }: { from: number; to: number }): Mark | null {
  const own = marks?.at.slice(from, to + 1) ?? [];
  return own.find((mark) => mark === 'acted') ?? own.find((mark) => mark !== null) ?? null;
}
