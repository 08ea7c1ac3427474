import { type PointerEvent, useRef } from 'react';
import { exactly, figure, fixed, signed } from '../lens/maths/figures';
import { useFocusTarget } from './focus-targets';
import { useNativeChange } from './use-native-change';

/** Half width of the detent at 0, as a share of the way to the end: a hand that comes this close means 0. */
const DETENT = 1 / 30;

/** What a hand at `value` means: near zero it is zero. Keys move by single steps and must get past it, so it holds for
 *  the pointer only. */
const detent = (value: number, byHand: boolean, max: number): number =>
  byHand && Math.abs(value) < DETENT * max ? 0 : value;

interface Props {
  /** What `focusTarget` finds it by. */
  name: string;
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  ticks: readonly number[];
  /** Short unlabelled marks. */
  marks?: readonly number[];
  /** A stretch of the scale that stands out: from where to where. */
  bracket?: readonly [number, number];
  /** What marks and bracket stand for. */
  says?: string;
  unit: string;
  /** The slider has the focus, or has it no more. */
  onHold: (on: boolean) => void;
  onInput: (value: number) => void;
  onRelease: (byKey: boolean) => void;
}

/** A slider over a ruled scale: a native range input with ticks under it. `onInput` while it moves, `onRelease` when
 *  the hand or the key is off. */
export function RuledSlider(props: Props) {
  const { name, label, value, min, max, step, says, unit, onHold, onInput, onRelease } = props;
  const byHand = useRef(false);
  const input = useRef<HTMLInputElement>(null);
  useFocusTarget(name, input);
  // Once a pointer has released, the browser's own `change` for it follows; it must not count again, least of all after
  // a Stop in between.
  const released = useRef(false);
  useNativeChange(input, () => {
    if (!released.current) onRelease(!byHand.current);
    released.current = false;
  });
  const press = (event: PointerEvent<HTMLInputElement>) => {
    byHand.current = true;
    released.current = false;
    event.currentTarget.focus();
  };
  const release = () => {
    if (!byHand.current) return;
    byHand.current = false;
    released.current = true;
    onRelease(false);
  };
  return (
    <div className="ruled">
      <Scale {...props} />
      <input
        ref={input}
        type="range"
        data-testid="slider"
        aria-label={label}
        title={says}
        aria-valuetext={`${exactly(value)} ${unit}`}
        min={min}
        max={max}
        step={step}
        value={Math.min(max, Math.max(min, value))}
        onChange={(event) => {
          released.current = false;
          // The browser's sum of steps, without its last digits.
          onInput(detent(Number(event.target.valueAsNumber.toPrecision(7)), byHand.current, max));
        }}
        onPointerDown={press}
        onPointerUp={release}
        onPointerCancel={release}
        onFocus={() => onHold(true)}
        onBlur={() => {
          release();
          onHold(false);
        }}
        onDoubleClick={() => {
          onInput(0);
          onRelease(false);
        }}
      />
    </div>
  );
}

/** A round figure under a scale with two sides. */
const scaleSays = (tick: number): string =>
  tick !== 0 && (Math.abs(tick) >= 1000 || Math.abs(tick) < 0.1)
    ? (tick > 0 ? '+' : '') + figure(tick)
    : signed(tick, Number.isInteger(tick) ? 0 : 1);

/** Whether the figures are long, +100 or more: then there is room for them at the ends and at 0 only, where they stay inside. */
const areLong = (ticks: readonly number[]): boolean =>
  ticks.some((tick) => scaleSays(tick).replace('.', '').length > 3);

type ScaleProps = Pick<Props, 'value' | 'min' | 'max' | 'ticks' | 'marks' | 'bracket'>;

function Scale({ value, min, max, ticks, marks, bracket }: ScaleProps) {
  const share = (at: number) => (Math.min(max, Math.max(min, at)) - min) / (max - min);
  const long = min < 0 && areLong(ticks);
  const crowded = ticks.length > 5;
  const place = (at: number) => `${100 * share(at)}%`;
  const span = (from: number, to: number) => ({ left: place(from), width: `${100 * (share(to) - share(from))}%` });
  return (
    <div className="ruled-scale" aria-hidden="true">
      <span className="ruled-line" />
      {bracket && <span className="ruled-bracket" style={span(...bracket)} />}
      <span className="ruled-fill" style={span(Math.min(0, value), Math.max(0, value))} />
      {ticks.map((tick, i) => (
        <span key={tick} className={tick === 0 ? 'ruled-tick ruled-zero' : 'ruled-tick'} style={{ left: place(tick) }}>
          {(tick === 0 || !(long || (crowded && i % 2))) && <i>{min < 0 ? scaleSays(tick) : fixed(tick, 1)}</i>}
          {long && tick === min && <i className="ruled-from">{scaleSays(tick)}</i>}
          {long && tick === max && <i className="ruled-to">{scaleSays(tick)}</i>}
        </span>
      ))}
      {marks?.map((at) => at > min && at < max && <span key={at} className="ruled-mark" style={{ left: place(at) }} />)}
    </div>
  );
}
