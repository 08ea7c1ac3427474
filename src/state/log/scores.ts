import type { Score, ScoreControls } from '../../lens/api/verbalizer';
import type { JsonObject } from '../../lens/formats/json';
import type { KnownScore } from './record';

/** Beyond any figure that is one. */
export const LARGE = 1e12;

export const numberOrNull = (json: JsonObject, key: string, least = -LARGE, most = LARGE): number | null =>
  json.get(key) === undefined ? null : json.number(key, least, most);

/** Beyond 1 by no more than rounding. */
export const cosineOf = (json: JsonObject, key: string): number | null => numberOrNull(json, key, -1.001, 1.001);
export const errorOf = (json: JsonObject, key: string): number | null => numberOrNull(json, key, 0);

/** A score of which parts may be unknown; null where all are. */
export function parseKnownScore(json: JsonObject | null): KnownScore | null {
  if (!json) return null;
  const score = {
    cosine: cosineOf(json, 'cosine'),
    error: errorOf(json, 'error'),
    relative: numberOrNull(json, 'relative', 0),
    fve: numberOrNull(json, 'fve'),
  };
  return Object.values(score).every((value) => value === null) ? null : score;
}

function parseScore(json: JsonObject | null, of: JsonObject, key: string): Score {
  const score = parseKnownScore(json);
  if (!score || score.cosine === null || score.error === null)
    of.refuse(key, 'must be a score with "cosine" and "error"');
  return { ...score, cosine: score.cosine, error: score.error };
}

export function parseControls(json: JsonObject): ScoreControls {
  const shuffled = json.object('shuffled');
  return {
    constant: json.get('constant') === undefined ? null : parseScore(json.object('constant'), json, 'constant'),
    empty: parseScore(json.object('empty'), json, 'empty'),
    generic: parseScore(json.object('generic'), json, 'generic'),
    shuffled: shuffled && {
      n: shuffled.integer('n', 1, 1_000_000),
      cosine: shuffled.number('cosine', -1.001, 1.001),
      fve: numberOrNull(shuffled, 'fve'),
      low: numberOrNull(shuffled, 'low'),
      high: numberOrNull(shuffled, 'high'),
    },
  };
}
