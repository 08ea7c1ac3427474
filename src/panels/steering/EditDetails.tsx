import type { ChangeEvent } from 'react';
import { useStore } from 'zustand';
import type { EditOn } from '../../lens/api/edit';
import { lockedChip } from '../../state/reading/selection';
import { type EditPatch, type EditRow, positionsSay } from '../../state/steering/edits';
import { Term } from '../../ui/Term';
import { useBench, useView } from '../use-workbench';
import { OwnChange } from './Changes';
import { editSays, nameOf } from './edit-words';
import type { RowScale } from './use-scale';

const ONS: readonly { value: EditOn; label: string }[] = [
  { value: 'everywhere', label: 'whether active or not' },
  { value: 'active', label: 'only where active' },
  { value: 'preactivation', label: 'from the pre-activation' },
];

/** A change that the hand is off. */
export type Settle = (patch: EditPatch, stepped?: boolean) => void;

/** Where an edit acts, on what, and what that is and does. */
export function EditDetails(props: { row: EditRow; scale: RowScale; settle: Settle }) {
  const { row, scale, settle } = props;
  const { unit, beyond } = scale;
  return (
    <>
      <div className="edit-line edit-options caption">
        <Where row={row} onChange={(where) => settle({ where })} />
        {row.mode !== 'add' && (
          <select
            aria-label={`What ${nameOf(row)} acts on`}
            value={row.on}
            onChange={(event) => settle({ on: event.target.value as EditOn })}
          >
            {ONS.filter(({ value }) => row.mode === 'clamp' || value !== 'everywhere').map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        )}
        <span className="figures">
          <Term id={row.mode} />: {editSays(row, unit)}
        </span>
        {beyond && (
          <span className="edit-beyond">
            <Term id="natural">{beyond}</Term>
          </span>
        )}
      </div>
      <OwnChange row={row} />
    </>
  );
}

function Where({ row, onChange }: { row: EditRow; onChange: (where: EditRow['where']) => void }) {
  const locked = useView((s) => s.locked);
  const reading = useStore(useBench().tracer.store, (s) => s.reading);
  const chip = lockedChip(reading, { locked });
  const fixedAt = Array.isArray(row.where) ? row.where : null;
  const choose = (event: ChangeEvent<HTMLSelectElement>) => {
    const { value } = event.target;
    if (value === 'locked' && chip) onChange(Array.from({ length: chip.to - chip.from + 1 }, (_, i) => chip.from + i));
    else if (value === 'all' || value === 'prompt' || value === 'generated') onChange(value);
  };
  return (
    <select
      aria-label={`Where ${nameOf(row)} applies`}
      value={fixedAt ? 'fixed' : (row.where as string)}
      onChange={choose}
    >
      <option value="all">all tokens</option>
      <option value="prompt">prompt</option>
      <option value="generated">generated</option>
      {fixedAt && <option value="fixed">{positionsSay(fixedAt)}</option>}
      <option value="locked" disabled={!chip}>
        {`locked token (${!chip ? 'none' : chip.from === chip.to ? chip.from : `${chip.from} to ${chip.to}`})`}
      </option>
    </select>
  );
}
