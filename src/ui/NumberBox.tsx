import { useRef, useState } from 'react';
import { useFocusTarget } from './focus-targets';
import { useNativeChange } from './use-native-change';

/** A number that can be typed. Text counts on Enter or when the box is left; text that is no number, or one beyond
 *  float32, is put back. Arrows
 *  count at each step, and may be held down: then `stepped` is true. */
export function NumberBox(props: {
  label: string;
  value: number;
  /** Places that are shown; all without it. */
  digits?: number;
  step: number;
  min?: number;
  max?: number;
  onCommit: (value: number, stepped: boolean) => void;
  testId?: string;
  /** Also its name for keys that lead to it. */
  id?: string;
}) {
  const {
    label,
    value,
    digits,
    step,
    min = Number.NEGATIVE_INFINITY,
    max = Number.POSITIVE_INFINITY,
    onCommit,
    testId,
    id,
  } = props;
  const [draft, setDraft] = useState<string | null>(null);
  const stepping = useRef(false);
  const commit = (stepped: boolean) => {
    const typed = draft === null || draft.trim() === '' ? Number.NaN : Number(draft.replace('−', '-'));
    if (Number.isFinite(Math.fround(typed)) && typed !== value) onCommit(Math.min(max, Math.max(min, typed)), stepped);
    setDraft(null);
  };
  const input = useRef<HTMLInputElement>(null);
  useFocusTarget(id, input);
  useNativeChange(input, () => commit(stepping.current));
  return (
    <input
      ref={input}
      id={id}
      className="number-box"
      type="number"
      inputMode="decimal"
      aria-label={label}
      data-testid={testId}
      step={step}
      min={Number.isFinite(min) ? min : undefined}
      max={Number.isFinite(max) ? max : undefined}
      value={draft ?? String(digits === undefined ? value : Number(value.toFixed(digits)))}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={() => commit(false)}
      onPointerDown={() => {
        stepping.current = true;
      }}
      onKeyDown={(event) => {
        stepping.current = event.key === 'ArrowUp' || event.key === 'ArrowDown';
        if (event.key === 'Enter') commit(false);
      }}
    />
  );
}
