import { type Evidence, type Judge, verdict } from './judge';
import { needed } from './needs';
import type { Target } from './outcome';

/** log P(text | prompt) - log P(against | prompt), teacher-forced, in nats in all or a token: the propensity of Tan et al.
 *  (2024, https://arxiv.org/abs/2407.12404). `judge` says whether it is above 0. No text is written. */
export function target({ text, against, per }: Target): Judge {
  const of = (wanted: string, { readings }: Evidence) => {
    const { sum, tokens } = needed(readings?.logProbText, 'target', 'the log-probabilities of its texts')(wanted);
    return per === 'total' ? sum : sum / tokens;
  };
  const score = (evidence: Evidence) => {
    const expect = () => needed(evidence.readings?.expect, 'target', 'what the prompt expects (`expect` of its item)');
    const [a, b] = [of(typeof text === 'string' ? text : expect(), evidence), of(against, evidence)];
    return a === b ? 0 : a - b;
  };
  const judge = (evidence: Evidence) => verdict(score(evidence) > 0);
  return { judge, decided: judge, score };
}
