import type { Score, ScoreControls } from '../../lens/api/verbalizer';
import { cosine, score as two } from '../../lens/maths/figures';
import { controlName, OWN_WORDS } from '../../state/words/confidence';
import { IntervalChart } from '../charts/IntervalChart';

interface Props {
  score: Score;
  controls: ScoreControls;
  /** Whether the pair knows its variance, so that there is an FVE; else the cosine is compared. */
  scaled: boolean;
}

/** The words' score on one axis with those of words that are not about this token. */
export function ScoreChart({ score, controls, scaled }: Props) {
  const of = (one: { fve: number | null; cosine: number } | null) => (one && scaled ? one.fve : (one?.cosine ?? null));
  const { shuffled, constant, empty, generic } = controls;
  const row = (name: string, value: number | null) =>
    value === null ? [] : [{ name, value, low: null, high: null, n: null, kind: 'control' as const }];
  const rows = [
    ...row(OWN_WORDS, of(score)).map((own) => ({ ...own, kind: 'plain' as const })),
    ...row(controlName.shuffled, of(shuffled)).map((one) => ({
      ...one,
      // The range is of FVE.
      low: scaled ? shuffled!.low : null,
      high: scaled ? shuffled!.high : null,
      n: shuffled!.n,
    })),
    ...row(controlName.constant, of(constant)),
    ...row(controlName.empty, of(empty)),
    ...row(controlName.generic, of(generic)),
  ];
  return (
    <IntervalChart
      of="words"
      quantity={scaled ? 'FVE' : 'Cosine'}
      interval="5 to 95 %"
      says={scaled ? two : cosine}
      rows={rows}
    />
  );
}
