import { type FormEvent, useRef, useState } from 'react';
import { LONGEST_STOP, MOST_STOPS } from '../../lens/exchange/sampling';
import { useFocusWhereLost } from '../../ui/use-focus-where-lost';
import { escaped, unescaped } from './stop-escapes';

/** The stop sequences, to be added and removed. */
export function StopList({ stops, onChange }: { stops: readonly string[]; onChange: (stops: string[]) => void }) {
  const [typed, setTyped] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const whereLost = useFocusWhereLost(stops.length);
  const full = stops.length >= MOST_STOPS;
  const text = unescaped(typed);
  const long = text.length > LONGEST_STOP;
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (text === '' || long || full) return;
    if (!stops.includes(text)) onChange([...stops, text]);
    setTyped('');
    input.current?.focus();
  };
  return (
    <form className="stops" aria-label="Stop sequences" onSubmit={add}>
      <h3>Stop sequences</h3>
      {stops.length > 0 && (
        <ul>
          {stops.map((stop) => (
            <li key={stop}>
              <span className="mono">“{escaped(stop)}”</span>
              <button
                type="button"
                aria-label={`Remove stop sequence “${escaped(stop)}”`}
                onClick={() => onChange(stops.filter((one) => one !== stop))}
              >
                Remove
              </button>
            </li>
          ))}
        </ul>
      )}
      <p className="stops-add">
        <input
          ref={(element) => {
            input.current = element;
            whereLost(element);
          }}
          type="text"
          className="mono"
          aria-label="A stop sequence to add"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <button type="submit" disabled={text === '' || long || full}>
          Add
        </button>
      </p>
      <p className="caption" role="status">
        {full
          ? `${MOST_STOPS} stop sequences, the most there can be.`
          : long
            ? `A stop sequence has at most ${LONGEST_STOP} characters.`
            : 'A text ends at the token that completes one of them. \\n is a line end, \\t a tab.'}
      </p>
    </form>
  );
}
