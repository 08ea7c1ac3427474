import { useStore } from 'zustand';
import { siteOf } from '../../state/reading/select';
import { confidenceOf } from '../../state/words/confidence';
import { bestSample } from '../../state/words/record';
import { selectSource } from '../../state/words/state';
import { Failure } from '../../ui/Failure';
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
      <h4>Decoder row in words</h4>
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
          No reconstructor: fidelity unknown.
          {median !== null && ' The row was put in at the site’s median residual norm.'}
        </p>
      ) : (
        <ScoreTable record={record} score={score} />
      )}
      <p className="caption">
        A decoder row is no residual: the verbalizer has never read one. Take this as a second opinion on the label, not
        as its measure.
      </p>
    </div>
  );
}

const NONE: readonly never[] = [];

/** Puts the card's decoder row into words; says why where it cannot. */
export function VerbalizeRow({ layer, id }: { layer: number; id: number }) {
  const bench = useBench();
  const lens = useStore(bench.engine.store, (s) => s.lens !== null);
  const running = useStore(bench.verbal.store, (s) => s.run !== null);
  const info = useStore(bench.verbal.store, selectSource);
  const other = info?.layer !== undefined && info.layer !== null && info.layer !== layer;
  return (
    <button
      type="button"
      data-testid="verbalize-row"
      disabled={!lens || other || running}
      title={
        other
          ? `The trained pair reads site ${info.layer} only; choose another source under Settings beside Verbalize`
          : 'Puts the decoder row into words'
      }
      onClick={() => void bench.verbal.verbalizeRow(layer, id)}
    >
      Verbalize
    </button>
  );
}
