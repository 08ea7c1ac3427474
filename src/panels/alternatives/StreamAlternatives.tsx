import { useStore } from 'zustand';
import type { StreamKind } from '../../state/base/view';
import { refuseBranch } from '../../state/page/alternatives';
import { focusTarget } from '../../ui/focus-targets';
import { useBench } from '../use-workbench';
import { AlternativeList } from './AlternativeList';

/** What else could stand in the place of a generated token, by the model that wrote its text. */
export default function StreamAlternatives({ stream, index }: { stream: StreamKind; index: number }) {
  const bench = useBench();
  const row = useStore(bench.runner.store, (s) => s.streams?.[stream]?.[index]);
  const prompt = useStore(bench.runner.store, (s) => s.plan?.prompt);
  const open = useStore(bench.engine.store, (s) => s.lens !== null);
  if (!row || prompt === undefined) return null;
  if (!row.alternatives)
    return <p className="caption">The likeliest tokens were not recorded here. Generate again to see them.</p>;
  return (
    <AlternativeList
      key={`${stream} ${index}`}
      list={row.alternatives}
      chosen={{ id: row.token, logprob: row.logprob }}
      refuse={(token) => (open ? refuseBranch(prompt, token, null) : 'No model is open.')}
      does={
        typeof prompt === 'string'
          ? 'A press goes on from here with another token.'
          : 'A press begins a branch with another token here.'
      }
      onTake={(token, byKey) => {
        // The list goes with the lock.
        if (byKey) focusTarget(`run-${stream}`);
        void bench.chat.branch({ stream, index }, token);
      }}
    />
  );
}
