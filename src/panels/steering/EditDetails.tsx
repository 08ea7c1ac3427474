import { useStore } from 'zustand';
import type { EditOn } from '../../lens/api/edit';
import type { EditPatch, EditRow } from '../../state/steering/edits';
import { Term } from '../../ui/Term';
import { useBench } from '../use-workbench';
import { OwnChange } from './Changes';
import { EditWhen } from './EditWhen';
import { EditWhere } from './EditWhere';
import { actsSay, editSays, nameOf } from './edit-words';
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
        <EditWhere row={row} onChange={(where) => settle({ where })} />
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
      <EditWhen row={row} onChange={(when) => settle({ when })} />
      <Acts row={row} />
      <OwnChange row={row} />
    </>
  );
}

/** Where and when, in a sentence; not where the choice by itself says all. */
function Acts({ row }: { row: EditRow }) {
  const conversation = useStore(useBench().tracer.store, (s) => s.chat !== null);
  const plain = Array.isArray(row.where) || ['all', 'prompt', 'generated'].includes(row.where);
  if (plain && !row.when && !conversation) return null;
  return (
    <p className="caption" data-testid="acts">
      {actsSay(row, conversation)}
    </p>
  );
}
