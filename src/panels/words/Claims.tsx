import { useStore } from 'zustand';
import { signed, score as two } from '../../lens/maths/figures';
import { claimsOf } from '../../state/words/claims';
import { selectDraft } from '../../state/words/draft';
import { Failure } from '../../ui/Failure';
import { useBench } from '../use-workbench';
import { worth } from './DraftLine';

/** Every sentence with what it adds to the score: what the score loses without it. A sentence can be left out: the line above says what the rest
 *  is worth. */
export function Claims() {
  const bench = useBench();
  const { drafts } = bench.verbal;
  const live = useStore(bench.engine.store, (s) => s.lens !== null);
  const open = useStore(drafts.store, (s) => s.claims);
  const text = useStore(drafts.store, (s) => selectDraft(s)?.text ?? '');
  const dropped = useStore(drafts.store, (s) => selectDraft(s)?.dropped);
  const { value, key, answered, error } = useStore(drafts.claims.store, (s) => s);
  const claims = claimsOf(text);
  const changes = value?.without.map((score) => worth(value.whole) - worth(score)) ?? [];
  const fits = value !== null && changes.length === claims.length;
  const most = Math.max(0.01, ...changes.map(Math.abs));
  return (
    <details
      className="words-part"
      open={open}
      onToggle={(event) => drafts.open('claims', event.currentTarget.open)}
      data-testid="claims"
    >
      <summary>What each sentence adds</summary>
      {error && <Failure error={error} />}
      <table className={fits && key === answered ? 'claims figures' : 'claims figures stale'}>
        <thead>
          <tr>
            <th scope="col">use</th>
            <td />
            <th
              scope="col"
              colSpan={2}
              title="Score of all, minus the score without the sentence: above 0 the sentence helps"
            >
              adds
            </th>
            <th scope="col" title="Score of the other sentences">
              score without it
            </th>
          </tr>
        </thead>
        <tbody>
          {claims.map((claim, i) => {
            const out = dropped?.has(claim.text) ?? false;
            const change = fits ? changes[i]! : null;
            return (
              <tr key={claim.from} className={out ? 'claim-dropped' : undefined}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Use: ${claim.text}`}
                    checked={!out}
                    disabled={!live}
                    onChange={(event) => drafts.drop(claim.text, !event.target.checked)}
                  />
                </td>
                <th scope="row" title={claim.text}>
                  {claim.text}
                </th>
                <td className="claim-bar">
                  <Bar change={change} most={most} />
                </td>
                <td>{change === null ? '' : signed(change, 2)}</td>
                <td>{fits ? two(worth(value.without[i]!)) : ''}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </details>
  );
}

/** A change on a zero rule in the middle. */
function Bar({ change, most }: { change: number | null; most: number }) {
  const width = change === null ? 0 : (Math.abs(change) / most) * 50;
  const side = change !== null && change < 0 ? { right: '50%' } : { left: '50%' };
  return (
    <span className="claim-axis" aria-hidden="true">
      <span style={{ width: `${width}%`, ...side }} />
    </span>
  );
}
