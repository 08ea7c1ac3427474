import { useStore } from 'zustand';
import { refuseBranch, selectAlternativesAt } from '../../state/page/alternatives';
import { Failure } from '../../ui/Failure';
import { useFocusWhereLost } from '../../ui/use-focus-where-lost';
import { useBench, usePage, useStale, useView } from '../use-workbench';
import { AlternativeList } from './AlternativeList';

/** What else could stand in the place of the locked token of the prompt. */
export default function PromptAlternatives() {
  const bench = useBench();
  const stale = useStale();
  const position = usePage(selectAlternativesAt);
  const generated = useView((s) => s.generated !== null);
  const { value, key, answered, error } = useStore(bench.alternatives.store, (s) => s);
  const trace = useStore(bench.tracer.store, (s) => s.trace);
  const prompt = useStore(bench.tracer.store, (s) => s.reading?.prompt);
  if (generated) return <Nothing says="The locked token is generated: its alternatives stand with its features." />;
  if (position === null)
    return <Nothing says="No token locked. Click one in the text: what else could stand there is listed here." />;
  if (position === 0)
    return <Nothing says="Nothing stands before the first token: the model expected nothing in its place." />;
  if (error) return <Failure error={error} />;
  if (!trace || !value || prompt === undefined)
    return <Nothing says={trace ? 'Reading.' : 'Listed once the model is open.'} />;
  const { tokens } = trace;
  return (
    <div className={key === answered && !stale ? '' : 'stale'}>
      <AlternativeList
        key={answered}
        {...value}
        does={
          typeof prompt === 'string'
            ? 'A press goes on from here with another token; what stood behind it goes.'
            : 'A press begins a branch with another token here.'
        }
        refuse={(token) => (stale ? 'The text has changed.' : refuseBranch(prompt, token, { position, tokens }))}
        onTake={(token) => void bench.chat.branch({ position }, token)}
      />
    </div>
  );
}

function Nothing({ says }: { says: string }) {
  return (
    <p ref={useFocusWhereLost()} tabIndex={-1} className="empty">
      {says}
    </p>
  );
}
