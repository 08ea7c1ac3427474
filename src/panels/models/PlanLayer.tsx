import { useId } from 'react';
import { Choice } from '../../ui/Choice';
import { NumberBox } from '../../ui/NumberBox';
import type { PlanChange } from './plan-change';

interface Props {
  asked: number | undefined;
  /** Those that have a dictionary, in ascending order; null: not known before the repository is read. */
  layers: readonly number[] | null;
  kept: readonly number[];
  onChange: (patch: PlanChange) => void;
}

const middle = (layers: readonly number[]): number | undefined => layers[Math.floor(layers.length / 2)];

/** Of which layer the dictionary is opened: a number where all layers have one, a choice where a few have. */
export function PlanLayer({ asked, layers, kept, onChange }: Props) {
  const id = useId();
  // The layer that the engine takes if none is named.
  const chosen = asked ?? middle(kept) ?? middle(layers ?? []) ?? null;
  const all = layers?.at(-1) === (layers?.length ?? 0) - 1;
  const choose = (layer: number) => onChange({ sites: [layer] });
  return (
    <div className="plan-layer">
      {layers === null || all ? <label htmlFor={id}>Layer</label> : <span>Layer</span>}
      {layers === null ? (
        <input
          id={id}
          className="text-box plan-any-layer"
          inputMode="numeric"
          placeholder="the middle one"
          data-testid="plan-layer"
          value={chosen ?? ''}
          onChange={({ target: { value } }) =>
            /^\d{0,3}$/.test(value) && onChange({ sites: value === '' ? undefined : [Number(value)] })
          }
        />
      ) : all ? (
        <NumberBox
          id={id}
          label="Layer of the dictionary"
          testId="plan-layer"
          value={chosen!}
          digits={0}
          step={1}
          min={0}
          max={layers.length - 1}
          onCommit={(next) => choose(Math.round(next))}
        />
      ) : (
        <Choice
          name="plan-layer"
          label="Layer of the dictionary"
          testId="plan-layer"
          options={layers.map((layer) => ({ value: layer, label: String(layer) }))}
          value={chosen}
          onChange={choose}
        />
      )}
      <span className="caption">
        {layers === null
          ? 'Which there are is seen once the repository is read; others can be opened later.'
          : all
            ? `of 0 to ${layers.length - 1}; others can be opened later.`
            : 'The others can be opened later.'}
        {kept.length > 0 && ` Kept here: ${kept.join(', ')}.`}
      </span>
    </div>
  );
}
