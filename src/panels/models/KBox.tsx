import { useId } from 'react';
import { count } from '../../lens/maths/figures';
import './choose.css';

/** The k that was typed, blanks around it left out; null where it is no whole number from 1 to `most`. */
export function typedK(typed: string, most = Number.MAX_SAFE_INTEGER): number | null {
  const k = /^\s*\d+\s*$/.test(typed) ? Number(typed) : 0;
  return k >= 1 && k <= most ? k : null;
}

/** A box for the k of a dictionary that does not state it. What is no k stays in it, with the reason. `most`: the
 *  dictionary's features, where they are known. */
export function KBox(props: { typed: string; most?: number; testId: string; onType: (typed: string) => void }) {
  const { typed, most, testId, onType } = props;
  const why = useId();
  const wrong = typed.trim() !== '' && typedK(typed, most) === null;
  return (
    <>
      <label className="k-box">
        Active features a token (k){most !== undefined && `, 1 to ${count(most)}`}
        <input
          className="text-box"
          inputMode="numeric"
          autoComplete="off"
          placeholder="such as 50"
          data-testid={testId}
          aria-invalid={wrong}
          aria-describedby={wrong ? why : undefined}
          value={typed}
          onChange={({ target }) => onType(target.value)}
        />
      </label>
      {wrong && (
        <span id={why} className="failed">
          k is a whole number {most === undefined ? 'above 0' : `from 1 to ${count(most)}`}.
        </span>
      )}
    </>
  );
}
