import type { Evidence, Judge } from './judge';
import { verdict } from './judge';
import { needed } from './needs';
import type { NextToken } from './outcome';

/** log Σ exp of log-probabilities, in nats. */
function together(logProbs: readonly number[]): number {
  const largest = Math.max(...logProbs);
  if (largest === -Infinity) return -Infinity;
  return largest + Math.log(logProbs.reduce((sum, x) => sum + Math.exp(x - largest), 0));
}

/** The probability of some tokens right after the prompt (`mass`, in [0, 1]), or log(Σ_A p / Σ_B p) of two sets
 *  (`logodds`, nats), of which `judge` says whether it is above 0. No text is needed, and none is ever undecided. */
export function nextToken({ tokens, read, against = [] }: NextToken): Judge {
  const sum = (of: readonly (string | number)[], { readings }: Evidence) => {
    const logProb = needed(readings?.logProb, 'nextToken', 'the probabilities of the next token');
    return together([...new Set(of)].map((token) => logProb(token)));
  };
  if (read === 'mass') {
    const judge = (evidence: Evidence) => Math.min(1, Math.exp(sum(tokens, evidence)));
    return {
      judge,
      decided: (evidence) => {
        const mass = judge(evidence);
        return mass === 0 || mass === 1 ? mass : null;
      },
    };
  }
  const score = (evidence: Evidence) => {
    const [a, b] = [sum(tokens, evidence), sum(against, evidence)];
    // Neither is possible: no odds for one.
    return a === b ? 0 : a - b;
  };
  const judge = (evidence: Evidence) => verdict(score(evidence) > 0);
  return { judge, decided: judge, score };
}
