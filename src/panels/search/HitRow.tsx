import type { MouseEvent } from 'react';
import { percent, score } from '../../lens/maths/figures';
import type { Hit } from '../../state/search/search';
import { TokenText } from '../../ui/TokenText';
import { ordinal } from './search-words';

const KINDS = { name: 'your name', note: 'your note', effect: 'measured' };

/** A feature that was found: what it is called, why it is listed, how often it is active and how far its label
 *  holds. */
export function HitRow({
  id,
  hit,
  chosen,
  onChoose,
}: {
  id: string;
  hit: Hit;
  chosen: boolean;
  onChoose: (hit: Hit, steer: boolean) => void;
}) {
  const { label, said, token, density, precision } = hit;
  return (
    // The search line has the focus and the keys; see aria-activedescendant there.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    // biome-ignore lint/a11y/useFocusableInteractive: see above
    <div
      id={id}
      className="hit"
      role="option"
      aria-selected={chosen}
      title={said?.text ?? label ?? undefined}
      data-testid={`hit-${hit.layer}-${hit.id}`}
      onClick={(event: MouseEvent) => onChoose(hit, event.ctrlKey || event.metaKey)}
    >
      <span className="mono">
        {hit.layer}:{hit.id}
      </span>
      <span className="hit-says">
        {said && (
          <>
            <span className="caption">{KINDS[said.kind]}: </span>
            <span className="feature-label">{said.text}</span>
            {label && ' '}
          </>
        )}
        {label ? (
          <span className={said ? 'feature-label hit-beside' : 'feature-label'}>{label}</span>
        ) : (
          !said && <span className="caption">no label</span>
        )}
      </span>
      <span className="hit-why">
        {token && (
          <>
            <Hidden>promotes </Hidden>
            <span className={token.asked ? 'mono hit-token' : 'mono'}>
              <TokenText text={token.text} />
            </span>{' '}
            {token.asked && <span className="caption">{ordinal(token.rank)}</span>}
          </>
        )}
      </span>
      <span className="figures">
        <Hidden>active on </Hidden>
        {density === null ? '–' : percent(density)}
      </span>
      <span className="figures">
        <Hidden>precision </Hidden>
        {precision === null ? '–' : score(precision)}
      </span>
    </div>
  );
}

/** What the columns' heads say, for who does not see them. */
const Hidden = ({ children }: { children: string }) => <span className="hidden">{children}</span>;
