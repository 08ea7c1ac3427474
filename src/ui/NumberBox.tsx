import { type CSSProperties, useId, useLayoutEffect, useRef, useState } from 'react';
import { useFocusTarget } from './focus-targets';
import { inRoom, readNumber } from './read-number';
import { useNativeChange } from './use-native-change';

/** How wide the sentence on a number that was not taken is, in px, as `.number-refused` has it. */
const REFUSED = 180;

/** A number that can be typed, with a point or a decimal comma. Text counts on Enter or when the box is left; one that is
 *  no number, or that is beyond float32, is put back, and the box says so. Arrows count at each step, and may be held
 *  down: then `stepped` is true. It is a text to the browser, whose own number fields drop a comma without a word. */
export function NumberBox(props: {
  label: string;
  value: number;
  /** Places that are shown; all without it. */
  digits?: number;
  /** Characters that the box holds: a longer number is shown in fewer figures until somebody is about to edit it. Without
   *  it the box is as wide as its number. */
  room?: number;
  step: number;
  min?: number;
  max?: number;
  /** Why a number cannot be taken, in a sentence. */
  refuses?: (value: number) => string | null;
  onCommit: (value: number, stepped: boolean) => void;
  testId?: string;
  /** Also its name for keys that lead to it. */
  id?: string;
}) {
  const { label, value, digits, room, step, min, max, refuses, onCommit, testId, id } = props;
  const [draft, setDraft] = useState<string | null>(null);
  const [focused, setFocused] = useState(false);
  const [refused, setRefused] = useState<{ why: string; atEnd: boolean } | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const why = useId();
  const refuse = (said: string | null) => {
    const left = input.current?.getBoundingClientRect().left ?? 0;
    setRefused(said === null ? null : { why: said, atEnd: left + REFUSED > innerWidth });
  };
  const take = (wanted: number, stepped: boolean) => {
    const taken = Math.min(max ?? wanted, Math.max(min ?? wanted, wanted));
    const said = refuses?.(taken) ?? null;
    if (said === null && taken !== value) onCommit(taken, stepped);
    const moved = stepped || taken === wanted ? null : taken < wanted ? `At most ${taken}.` : `At least ${taken}.`;
    refuse(said ?? moved);
  };
  const commit = () => {
    if (draft === null) return;
    const typed = readNumber(draft);
    if (typeof typed === 'number') take(typed, false);
    else refuse(typed);
    setDraft(null);
  };
  const go = (by: number) => {
    const typed = draft === null ? value : readNumber(draft);
    // A sum of decimal steps without its last digits.
    take(Number(((typeof typed === 'number' ? typed : value) + by).toPrecision(12)), true);
    setDraft(null);
  };
  useFocusTarget(id, input);
  useNativeChange(input, commit);
  // The keyboard selects a box's number as it comes to it: so it does where the number has got more figures then.
  useLayoutEffect(() => {
    if (focused && room !== undefined) input.current?.select();
  }, [focused, room]);
  const whole = digits === undefined ? value : Number(value.toFixed(digits));
  const text = draft ?? (focused || room === undefined ? String(whole) : inRoom(whole, room));
  return (
    <span className="number-field">
      <input
        ref={input}
        id={id}
        className="number-box"
        role="spinbutton"
        type="text"
        inputMode="decimal"
        autoComplete="off"
        spellCheck={false}
        aria-label={label}
        aria-valuenow={whole}
        aria-valuemin={min}
        aria-valuemax={max}
        aria-describedby={refused ? why : undefined}
        data-testid={testId}
        title={text === String(whole) || draft !== null ? undefined : String(whole)}
        style={{ '--characters': text.length } as CSSProperties}
        value={text}
        onChange={(event) => {
          setDraft(event.target.value);
          setRefused(null);
        }}
        onFocus={() => setFocused(true)}
        onBlur={() => {
          setFocused(false);
          commit();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
          if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
          event.preventDefault();
          go(event.key === 'ArrowUp' ? step : -step);
        }}
      />
      {refused && (
        <span id={why} role="alert" className={refused.atEnd ? 'number-refused at-end' : 'number-refused'}>
          {refused.why}
        </span>
      )}
    </span>
  );
}
