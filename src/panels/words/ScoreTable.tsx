import { useState } from 'react';
import type { Score, ScoreControls } from '../../lens/api/verbalizer';
import { cosine, figure, score as two } from '../../lens/maths/figures';
import { confidenceOf, confidenceTitle, controlName, notBetter, OWN_WORDS } from '../../state/words/confidence';
import type { VerbalRecord } from '../../state/words/record';
import { Term } from '../../ui/Term';
import { ScoreChart } from './ScoreChart';

const OTHERS = [
  {
    of: 'constant',
    title: 'The mean direction of the training activations, whatever the token; its FVE is below 0 on average',
  },
  { of: 'empty', title: 'What the reconstructor makes of an empty text' },
  { of: 'generic', title: 'A sentence that fits any text' },
] as const;

/** A figure at the right of its cell. Each value gets a new node, so that a change does not count as a layout shift. */
function Figure({ says }: { says: string }) {
  return (
    <td>
      <span key={says}>{says}</span>
    </td>
  );
}

/** How well the words give the vector, with other tokens' words beside it. A line is kept for each figure before it is
 *  there. */
export function ScoreTable({
  record,
  score,
  own = null,
  stale = false,
}: {
  record: VerbalRecord;
  score: Score | null;
  /** Of the verbalizer's own text, where `score` is of the reader's. */
  own?: Score | null;
  /** The reader has typed on. */
  stale?: boolean;
}) {
  const [all, setAll] = useState(false);
  const { controls, variance, beatsControl } = record;
  const scaled = variance !== null;
  const confidence = confidenceOf(score);
  const meaning = meaningOf(variance);
  return (
    <div className="scores">
      <table className="score-table figures" data-testid="score">
        <thead>
          <tr>
            <th scope="col">score</th>
            {scaled && (
              <th scope="col" title={meaning}>
                relative MSE
              </th>
            )}
            <th scope="col" title={meaning}>
              {scaled ? <Term id="fve" /> : 'cosine'}
            </th>
            <th scope="col">5 to 95 %</th>
          </tr>
        </thead>
        <tbody>
          <tr className={stale ? 'stale' : undefined} data-testid="score-own" data-confidence={confidence ?? undefined}>
            <th scope="row">
              <b>{confidence ? confidenceTitle[confidence] : score ? OWN_WORDS : 'No score yet'}</b>
            </th>
            {scaled && <Figure says={two(score?.relative)} />}
            <Figure says={scaled ? two(score?.fve) : cosine(score?.cosine)} />
            <td className="score-was">{own && `was ${scaled ? two(own.fve) : cosine(own.cosine)}`}</td>
          </tr>
          <Shuffled shuffled={controls?.shuffled ?? null} scaled={scaled} />
          {all && controls && <Others controls={controls} scaled={scaled} />}
        </tbody>
      </table>
      <div className="score-note">
        <p data-testid="verdict">
          <Verdict worse={notBetter(score, controls, beatsControl)} alone={controls !== null && !controls.shuffled} />
        </p>
        <button
          type="button"
          className="bare caption"
          aria-expanded={all}
          disabled={!controls}
          onClick={() => setAll(!all)}
        >
          All controls
        </button>
      </div>
      {all && <p className="caption">{meaning}</p>}
      {all && score && controls && <ScoreChart score={score} controls={controls} scaled={scaled} />}
    </div>
  );
}

const meaningOf = (variance: number | null): string =>
  variance === null
    ? 'Cosine of the rebuilt activation and the token’s own. This pair states no variance, so there is no relative error and no FVE.'
    : `Relative MSE: 0 where the rebuilt activation is exact, 1 where it is no nearer than the mean of all activations, each scaled to length 1. FVE is 1 minus it. Variance ${figure(variance)}.`;

function Shuffled({ shuffled, scaled }: { shuffled: ScoreControls['shuffled']; scaled: boolean }) {
  return (
    <tr className="score-control" data-testid="score-shuffled">
      <th scope="row" title="Words of other tokens, scored against this token’s activation">
        {controlName.shuffled}
        {shuffled && `, n ${shuffled.n}`}
      </th>
      {scaled && <Figure says={two(shuffled?.fve === null || !shuffled ? null : 1 - shuffled.fve)} />}
      <Figure says={scaled ? two(shuffled?.fve) : cosine(shuffled?.cosine)} />
      <Figure says={shuffled?.low === null || !shuffled ? '–' : `${two(shuffled.low)} to ${two(shuffled.high)}`} />
    </tr>
  );
}

function Others({ controls, scaled }: { controls: ScoreControls; scaled: boolean }) {
  return OTHERS.map(({ of, title }) => (
    <tr key={of} className="score-control">
      <th scope="row" title={title}>
        {controlName[of]}
      </th>
      {scaled && <td>{two(controls[of]?.relative)}</td>}
      <td>{scaled ? two(controls[of]?.fve) : cosine(controls[of]?.cosine)}</td>
      <td />
    </tr>
  ));
}

function Verdict({ worse, alone }: { worse: ReturnType<typeof notBetter>; alone: boolean }) {
  if (worse === 'here') return 'Not better than its control.';
  if (worse === 'held-out') return 'Not better than its control on held-out text.';
  return alone && <span className="caption">No shuffled control: verbalize five or more tokens.</span>;
}
