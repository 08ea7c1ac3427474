import type { EditMode } from '../../lens/api/edit';
import type { EditRow } from '../../state/steering/edits';
import { NumberBox } from '../../ui/NumberBox';
import { RuledSlider } from '../../ui/RuledSlider';
import { FeatureName } from '../FeatureName';
import { useName } from '../notebook/use-notes';
import { KEY_REST, useBench } from '../use-workbench';
import { EditDetails, type Settle } from './EditDetails';
import { nameOf, unitSays } from './edit-words';
import { useScale } from './use-scale';

const MODES: readonly EditMode[] = ['add', 'scale', 'clamp', 'ablate'];

/** One edit on one line: which feature, how, how much. The chosen one has a second: where, on what, with what effect. */
export function EditRowView(props: { row: EditRow; index: number; chosen: boolean; onChoose: () => void }) {
  const { row, index, chosen, onChoose } = props;
  const bench = useBench();
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
      onFocus={onChoose}
      onPointerDown={onChoose}
    >
      <div className="edit-line">
        <Name row={row} settle={settle} />
        <Strength row={row} settle={settle} />
        <Warning row={row} folded={!chosen} />
        <button
          type="button"
          className="bare"
          aria-label={`Remove ${nameOf(row)}`}
          onClick={() => remove(bench, row.key, index)}
        >
          Remove
        </button>
      </div>
      {chosen && <EditDetails row={row} settle={settle} />}
    </li>
  );
}

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

function Strength({ row, settle }: { row: EditRow; settle: Settle }) {
  const bench = useBench();
  const { unit, min, max, bracket, marks, says } = useScale(row);
  const name = nameOf(row);
  const third = max / 3;
  const ticks = row.mode === 'ablate' ? [0, 0.5, 1] : [-3, -2, -1, 0, 1, 2, 3].map((at) => at * third);
  const step = row.mode === 'ablate' ? 0.05 : 0.05 * third;
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
        label={`Strength of ${name}`}
        value={row.weight}
        min={min}
        max={max}
        step={step}
        ticks={ticks}
        marks={marks}
        bracket={bracket}
        says={says}
        unit={unitSays(row, unit)}
        onInput={(weight) => bench.edit(row.key, { weight })}
        onRelease={(byKey) => bench.commit(byKey ? KEY_REST : 0)}
      />
      <span data-testid="number">
        <NumberBox
          label={`Strength of ${name}, ${unitSays(row, unit)}`}
          value={row.weight}
          digits={2}
          step={step}
          onCommit={(weight, stepped) => settle({ weight }, stepped)}
        />
      </span>
    </>
  );
}

/** Of a row whose details are folded, what must be seen even so. It keeps its room, so that sliders are of one width. */
function Warning({ row, folded }: { row: EditRow; folded: boolean }) {
  const { beyond, beyondShort } = useScale(row);
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
