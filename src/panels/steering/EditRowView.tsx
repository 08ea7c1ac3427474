import type { ChangeEvent } from 'react';
import { useStore } from 'zustand';
import type { EditMode } from '../../lens/api/edit';
import { figure, fixed, signed } from '../../lens/maths/figures';
import { lockedChip, siteOf } from '../../state/reading/select';
import { type EditPatch, type EditRow, positionsSay, rangeOf, strengthOf } from '../../state/steering/edits';
import { NumberBox } from '../../ui/NumberBox';
import { RuledSlider } from '../../ui/RuledSlider';
import { FeatureName } from '../FeatureName';
import { useName } from '../notebook/use-notes';
import { KEY_REST, useBench, useUnit, useView } from '../use-workbench';
import { OwnChange } from './Changes';

const MODES: { value: EditMode; label: string; unit: string }[] = [
  { value: 'add', label: 'add', unit: '× max' },
  { value: 'scale', label: 'scale', unit: 'of the latent' },
  { value: 'clamp', label: 'clamp', unit: '× max' },
  { value: 'ablate', label: 'ablate', unit: 'of the latent' },
];

/** Where an added decoder row of unit length is 10 % of the site's median residual norm. */
function normMarks(row: EditRow, normMedian: number | null, unit: number) {
  if (row.mode !== 'add' || normMedian === null) return undefined;
  const at = (0.1 * normMedian) / unit;
  return { at: [-at, at], says: `Short marks: 10 % of the median residual norm, ${figure(normMedian)}` };
}

/** One edit: which feature, how, how much, where. */
export function EditRowView({ row, index }: { row: EditRow; index: number }) {
  const bench = useBench();
  const label = useName(row.layer, row.feature);
  const settle: Settle = (patch, stepped = false) => {
    bench.edit(row.key, patch);
    bench.commit(stepped ? KEY_REST : 0);
  };
  return (
    <li
      className={row.enabled && !row.closed ? 'edit' : 'edit edit-off'}
      data-testid={`steer-row-${index}`}
      data-closed={row.closed}
    >
      <div className="edit-line">
        <Strength row={row} settle={settle} />
        <button
          type="button"
          className="bare"
          aria-label={`Remove ${nameOf(row)}`}
          onClick={() => remove(bench, row.key, index)}
        >
          Remove
        </button>
      </div>
      <div className="edit-line edit-options caption">
        <Where row={row} onChange={(where) => settle({ where })} />
        <select
          aria-label={`What ${nameOf(row)} acts on`}
          value={row.on}
          disabled={row.mode === 'add'}
          onChange={(event) => settle({ on: event.target.value as EditRow['on'] })}
        >
          <option value="code">on code (top-k)</option>
          <option value="preactivation">on pre-activation</option>
        </select>
        <Says row={row} />
        {label && (
          <span className="feature-label edit-label" title={label}>
            {label}
          </span>
        )}
      </div>
      <OwnChange row={row} />
    </li>
  );
}

/** A change that the hand is off. */
type Settle = (patch: EditPatch, stepped?: boolean) => void;

const nameOf = ({ layer, feature }: EditRow): string => `${layer}:${feature}`;

/** Whether the edit is on, of which feature, and how much. */
function Strength({ row, settle }: { row: EditRow; settle: Settle }) {
  const bench = useBench();
  const { min, max } = rangeOf(row.mode);
  const mode = MODES.find((m) => m.value === row.mode)!;
  const name = nameOf(row);
  const median = useStore(bench.engine.store, (s) => siteOf(s.info, row.layer)?.normMedian ?? null);
  const { value } = useUnit(row.layer, row.feature);
  return (
    <>
      <span className="edit-name">
        <input
          type="checkbox"
          aria-label={`${name} on`}
          checked={row.enabled}
          disabled={row.closed}
          onChange={(event) => settle({ enabled: event.target.checked })}
        />
        <FeatureName layer={row.layer} id={row.feature} />
      </span>
      <select
        aria-label={`Mode of ${name}`}
        value={row.mode}
        onChange={(event) => settle({ mode: event.target.value as EditMode })}
      >
        {MODES.map((m) => (
          <option key={m.value} value={m.value}>
            {m.label}
          </option>
        ))}
      </select>
      <RuledSlider
        label={`Strength of ${name}`}
        value={row.weight}
        min={min}
        max={max}
        ticks={row.mode === 'ablate' ? [0, 0.5, 1] : [-3, -2, -1, 0, 1, 2, 3]}
        marks={normMarks(row, median, value)}
        unit={mode.unit}
        onInput={(weight) => bench.edit(row.key, { weight })}
        onRelease={(byKey) => bench.commit(byKey ? KEY_REST : 0)}
      />
      <span data-testid="number">
        <NumberBox
          label={`Strength of ${name}, ${mode.unit}`}
          value={row.weight}
          digits={2}
          step={0.05}
          min={min}
          max={max}
          onCommit={(weight, stepped) => settle({ weight }, stepped)}
        />
      </span>
    </>
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

/** The row in a sentence, with the engine's own strength. */
function Says({ row }: { row: EditRow }) {
  const unit = useUnit(row.layer, row.feature);
  const strength = strengthOf(row, unit);
  const origin = { statistics: '', seen: ', the maximum seen so far', none: ', no maximum known, so 1' }[unit.source];
  const says = {
    add: `${signed(row.weight, 2)} × max ${figure(unit.value)}${origin} = ${signed(strength, 1)}`,
    clamp: `latent set to ${signed(row.weight, 2)} × max ${figure(unit.value)}${origin} = ${fixed(strength, 1)}`,
    scale: `latent × ${fixed(1 + row.weight, 2)}`,
    ablate: `latent × ${fixed(1 - row.weight, 2)}`,
  };
  if (row.closed) return <span>Layer {row.layer} is not open: this edit is kept, and does nothing.</span>;
  return <span className="figures">{row.weight === 0 ? '0: off' : says[row.mode]}</span>;
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
