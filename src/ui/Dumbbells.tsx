import type { Moved } from '../lens/api/edit';
import { probability } from '../lens/maths/figures';
import { TokenText } from './TokenText';

/** Tokens with their probability before (open ring, ink) and after (dot, intervention), on one axis from 0 to the
 *  largest of them. `none` is said where there are none; their room is kept. */
export function Dumbbells(props: { moved: readonly Moved[]; rows: number; none?: string | null }) {
  const { moved, rows, none } = props;
  const end = moved.reduce((most, m) => Math.max(most, m.base, m.edited), 0) || 1;
  const at = (p: number) => 2 + (p / end) * 96;
  return (
    <div className="dumbbells" data-testid="dumbbells">
      <ol style={{ minHeight: `${rows * 16}px` }}>
        {moved.slice(0, rows).map((m) => (
          <li key={m.id}>
            <span className="dumbbell-token mono">
              <TokenText text={m.text} />
            </span>
            <svg viewBox="0 0 100 15" preserveAspectRatio="none" aria-hidden="true">
              <line className="dumbbell-axis" x1="2" x2="98" y1="7.5" y2="7.5" />
              <line className="dumbbell-bar" x1={at(m.base)} x2={at(m.edited)} y1="7.5" y2="7.5" />
              <line className="dumbbell-base" x1={at(m.base)} x2={at(m.base)} y1="3" y2="12" />
              <line className="dumbbell-edited" x1={at(m.edited)} x2={at(m.edited)} y1="3" y2="12" />
            </svg>
            <span className="figures">{probability(m.base)}</span>
            <span className="figures steered">{probability(m.edited)}</span>
          </li>
        ))}
      </ol>
      {moved.length > 0 ? (
        <p className="dumbbell-ends figures">
          <span>0</span>
          <span>{probability(end)}</span>
        </p>
      ) : (
        <p className="dumbbells-none caption">{none}</p>
      )}
    </div>
  );
}
