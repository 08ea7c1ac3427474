import { type KeyboardEvent, useRef, useState } from 'react';
import type { TokenLogprob } from '../../lens/api/text';
import { probability } from '../../lens/maths/figures';
import { TokenText } from '../../ui/TokenText';
import { optionSays, rankSays } from './alternatives-says';
import './alternatives.css';

interface Props {
  /** The likeliest tokens of a place, the likeliest first. */
  list: readonly TokenLogprob[];
  /** The token that stands there. */
  chosen: { id: number; logprob: number };
  /** Why a token cannot be gone on with, in words; null: it can. */
  refuse: (token: TokenLogprob) => string | null;
  onTake: (token: TokenLogprob) => void;
}

/** What the model held likeliest at a place. One tab stop, arrows move, a click or Enter goes on from one of them. */
export function AlternativeList({ list, chosen, refuse, onTake }: Props) {
  const items = useRef<HTMLOListElement>(null);
  const own = list.findIndex(({ id }) => id === chosen.id);
  const [at, setAt] = useState<number | null>(null);
  const stop = Math.min(at ?? Math.max(0, own), list.length - 1);
  const move = (to: number) => {
    const next = Math.min(list.length - 1, Math.max(0, to));
    setAt(next);
    items.current?.querySelectorAll('button')[next]?.focus();
  };
  const keys = ({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent) => {
    if (ctrlKey || metaKey || altKey || shiftKey) return false;
    const to = { ArrowDown: stop + 1, ArrowUp: stop - 1, Home: 0, End: list.length - 1 }[key];
    if (to !== undefined) move(to);
    return to !== undefined;
  };
  const most = Math.exp(list[0]?.logprob ?? 0);
  return (
    <>
      <ol
        ref={items}
        className="alternatives"
        aria-label="Likeliest tokens here"
        data-testid="alternatives"
        onKeyDown={(event) => keys(event) && event.preventDefault()}
      >
        {list.map((token, i) => {
          const why = refuse(token);
          const p = Math.exp(token.logprob);
          return (
            <li key={token.id}>
              <button
                type="button"
                tabIndex={i === stop ? 0 : -1}
                aria-label={optionSays(token, i + 1, i === own)}
                aria-current={i === own || undefined}
                aria-disabled={why !== null || undefined}
                title={why ?? 'Go on from here with this token'}
                onFocus={() => setAt(i)}
                onClick={() => why === null && onTake(token)}
              >
                <span className="figures alternative-rank">{i + 1}</span>
                <span className="mono token-bar-text">
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
        {rankSays(list, chosen)}, at temperature 1 and without penalty.
      </p>
    </>
  );
}
