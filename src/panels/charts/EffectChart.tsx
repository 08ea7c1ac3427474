import type { Effect } from '../../lens/api/effect';
import { score } from '../../lens/maths/figures';
import { IntervalChart } from './IntervalChart';

const ARMS = [
  { arm: 'edited', name: 'this edit', kind: 'steered' },
  { arm: 'baseline', name: 'no edit', kind: 'plain' },
  { arm: 'randomDirections', name: 'random directions', kind: 'control' },
  { arm: 'randomFeatures', name: 'random features', kind: 'control' },
] as const;

/** How often what was counted was seen, with the edit, without one, and under random changes. */
export function EffectChart({ effect: { rates, tried, outcome } }: { effect: Effect }) {
  return (
    <IntervalChart
      of="change"
      quantity={`Share of ${tried} that ${outcome}`}
      interval="95 % interval"
      says={score}
      rows={ARMS.map(({ arm, name, kind }) => {
        const { rate, low, high, n } = rates[arm];
        return { name, kind, value: rate, low, high, n };
      })}
    />
  );
}
