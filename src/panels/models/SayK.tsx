import { type FormEvent, useState } from 'react';
import type { OpenRequest } from '../../lens/api/request';
import { count } from '../../lens/maths/figures';
import { knownK } from '../../state/model/choices';
import './choose.css';

/** Asks for the k of a dictionary that does not state it. What was said before for the same files stands there. */
export function SayK(props: { most: number; request: OpenRequest; onSay: (k: number) => void }) {
  const { most, request, onSay } = props;
  const [typed, type] = useState(() => String(knownK(request) ?? ''));
  const k = Number(typed);
  const fits = /^\d+$/.test(typed) && k >= 1 && k <= most;
  const say = (event: FormEvent) => {
    event.preventDefault();
    if (fits) onSay(k);
  };
  return (
    <form className="say-k" data-testid="say-k" onSubmit={say}>
      <label>
        Active features a token (k), 1 to {count(most)}
        <input
          className="text-box"
          inputMode="numeric"
          autoComplete="off"
          placeholder="such as 50"
          value={typed}
          onChange={({ target }) => type(target.value)}
        />
      </label>
      <button type="submit" disabled={!fits}>
        Open
      </button>
      <span className="caption">It is the k that the dictionary was trained with. This browser remembers it.</span>
    </form>
  );
}
