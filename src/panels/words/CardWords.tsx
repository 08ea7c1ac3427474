import { useStore } from 'zustand';
import { siteOf } from '../../state/reading/select';
import { confidenceOf } from '../../state/words/confidence';
import { bestSample } from '../../state/words/record';
import { Failure } from '../../ui/Failure';
import { Term } from '../../ui/Term';
import { useBench } from '../use-workbench';
import { Explanation } from './Explanation';
import { ScoreTable } from './ScoreTable';

/** A second opinion on a feature: its decoder row put into words, as if it were a residual, which it is not. */
export default function CardWords({ layer, id }: { layer: number; id: number }) {
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
