import { OutcomeError } from '../../api/errors';
import type { Asks, Outcome, Regex } from './outcome';

/** A reading that a rule needs. Throws OutcomeError without it. */
export function needed<T>(reading: T | undefined, type: string, what: string): T {
  if (reading === undefined)
    throw new OutcomeError(`The outcome “${type}” needs ${what}: supply it with the text.`, { type });
  return reading;
}

/** What has to be read before an outcome can judge. */
export interface Needs {
  /** Whether a text has to be written; else the prompt's own distribution is enough. */
  text: boolean;
  /** Whether the prompt must say what it expects. */
  expect: boolean;
  /** Tokens right after the prompt. */
  tokens: (string | number)[];
  /** Continuations to be scored by teacher forcing. */
  targets: (string | { expect: true })[];
  asks: Asks[];
  patterns: Regex[];
  /** Questions of sheets. */
  questions: string[];
}

/** Everything that an outcome, with the outcomes within it, needs. */
export function needsOf(outcome: Outcome): Needs {
  const needs: Needs = { text: false, expect: false, tokens: [], targets: [], asks: [], patterns: [], questions: [] };
  collect(outcome, needs);
  return needs;
}

function collect(of: Outcome, needs: Needs): void {
  switch (of.type) {
    case 'not':
      collect(of.of, needs);
      return;
    case 'and':
    case 'or':
      for (const one of of.of) collect(one, needs);
      return;
    case 'nextToken':
      needs.tokens.push(...of.tokens, ...(of.against ?? []));
      return;
    case 'target':
      needs.targets.push(of.text, of.against);
      needs.expect ||= typeof of.text === 'object';
      return;
    case 'asks':
      needs.asks.push(of);
      break;
    case 'regex':
      needs.patterns.push(of);
      break;
    case 'sheet':
      needs.questions.push(of.question);
      break;
    case 'answer':
      needs.expect ||= of.equals === 'expect';
      break;
  }
  needs.text = true;
}
