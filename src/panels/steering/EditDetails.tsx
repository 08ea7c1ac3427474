import type { EditOn } from '../../lens/api/edit';
import type { EditPatch, EditRow } from '../../state/steering/edits';
import type { StrengthUnit } from '../../state/steering/unit';
import { Term } from '../../ui/Term';
import { useBench } from '../use-workbench';
import { ActsOn } from './ActsOn';
import { Detail } from './Detail';
import { EditWhen } from './EditWhen';
import { EditWhere } from './EditWhere';
import { editSays, nameOf, unitSays, unitShort } from './edit-words';
import type { RowScale } from './use-scale';

const ONS: readonly { value: EditOn; label: string }[] = [
  { value: 'everywhere', label: 'whether active or not' },
  { value: 'active', label: 'only where active' },
  { value: 'preactivation', label: 'from the pre-activation' },
];

/** A change that the hand is off. */
export type Settle = (patch: EditPatch, stepped?: boolean) => void;

/** How much an edit is, where it acts, what it waits for, and what it does. */
export function EditDetails(props: { row: EditRow; scale: RowScale; settle: Settle }) {
  const { row, scale, settle } = props;
  const { beyond } = scale;
  return (
    <div className="edit-details caption">
      <Detail name={<Term id="strength">Strength</Term>}>
        <Unit row={row} scale={scale} />
        <span className="figures">
          <Term id={row.mode} />: {editSays(row, scale)}
        </span>
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
        {beyond && <Term id="natural">{beyond}</Term>}
      </Detail>
      <Detail name="Where" short>
        <EditWhere row={row} onChange={(where, stepped) => settle({ where }, stepped)} />
      </Detail>
      <EditWhen row={row} onChange={(when, stepped) => settle({ when }, stepped)} />
      <ActsOn row={row} />
    </div>
  );
}

/** What the number counts. Another unit shows the same strength as another number, and runs nothing. */
function Unit({ row, scale: { unit, units } }: { row: EditRow; scale: RowScale }) {
  const bench = useBench();
  if (units.length < 2) return null;
  return (
    <select
      aria-label={`Unit of the strength of ${nameOf(row)}`}
      title={unitSays(row.mode, unit)}
      value={unit}
      onChange={(event) => bench.steering.patch(row.key, { unit: event.target.value as StrengthUnit })}
    >
      {units.map((each) => (
        <option key={each} value={each}>
          {unitShort(row.mode, each)}
        </option>
      ))}
    </select>
  );
}
