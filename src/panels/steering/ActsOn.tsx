import { useStore } from 'zustand';
import { actsOnSome } from '../../state/steering/acted';
import { type EditRow, placeInRun } from '../../state/steering/edits';
import { gateOf } from '../../state/steering/gates';
import { generatedChange } from '../../state/steering/measure';
import { largestOf } from '../../state/steering/range';
import { useBench } from '../use-workbench';
import { generatedSays, promptSays } from './acts-words';
import { MEANS, useChanges, useSinks } from './Changes';
import { Detail } from './Detail';
import { actsSay } from './edit-words';

/** Which tokens an edit acts on, in a sentence, and on how many of them it did. The sentence is left out where the
 *  choice by itself says all; the run's figures then say the rest. */
export function ActsOn({ row }: { row: EditRow }) {
  const bench = useBench();
  const conversation = useStore(bench.tracer.store, (s) => s.chat !== null);
  const on = useStore(bench.steering.store, (s) => placeInRun(s.rows, row.key) >= 0);
  const plain = Array.isArray(row.where) || ['all', 'prompt', 'generated'].includes(row.where);
  const short = plain && !row.when && !conversation;
  return (
    <Detail name="Acts on">
      <p className={short ? 'acts' : row.when ? 'acts acts-gated' : 'acts acts-said'}>
        {!short && <span data-testid="acts">{actsSay(row, conversation)} </span>}
        {on ? (
          <span className="changes figures" data-testid="changes" title={MEANS}>
            <InPrompt row={row} /> {!short && <InRun />}
          </span>
        ) : (
          short && 'nothing.'
        )}
      </p>
    </Detail>
  );
}

function InPrompt({ row }: { row: EditRow }) {
  const bench = useBench();
  const place = useStore(bench.steering.store, (s) => placeInRun(s.rows, row.key));
  const gate = gateOf(row);
  const largest = useStore(bench.tracer.store, (s) => {
    const codes = gate && s.reading?.sites[gate.layer];
    return codes ? largestOf(codes, gate) : null;
  });
  const { value, current } = useChanges();
  const sinksOf = useSinks();
  const report = value?.edits[place];
  if (!report) return null;
  const waits = gate && largest !== null ? { name: `${gate.layer}:${gate.feature}`, largest } : null;
  return <span className={current ? undefined : 'stale'}>{promptSays(report, sinksOf(report.layer), waits)}</span>;
}

/** What was done while the steered text was generated; nothing where it was done at every token. */
function InRun() {
  const { store } = useBench().runner;
  const says = useStore(store, ({ plan, streams }) => {
    const did = actsOnSome(plan) && streams?.steered && generatedChange(streams.steered);
    return did ? generatedSays(did, plan!.edits.length) : '';
  });
  const stale = useStore(store, (s) => s.stale);
  return <span className={stale ? 'stale' : undefined}>{says}</span>;
}
