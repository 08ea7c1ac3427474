import { useStore } from 'zustand';
import type { VerbalizerInfo } from '../../lens/api/verbalizer';
import { siteOf } from '../../state/reading/select';
import { confidenceOf } from '../../state/words/confidence';
import { bestSample } from '../../state/words/record';
import { selectSource } from '../../state/words/state';
import { Failure } from '../../ui/Failure';
import { Term } from '../../ui/Term';
import { useBench } from '../use-workbench';
import { Explanation } from './Explanation';
import { ScoreTable } from './ScoreTable';

/** A second opinion on a feature: its decoder row put into words, as if it were a residual, which it is not. */
export function CardWords({ layer, id }: { layer: number; id: number }) {
  const bench = useBench();
  const entry = useStore(bench.verbal.store, (s) => s.entries.get(`d:${layer}:${id}`));
  const error = useStore(bench.verbal.store, (s) => s.rowError);
  const median = useStore(bench.engine.store, (s) => siteOf(s.info, layer)?.normMedian ?? null);
  if (!entry) return error && <Failure error={error} />;
  const { record, state } = entry;
  const shown = bestSample(record.samples);
  const { score, pieces } = record.samples[shown]!;
  return (
    <div className="card-words" data-testid="card-words" data-state={state}>
      <h4>
        This feature’s <Term id="decoder">direction</Term> in words
      </h4>
      {error && <Failure error={error} />}
      <Explanation
        record={record}
        shown={shown}
        confidence={confidenceOf(score)}
        writing={state === 'writing'}
        chips={NONE}
      />
      {pieces ? (
        <p className="caption">
          No score: this source has no reconstructor.
          {median !== null && ' The direction was read at the layer’s median residual norm.'}
        </p>
      ) : (
        <ScoreTable record={record} score={score} />
      )}
      <p className="caption">
        The verbalizer learnt to read activations, not directions. Take this as a second opinion on the label.
      </p>
    </div>
  );
}

const NONE: readonly never[] = [];

/** The one layer that a source reads, if that is not this one. */
export const otherLayer = (info: VerbalizerInfo | null, layer: number): number | null =>
  info && info.layer !== layer ? info.layer : null;

/** Puts the card's decoder row into words; says why, where the pair cannot read this layer. */
export function VerbalizeRow({ layer, id }: { layer: number; id: number }) {
  const bench = useBench();
  const lens = useStore(bench.engine.store, (s) => s.lens !== null);
  const running = useStore(bench.verbal.store, (s) => s.run !== null);
  const info = useStore(bench.verbal.store, selectSource);
  const other = otherLayer(info, layer);
  return (
    <button
      type="button"
      data-testid="verbalize-row"
      disabled={!lens || other !== null || running}
      title={
        other !== null
          ? `The trained pair reads layer ${other} only; another source is under Settings in Words`
          : 'Describe this feature’s direction in sentences'
      }
      onClick={() => void bench.verbal.verbalizeRow(layer, id)}
    >
      Verbalize
    </button>
  );
}
