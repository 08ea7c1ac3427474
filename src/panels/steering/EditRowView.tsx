import { memo } from 'react';
import type { EditMode } from '../../lens/api/edit';
import type { EditRow } from '../../state/steering/edits';
import { NumberBox } from '../../ui/NumberBox';
import { RuledSlider } from '../../ui/RuledSlider';
import { beyondFloat32 } from '../../ui/read-number';
import { FeatureName } from '../FeatureName';
import { useName } from '../notebook/use-notes';
import { KEY_REST, useBench } from '../use-workbench';
import { EditDetails, type Settle } from './EditDetails';
import { nameOf, unitSays, unitShort } from './edit-words';
import { type RowScale, useScale } from './use-scale';

const MODES: readonly EditMode[] = ['add', 'scale', 'clamp', 'ablate'];

interface Props {
  row: EditRow;
  index: number;
  chosen: boolean;
  onChoose: (key: number) => void;
}

/** One edit on one line: which feature, how, how much. The chosen one has a second: where, on what, with what effect.
 *  Only the row under the hand is drawn again while it moves. */
export const EditRowView = memo(function EditRowView({ row, index, chosen, onChoose }: Props) {
  const bench = useBench();
  const scale = useScale(row);
  const settle: Settle = (patch, stepped = false) => {
    bench.edit(row.key, patch);
    bench.commit(stepped ? KEY_REST : 0);
  };
  return (
    <li
      className={row.enabled && !row.closed ? 'edit' : 'edit edit-off'}
      data-testid={`steer-row-${index}`}
      data-closed={row.closed}
      aria-current={chosen}
      onFocus={() => onChoose(row.key)}
      onPointerDown={() => onChoose(row.key)}
    >
      <div className="edit-line">
        <Name row={row} settle={settle} />
        <Strength row={row} scale={scale} settle={settle} />
        <Warning scale={scale} folded={!chosen} />
        <button
          type="button"
          className="bare"
          aria-label={`Remove ${nameOf(row)}`}
          onClick={() => remove(bench, row.key, index)}
        >
          Remove
        </button>
      </div>
      {chosen && <EditDetails row={row} scale={scale} settle={settle} />}
    </li>
  );
});

/** Whether the edit is on, and of which feature. */
function Name({ row, settle }: { row: EditRow; settle: Settle }) {
  const label = useName(row.layer, row.feature);
  return (
    <span className="edit-name">
      <input
        type="checkbox"
        aria-label={`${nameOf(row)} on`}
        checked={row.enabled}
        disabled={row.closed}
        onChange={(event) => settle({ enabled: event.target.checked })}
      />
      <FeatureName layer={row.layer} id={row.feature} />
      {label && (
        <span className="feature-label edit-label" title={label}>
          {label}
        </span>
      )}
    </span>
  );
}

function Strength({ row, scale, settle }: { row: EditRow; scale: RowScale; settle: Settle }) {
  const bench = useBench();
  const { unit, amount, typed, min, max, step, ticks, bracket, marks, says, hold } = scale;
  const name = nameOf(row);
  return (
    <>
      <select
        aria-label={`Mode of ${name}`}
        value={row.mode}
        onChange={(event) => settle({ mode: event.target.value as EditMode })}
      >
        {MODES.map((mode) => (
          <option key={mode}>{mode}</option>
        ))}
      </select>
      <RuledSlider
        name={`slider-${row.key}`}
        label={`Strength of ${name}`}
        value={amount}
        min={min}
        max={max}
        step={step}
        ticks={ticks}
        marks={marks}
        bracket={bracket}
        says={says}
        unit={unitSays(row.mode, unit)}
        onHold={hold}
        onInput={(value) => bench.edit(row.key, typed(value))}
        onRelease={(byKey) => bench.commit(byKey ? KEY_REST : 0)}
      />
      <span data-testid="number">
        <NumberBox
          label={`Strength of ${name}, ${unitSays(row.mode, unit)}`}
          value={amount}
          room={7}
          step={step}
          refuses={(value) => (Number.isFinite(typed(value).strength) ? null : beyondFloat32(value))}
          onCommit={(value, stepped) => settle(typed(value), stepped)}
        />
      </span>
      <span className="edit-unit caption">{unitShort(row.mode, unit)}</span>
    </>
  );
}

/** Of a row whose details are folded, what must be seen even so. It keeps its room, so that sliders are of one width. */
function Warning({ scale: { beyond, beyondShort }, folded }: { scale: RowScale; folded: boolean }) {
  return (
    <span className="edit-out caption figures">{folded && beyond && <abbr title={beyond}>{beyondShort}</abbr>}</span>
  );
}

/** Removes a row. Focus would leave the region with the button, so it moves to the row that took the place, or to
 *  Generate if no row is left. Focus that is elsewhere by then stays there. */
function remove(bench: ReturnType<typeof useBench>, key: number, index: number) {
  bench.steering.remove(key);
  bench.commit();
  requestAnimationFrame(() => {
    if (document.activeElement !== document.body) return;
    const left = document.querySelectorAll<HTMLElement>('[data-testid^="steer-row-"] button[aria-label^="Remove"]');
    const next = left[Math.min(index, left.length - 1)] ?? document.querySelector<HTMLElement>('.sampling .act');
    next?.focus({ preventScroll: true });
  });
}
