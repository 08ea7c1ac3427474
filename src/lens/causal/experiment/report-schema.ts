import * as v from 'valibot';
import * as s from '../../exchange/schemas';
import { isName, name } from './claim-schema';
import {
  type DevelopmentLog,
  type Environment,
  FAMILIES,
  type LedgerEntry,
  REGISTRATION_FORMAT,
  REPORT_FORMAT,
  VERDICTS,
  type Verdict,
} from './report';
import { isArm, parsedTrialId, type Trial } from './trial';

/** Registrations and reports as files, but for the experiment within, which `readExperiment` reads. */

const MOST_TRIALS = 500_000;
const MOST_LIST = 1000;
const count = s.whole(0, 1e9);
const positive = s.figure(0);
const share = s.number(0, 1);
const orNull = s.orNull;

const isTime = (at: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(at) && Number.isFinite(Date.parse(at));
const time = v.pipe(s.text(30), v.check(isTime, 'must be a time such as 2026-01-31T12:00:00.000Z'));

/** Under names in their order. */
const sorted = <S extends v.GenericSchema>(of: S, is: (key: string) => boolean, rule: string) =>
  v.pipe(
    s.record(of),
    v.check((all) => Object.keys(all).length <= MOST_LIST, `must hold at most ${MOST_LIST} entries`),
    v.check((all) => Object.keys(all).every(is), rule),
    v.transform((all) => Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)))),
  );
const byOutcome = <S extends v.GenericSchema>(of: S) => sorted(of, isName, 'must be under names of outcomes');
const isHash = (key: string) => /^[0-9a-f]{64}$/.test(key);

const development = s.exact({
  features: count,
  groups: count,
  sentences: count,
  doses: count,
  predicates: count,
  prompts: count,
}) satisfies v.GenericSchema<unknown, DevelopmentLog>;

export const registrationSchema = s.exact({
  format: v.literal(REGISTRATION_FORMAT, `must be ${REGISTRATION_FORMAT}`),
  experiment: v.unknown(),
  sha256: s.Sha256,
  at: time,
  development,
  testLooks: sorted(count, isHash, 'must be under SHA-256 hashes'),
});

const trial = s.exact({
  id: v.pipe(
    s.text(300),
    v.check((id) => parsedTrialId(id) !== null, 'must be claim|arm|dose|prompt|seed'),
  ),
  split: s.oneOf(['dev', 'test']),
  tokens: s.listOf<number>((value) => s.isWhole(value, 0, 1e7), 100_000, 'must list ids of tokens'),
  text: s.anyText(1_000_000),
  done: s.oneOf(['stop', 'length', 'context', 'decided']),
  outcomes: byOutcome(orNull(share)),
  scores: v.optional(byOutcome(s.figure())),
  kl: orNull(s.figure()),
  surprisal: orNull(s.figure()),
  alone: orNull(s.figure()),
  scored: count,
  acted: count,
  of: count,
  change: positive,
  norm: positive,
}) satisfies v.GenericSchema<unknown, Trial>;

const limits = { mean: s.figure(), low: orNull(s.figure()), high: orNull(s.figure()) };
const family = s.exact({
  draws: count,
  reached: count,
  p: orNull(share),
  excess: s.exact(limits),
  median: s.figure(),
  p95: s.figure(),
  largest: s.list(s.exact({ draw: s.text(200), value: s.figure() }), MOST_LIST),
});
const statistics = s.exact({
  claim: name,
  dose: s.figure(),
  n: count,
  seeds: count,
  clusters: count,
  arms: sorted(
    s.exact({ ...limits, undecided: share, degenerate: share, perplexity: orNull(positive), kl: orNull(s.figure()) }),
    (arm) => isArm(arm),
    'must be under arms',
  ),
  effect: s.exact({ ...limits, gained: count, lost: count, against: share }),
  families: sorted(
    family,
    (key) => (FAMILIES as readonly string[]).includes(key),
    `must be under ${FAMILIES.join(', ')}`,
  ),
  pNone: share,
  p: orNull(share),
  pHolm: orNull(share),
  guard: s.exact({ passes: s.flag, bound: s.figure(), reference: s.figure() }),
  keeps: byOutcome(s.exact({ ...limits, held: orNull(s.flag) })),
  beyondNatural: orNull(positive),
});

const verdict = s.exact({
  claim: name,
  verdict: s.oneOf(VERDICTS),
  variant: v.optional(s.oneOf(['none', 'below-margin', 'not-specific'])),
  need: v.optional(s.exact({ prompts: v.optional(count), draws: v.optional(count) })),
  status: s.oneOf(['confirmatory', 'exploratory']),
  sentence: s.text(10_000),
}) satisfies v.GenericSchema<unknown, Verdict>;

const entry = s.exact({
  testSet: s.Sha256,
  at: time,
  sha256: s.Sha256,
  look: s.whole(1, 1e6),
  verdicts: s.list(s.exact({ claim: name, verdict: s.oneOf(VERDICTS) }), 10),
}) satisfies v.GenericSchema<unknown, LedgerEntry>;

const environment = s.exact({
  provider: s.text(100),
  adapter: orNull(s.text(500)),
  dtype: s.text(100),
  format: s.text(100),
  sha256: orNull(s.Sha256),
  lenslet: s.text(100),
  runtime: s.text(500),
}) satisfies v.GenericSchema<unknown, Environment>;

export const reportSchema = s.exact({
  format: v.literal(REPORT_FORMAT, `must be ${REPORT_FORMAT}`),
  registration: registrationSchema,
  environment,
  trials: v.pipe(
    s.list(trial, MOST_TRIALS),
    v.check((all) => new Set(all.map(({ id }) => id)).size === all.length, 'must hold each trial once'),
    v.transform((all) => all.toSorted((a, b) => (a.id < b.id ? -1 : 1))),
  ),
  statistics: s.list(statistics, MOST_LIST),
  verdicts: s.list(verdict, 10),
  ledger: s.list(entry, MOST_LIST),
});
