import { useStore } from 'zustand';
import { refuseBranch } from '../../state/page/alternatives';
import { Failure } from '../../ui/Failure';
import { useBench, useStale } from '../use-workbench';
import { AlternativeList } from './AlternativeList';

/** What else could stand in the place of a token of the prompt. */
export function PromptAlternatives({ position }: { position: number }) {
  const bench = useBench();
  const stale = useStale();
  const { value, key, answered, error } = useStore(bench.alternatives.store, (s) => s);
  const trace = useStore(bench.tracer.store, (s) => s.trace);
  const prompt = useStore(bench.tracer.store, (s) => s.reading?.prompt);
  if (position === 0)
    return <p className="empty">Nothing stands before the first token, so that no other was likelier in its place.</p>;
  if (error) return <Failure error={error} />;
  if (!value || !trace || prompt === undefined)
    return <p className="empty">{trace ? 'Reading.' : 'Listed once the model is open.'}</p>;
  const { tokens } = trace;
  return (
    <div className={key === answered && !stale ? '' : 'stale'}>
      <AlternativeList
        key={answered}
        {...value}
        refuse={(token) => (stale ? 'The text has changed.' : refuseBranch(prompt, token, { position, tokens }))}
        onTake={(token) => void bench.chat.branch({ position }, token)}
      />
      <p className="caption note">
        {typeof prompt === 'string'
          ? 'A press puts the token in this place: the text goes on from there, and what stood behind goes.'
          : 'A press begins a branch of the conversation with the token in this place.'}
      </p>
    </div>
  );
}
