import type { EditReport } from '../../lens/api/edit';
import { figure, percent } from '../../lens/maths/figures';
import type { Sinks } from '../../state/reading/sinks';
import { promptChange } from '../../state/steering/measure';

/** What an edit did over the prompt, whose sinks at its site are given. `waits`: the feature that its gate reads, and its
 *  largest value on the prompt where nothing is edited. */
export function promptSays(report: EditReport, sinks: Sinks, waits: { name: string; largest: number } | null): string {
  const { acted, of, change, share } = promptChange(report, sinks);
  const open = report.open?.reduce((sum, one) => sum + one, 0);
  const gate = open === undefined ? '' : `, gate open at ${open}`;
  const why = open === 0 && waits ? `: ${largestSays(waits)}` : '';
  const size = acted ? `, change ${figure(change)} = ${percent(share)} of the residual norm there` : '';
  return `Prompt: ${acted} of ${of} tokens${gate}${why}${size}.`;
}

const largestSays = ({ name, largest }: { name: string; largest: number }): string =>
  largest > 0 ? `without edits, ${name} is at most ${figure(largest)}` : `without edits, ${name} is not active`;

/** What was done while a text was generated, of which only the count of all edits is kept. */
export const generatedSays = ({ acted, of }: { acted: number; of: number }, edits: number): string =>
  `Generated: ${edits > 1 ? 'an edit acted on ' : ''}${acted} of ${of}.`;
