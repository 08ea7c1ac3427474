import type { TokenLogprob } from '../../lens/types';
import { lockedChip } from '../../state/select';
import { Failure } from '../../ui/Failure';
import { probability } from '../../ui/format';
import { TokenBars } from '../../ui/TokenBars';
import { spoken } from '../../ui/token-pieces';
import { useBench, usePart, useReading, useStale, useView } from '../bench';
import { countRender } from '../render-count';

const SHOWN = 10;
const bars = (list: readonly TokenLogprob[]) =>
  list.map(({ id, text, logprob }) => ({ id, text, value: Math.exp(logprob), figure: probability(Math.exp(logprob)) }));

/** What the residual stream says about the next token: read out at the site, and at the model's end. Until a verbalizer is loaded this is a logit lens, and called so. */
export function Words() {
  countRender('words');
  const bench = useBench();
  const found = useReading();
  const stale = useStale();
  const { value, key, answered, error } = usePart(bench.words.store, (s) => s);
  const locked = useView((s) => s.locked);
  const site = useView((s) => s.site);
  const chip = found && (lockedChip(found.reading, { locked }) ?? found.reading.chips.at(-1));
  return (
    <section className="region words" aria-labelledby="words-title">
      <div className="region-head">
        <h2 id="words-title">Logit lens</h2>
      </div>
      {!chip && <p className="empty">No trace. The site’s residual is read out here, token by token.</p>}
      {chip && (
        <p className={stale ? 'caption stale' : 'caption'}>
          After <span className="mono">“{spoken(chip.text)}”</span>, position {chip.to}
          {locked === null && ', the last token'}
        </p>
      )}
      {error && <Failure error={error} />}
      {value && (
        <div className={key === answered && !stale ? 'two' : 'two stale'} data-testid="words">
          <div>
            <h3>Site {site}, p</h3>
            <TokenBars label={`Logit lens at site ${site}`} rows={SHOWN} bars={bars(value.lens)} />
          </div>
          <div>
            <h3>Next token, p</h3>
            <TokenBars label="The model's next token" rows={SHOWN} bars={bars(value.next)} />
          </div>
        </div>
      )}
      {chip && (
        <p className="caption note">
          Left: the residual stream at site {site} through the final norm and the unembedding, {SHOWN} likeliest. Right: the model’s own distribution, T 1,{' '}
          {SHOWN} likeliest.
        </p>
      )}
    </section>
  );
}
