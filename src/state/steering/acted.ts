import type { EditReport } from '../../lens/api/edit';
import type { GeneratedRow } from '../../lens/api/generate';
import type { GenerationPlan } from './run';

/** What an edit did at a token: it acted, or its gate was open and it acts elsewhere. */
export type Mark = 'acted' | 'open';

/** An edit's marks over the prompt, [T]; null where there is nothing to tell apart: it acted on every token, or there is
 *  no report of these tokens. */
export function promptMarks(report: EditReport | null | undefined, count: number): (Mark | null)[] | null {
  if (!report || report.acted.length !== count) return null;
  const marks = Array.from(report.acted, (acted, t): Mark | null =>
    acted ? 'acted' : report.open?.[t] ? 'open' : null,
  );
  return marks.every((mark) => mark === 'acted') ? null : marks;
}

/** Whether a run's edits may act on some of the generated tokens and not on others. */
export const actsOnSome = (plan: GenerationPlan | null): boolean =>
  plan?.edits.some(
    ({ where = 'all', when, mode, on }) =>
      when !== undefined || (where !== 'all' && where !== 'generated') || (mode !== 'add' && on !== 'everywhere'),
  ) ?? false;

/** What edits did at the i-th generated token. The row after it knows, since the model reads a token one step later;
 *  null where the token was not read. */
export function generatedMark(
  rows: readonly Pick<GeneratedRow, 'acted' | 'gates'>[],
  i: number,
): { edits: number; open: boolean } | null {
  const row = rows[i + 1];
  return row ? { edits: row.acted, open: row.gates?.includes(true) ?? false } : null;
}

/** The same as the mark that is drawn. */
export function drawnMark(mark: ReturnType<typeof generatedMark>): Mark | null {
  if (!mark) return null;
  return mark.edits > 0 ? 'acted' : mark.open ? 'open' : null;
}
