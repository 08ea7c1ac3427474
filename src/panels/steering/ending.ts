import type { GeneratedRow } from '../../lens/api/generate';

/** Why a text ends where it does, unless it has all the tokens that were asked for. */
export const ending: Partial<Record<NonNullable<GeneratedRow['done']>, string>> = {
  stop: '[end]',
  sequence: '[stop sequence]',
  source: '[ends with steered]',
  context: '[context full]',
};
