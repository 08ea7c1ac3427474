import { useMemo } from 'react';
import { scopesOf, withOwn } from '../../state/reading/scopes';
import { selectChips, selectionOf } from '../../state/reading/selection';
import { sentenceAt } from '../../state/reading/sentence';
import type { Reading } from '../../state/reading/trace';
import { partsOf } from '../../state/reading/turns';
import { useBench, useView } from '../use-workbench';

/** What lists, read-out and ranks are over: what is selected, the sentence or the turn around it, a part of the
 *  conversation, or all. Of a plain text only where a token is locked. */
export function ScopeSelect({ reading }: { reading: Reading }) {
  const bench = useBench();
  const locked = useView((s) => s.locked);
  const anchor = useView((s) => s.anchor);
  const scope = useView((s) => s.scope);
  const parts = useMemo(() => partsOf(reading.chips), [reading]);
  const scopes = useMemo(() => (parts ? withOwn(scopesOf(parts), scope) : []), [parts, scope]);
  const span = selectionOf(reading, { locked, anchor });
  if (!parts && !span) return null;
  const choose = (value: string) => {
    const at = reading.chips.findIndex((chip) => locked !== null && chip.from <= locked && locked <= chip.to);
    if (value === 'own:sentence') selectChips(bench.view, sentenceAt(reading.chips, at));
    else if (value === 'own:turn') {
      const turn = reading.chips[at]?.span?.turn;
      selectChips(
        bench.view,
        reading.chips.filter(({ span: own }) => own?.turn === turn),
      );
    } else bench.view.set({ scope: value === 'all' ? null : value, locked: null, anchor: null, generated: null });
  };
  return (
    <select
      className="scope"
      aria-label="Tokens that the list is over"
      data-testid="scope"
      value={span ? 'own:selected' : (scope ?? 'all')}
      onChange={(event) => choose(event.target.value)}
    >
      {span && (
        <>
          <option value="own:selected">{anchor === null ? 'locked token' : 'selected tokens'}</option>
          <option value="own:sentence">its sentence</option>
          {parts && <option value="own:turn">its turn</option>}
        </>
      )}
      <option value="all">{parts ? 'whole conversation' : 'whole text'}</option>
      {scopes.map(({ where, says }) => (
        <option key={where} value={where}>
          {says}
        </option>
      ))}
    </select>
  );
}
