import { type KeyboardEvent, type MouseEvent, useRef, useState } from 'react';
import type { TokenLogprob } from '../../lens/api/text';
import { probability } from '../../lens/maths/figures';
import { TokenText } from '../../ui/TokenText';
import { spoken } from '../../ui/token-pieces';
import { rankSays } from './alternatives-says';
import './alternatives.css';

interface Props {
  /** The likeliest tokens of a place, the likeliest first. */
  list: readonly TokenLogprob[];
  /** The token that stands there. */
  chosen: Pick<TokenLogprob, 'id' | 'logprob'>;
  /** What a press does, in words. */
  does: string;
  /** Why a token cannot be gone on with, in words; null: it can. */
  refuse: (token: TokenLogprob) => string | null;
  /** `byKey`: not with the pointer. */
  onTake: (token: TokenLogprob, byKey: boolean) => void;
}

/** What the model held likeliest at a place. One tab stop, arrows move, a click or Enter goes on from one of them. */
export function AlternativeList({ list, chosen, does, refuse, onTake }: Props) {
  const items = useRef<HTMLOListElement>(null);
  const own = list.findIndex(({ id }) => id === chosen.id);
  const [at, setAt] = useState(Math.max(0, own));
  const move = (to: number) =>
    items.current?.querySelectorAll('button')[Math.min(list.length - 1, Math.max(0, to))]?.focus();
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1 }[event.key];
    if (to === undefined) return;
    move(to);
    event.preventDefault();
  };
  const most = Math.exp(list[0]?.logprob ?? 0);
  return (
    <div className="alternatives">
      <ol ref={items} aria-label="Likeliest tokens in this place" data-testid="alternatives" onKeyDown={keys}>
        {list.map((token, i) => {
          const why = refuse(token);
          const p = Math.exp(token.logprob);
          return (
            <li key={token.id}>
              <button
                type="button"
                tabIndex={i === at ? 0 : -1}
                aria-current={i === own || undefined}
                aria-disabled={why !== null || undefined}
                title={why ?? undefined}
                onFocus={() => setAt(i)}
                onClick={(event: MouseEvent) => why === null && onTake(token, event.detail === 0)}
              >
                <span className="figures alternative-rank">{i + 1}</span>
                {/* What cannot be seen of a token is said of it. */}
                <span className="hidden">
                  {' '}
                  “{spoken(token.text)}”{i === own && ', in the text'}, p{' '}
                </span>
                <span className="mono token-bar-text" aria-hidden="true">
                  <TokenText text={token.text} />
                </span>
                <span className="token-bar" style={{ width: `${(p / most) * 100}%` }} />
                <span className="figures">{probability(p)}</span>
              </button>
            </li>
          );
        })}
      </ol>
      <p className="caption figures" data-testid="rank">
        {rankSays(list, chosen)} {does}
      </p>
    </div>
  );
}
