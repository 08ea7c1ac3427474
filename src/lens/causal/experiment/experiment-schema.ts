import * as v from 'valibot';
import { dictionary, MOST_EDITS } from '../../exchange/recipe-schema';
import { HOTTEST } from '../../exchange/sampling';
import * as s from '../../exchange/schemas';
import { outcomeSchema, unicode } from '../predicates/schema';
import { promptSet } from '../prompts/schema';
import { claim, controls, isName, plan } from './claim-schema';
import { EXPERIMENT_FORMAT } from './experiment';

const MOST_CLAIMS = 10;
const MOST_NAMED = 20;

/** Things under names of their own, in the order of the names. */
const byName = <S extends v.GenericSchema>(of: S) =>
  v.pipe(
    s.record(of),
    v.check((all) => Object.keys(all).length <= MOST_NAMED, `must hold at most ${MOST_NAMED} entries`),
    v.check((all) => Object.keys(all).every(isName), 'must have names of letters, digits, full stop, _ and - alone'),
    v.transform((all) => Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)))),
  );

const sampling = s.exact({
  temperature: s.number(0, HOTTEST),
  topP: v.pipe(
    s.number(0, 1),
    v.check((p) => p > 0, 'must be above 0'),
  ),
  maxTokens: s.whole(1, 100_000),
  chat: v.nullish(s.flag, false),
  stop: v.optional(s.stops),
  base: s.whole(-(2 ** 31), 2 ** 31 - 1),
  seeds: v.nullish(s.whole(1, 100), 1),
});

/** An experiment but for what depends on several of its parts, or on a hash. */
export const experimentSchema = s.exact({
  format: v.literal(EXPERIMENT_FORMAT, `must be ${EXPERIMENT_FORMAT}`),
  name: unicode(200),
  question: v.optional(unicode(2000)),
  model: s.exact({ name: s.text(500), sha256: s.orNull(s.Sha256) }),
  dictionaries: v.pipe(
    s.list(dictionary, MOST_EDITS),
    v.check((all) => new Set(all.map(({ layer }) => layer)).size === all.length, 'must name each layer once'),
    v.transform((all) => all.toSorted((a, b) => a.layer - b.layer)),
  ),
  pair: v.optional(s.exact({ layer: s.Layer, sha256: s.Sha256 })),
  prompts: byName(promptSet),
  sampling,
  outcomes: byName(outcomeSchema),
  claims: v.pipe(
    s.list(claim, MOST_CLAIMS),
    v.check((all) => all.length > 0, 'must hold at least one claim'),
    v.check((all) => new Set(all.map(({ id }) => id)).size === all.length, 'must have an id of its own for each claim'),
  ),
  controls,
  plan,
});
