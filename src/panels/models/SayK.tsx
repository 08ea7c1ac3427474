import { type FormEvent, useState } from 'react';
import type { OpenRequest } from '../../lens/api/request';
import { knownK } from '../../state/model/choices';
import { KBox, typedK } from './KBox';
import './choose.css';

/** Asks for the k of a dictionary that does not state it. What was said before for the same files stands there. */
export function SayK(props: { most: number; request: OpenRequest; onSay: (k: number) => void }) {
  const { most, request, onSay } = props;
  const [typed, type] = useState(() => String(knownK(request) ?? ''));
  const k = typedK(typed, most);
  const say = (event: FormEvent) => {
    event.preventDefault();
    if (k !== null) onSay(k);
  };
  return (
    <form className="say-k" data-testid="say-k" onSubmit={say}>
      <KBox typed={typed} most={most} testId="say-own-k" onType={type} />
      <button type="submit" disabled={k === null}>
        Open
      </button>
      <span className="caption">It is the k that the dictionary was trained with. This browser remembers it.</span>
    </form>
  );
}
