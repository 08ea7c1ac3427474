import { answer } from './answer';
import { asks, sheet } from './asked';
import { and, not, or } from './combined';
import { contains, ends, starts } from './contains';
import { json, length, varied } from './form';
import type { Judge } from './judge';
import { nextToken } from './next-token';
import type { Outcome } from './outcome';
import { regex } from './regex';
import { script } from './script';
import { target } from './target';
import { verse } from './verse';

/** The judge of an outcome that a schema has read. */
export function judgeOf(outcome: Outcome): Judge {
  switch (outcome.type) {
    case 'contains':
      return contains(outcome);
    case 'regex':
      return regex(outcome);
    case 'script':
      return script(outcome);
    case 'answer':
      return answer(outcome);
    case 'json':
      return json();
    case 'verse':
      return verse();
    case 'varied':
      return varied();
    case 'length':
      return length(outcome);
    case 'starts':
      return starts(outcome);
    case 'ends':
      return ends(outcome);
    case 'nextToken':
      return nextToken(outcome);
    case 'target':
      return target(outcome);
    case 'asks':
      return asks(outcome);
    case 'sheet':
      return sheet(outcome);
    case 'not':
      return not(judgeOf(outcome.of));
    case 'and':
      return and(outcome.of.map(judgeOf));
    case 'or':
      return or(outcome.of.map(judgeOf));
  }
}
