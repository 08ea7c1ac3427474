import { type CSSProperties, useId, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { figure } from '../../lens/maths/figures';
import { type Gate, writeWhen } from '../../lens/maths/gate';
import type { EditRow } from '../../state/steering/edits';
import { gateAs, gateOf, gateRefused, gateValue, newGate, typedFeature } from '../../state/steering/gates';
import { NumberBox } from '../../ui/NumberBox';
import { Term } from '../../ui/Term';
import { useNativeChange } from '../../ui/use-native-change';
import { useBench, useShownFeature, useUnit, useView } from '../use-workbench';
import { Detail } from './Detail';
import { nameOf } from './edit-words';

const REACHES = [
  { value: 'token', label: 'at each such token' },
  { value: 'turn', label: 'and from there to the turn’s end' },
  { value: 'until', label: 'and from there until at most' },
] as const;

type Kind = (typeof REACHES)[number]['value'];

const kindOf = (gate: Gate): Kind => (gate.until !== undefined ? 'until' : gate.reach);

interface Props {
  row: EditRow;
  /** `stepped`: by a key that may be held down. */
  onChange: (when: string | undefined, stepped?: boolean) => void;
}

/** What an edit waits for: a feature above a value. */
export function EditWhen({ row, onChange }: Props) {
  const site = useView((s) => s.site);
  const shown = useShownFeature();
  const gate = gateOf(row);
  const name = nameOf(row);
  const change = (next: Gate, stepped = false) => onChange(writeWhen(next), stepped);
  const open = () => {
    const here = site === null || shown === null ? null : { layer: site, feature: shown };
    change(newGate(row, here));
  };
  return (
    <Detail name={<Term id="gate">Gate</Term>} short={gate === null}>
      <select
        aria-label={`Gate of ${name}`}
        value={gate ? 'where' : 'none'}
        onChange={(event) => (event.target.value === 'none' ? onChange(undefined) : open())}
      >
        <option value="none">none</option>
        <option value="where">open where</option>
      </select>
      {gate && (
        <>
          <GateFeature row={row} gate={gate} onChange={change} />
          <span className="edit-field">
            is above
            <NumberBox
              label={`Value above which the gate of ${name} opens`}
              value={gate.above}
              step={0.5}
              min={0}
              onCommit={(value, stepped) => {
                const above = gateValue(value);
                const until = gate.until !== undefined && { until: Math.min(gate.until, above) };
                change({ ...gate, above, ...until }, stepped);
              }}
            />
            <OfMaximum gate={gate} value={gate.above} />
          </span>
          <span className="edit-field">
            <select
              aria-label={`How long the gate of ${name} stays open`}
              value={kindOf(gate)}
              onChange={(event) => change(gateAs(gate, event.target.value as Kind))}
            >
              {REACHES.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
            {gate.until !== undefined && (
              <NumberBox
                label={`Value at which the gate of ${name} closes`}
                value={gate.until}
                step={0.5}
                min={0}
                max={gate.above}
                onCommit={(until, stepped) => change({ ...gate, until: gateValue(until) }, stepped)}
              />
            )}
            {gate.until !== undefined && <OfMaximum gate={gate} value={gate.until} />}
          </span>
        </>
      )}
    </Detail>
  );
}

/** A value of a gate beside its feature's maximum, where that is known. */
function OfMaximum({ gate, value }: { gate: Gate; value: number }) {
  const unit = useUnit(gate.layer, gate.feature);
  return unit.source === 'none' ? null : <span className="figures">{figure(value / unit.value)} × max</span>;
}

/** The feature that is waited for, as it is typed. One that cannot be is said to be so and stays in the box; the row
 *  keeps the one before. */
function GateFeature({ row, gate, onChange }: { row: EditRow; gate: Gate; onChange: (gate: Gate) => void }) {
  const info = useStore(useBench().engine.store, (s) => s.info);
  const [draft, setDraft] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const box = useRef<HTMLInputElement>(null);
  const why = useId();
  const own = `${gate.layer}:${gate.feature}`;
  const commit = () => {
    if (draft === null) return;
    const typed = typedFeature(draft);
    const reason = typed
      ? gateRefused(typed, row, info)
      : `“${draft.slice(0, 24)}” names no feature: type layer and number, such as ${own}.`;
    setRefused(reason);
    if (reason) return;
    setDraft(null);
    if (typed && (typed.layer !== gate.layer || typed.feature !== gate.feature)) onChange({ ...gate, ...typed });
  };
  useNativeChange(box, commit);
  return (
    <>
      <span className="edit-field">
        <input
          ref={box}
          className="number-box mono"
          aria-label={`Feature that the gate of ${nameOf(row)} reads`}
          aria-invalid={refused !== null}
          aria-describedby={refused === null ? undefined : why}
          spellCheck={false}
          style={{ '--characters': (draft ?? own).length } as CSSProperties}
          value={draft ?? own}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') commit();
          }}
        />
      </span>
      {refused !== null && (
        <span id={why} role="alert" className="edit-refused failed">
          {refused} The edit still waits for {own}.
        </span>
      )}
    </>
  );
}
