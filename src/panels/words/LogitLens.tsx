import { useStore } from 'zustand';
import type { TokenLogprob } from '../../lens/api/text';
import { probability } from '../../lens/maths/figures';
import { selectSite } from '../../state/page/selectors';
import { Failure } from '../../ui/Failure';
import { Term } from '../../ui/Term';
import { TokenBars } from '../../ui/TokenBars';
import { useBench, usePage, useStale } from '../use-workbench';

const SHOWN = 10;
const bars = (list: readonly TokenLogprob[]) =>
  list.map(({ id, text, logprob }) => ({ id, text, value: Math.exp(logprob), figure: probability(Math.exp(logprob)) }));

/** What the residual stream says about the next token: read out at the layer, and at the model's end. */
export default function LogitLens() {
  const bench = useBench();
  const stale = useStale();
  const { value, key, answered, error } = useStore(bench.words.store, (s) => s);
  const site = usePage((page) => selectSite(page)?.layer ?? null);
  return (
    <>
      {error && <Failure error={error} />}
      {value && (
        <div className={key === answered && !stale ? 'two' : 'two stale'} data-testid="logit-lens">
          {value.lens && (
            <div>
              <h3>Layer {site}, p</h3>
              <TokenBars label={`Logit lens at layer ${site}`} rows={SHOWN} bars={bars(value.lens)} />
            </div>
          )}
          <div>
            <h3>Next token, p</h3>
            <TokenBars label="The model's next token" rows={SHOWN} bars={bars(value.next)} />
          </div>
        </div>
      )}
      <p className="caption note">
        {site === null ? (
          <>
            The model’s own next token at temperature 1, the {SHOWN} likeliest. The <Term id="lens">logit lens</Term>{' '}
            reads the <Term id="residual" /> at a dictionary’s layer, and no dictionary is open with this model.
          </>
        ) : (
          <>
            Left: the <Term id="lens">logit lens</Term>, the <Term id="residual" /> after layer {site} through the final
            norm and the unembedding. Right: the model’s own next token at temperature 1. The {SHOWN} likeliest of each.
          </>
        )}
      </p>
    </>
  );
}
