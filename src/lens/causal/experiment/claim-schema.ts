import * as v from 'valibot';
import { isObject } from '../../exchange/objects';
import { edit, MOST_EDITS, MOST_POSITIONS, numbers } from '../../exchange/recipe-schema';
import * as s from '../../exchange/schemas';
import { unicode } from '../predicates/schema';
import {
  type Claim,
  type ControlPlan,
  type Intervention,
  NEUTRAL,
  type Plan,
  type Sentence,
  type Where,
} from './experiment';
import { isRandom, noUse, plainEdit, plainWhere } from './intervention';

/** Claims, controls and plan as an experiment's file has them. */

const MOST_GROUP = 1000;
const MOST_DRAWS = 999;
const LONGEST_SENTENCE = 4000;

export const isName = (name: string) => /^[A-Za-z][\w.-]{0,59}$/.test(name);
/** Of prompt sets, outcomes and claims: they stand in ids of trials. */
export const name = v.pipe(
  s.text(60),
  v.check(isName, 'must begin with a letter, and hold letters, digits, full stop, _ and - alone'),
);

const last = s.exact({ last: s.whole(1, MOST_POSITIONS) });
const match = s.exact({ match: unicode(200) });
const where = v.pipe(
  v.nullish(
    v.lazy((value) =>
      !isObject(value) ? s.where(MOST_POSITIONS) : Object.hasOwn(value, 'last') ? last : match,
    ) as v.GenericSchema<unknown, Where>,
    'all',
  ),
  v.transform(plainWhere<Where>),
);

const sentence = v.lazy((value) =>
  isObject(value)
    ? s.exact({
        verbalize: where,
        replace: s.list(s.exact({ find: unicode(LONGEST_SENTENCE), with: unicode(LONGEST_SENTENCE, 0) }), 20),
      })
    : unicode(LONGEST_SENTENCE),
) as v.GenericSchema<unknown, Sentence>;

const edits = v.pipe(
  s.list(edit, MOST_EDITS),
  v.check((all) => all.length > 0, 'must hold at least one edit'),
  v.check((all) => !all.some(isRandom), 'must not move along random directions: those are the controls'),
  v.transform((all) => all.map(plainEdit)),
);

const member = s.exact({ layer: s.Layer, feature: s.Feature });
const members = v.pipe(
  s.list(member, MOST_GROUP),
  v.check((all) => all.length > 0, 'must hold at least one feature'),
  v.transform((all) => all.toSorted((a, b) => a.layer - b.layer || a.feature - b.feature)),
  v.check(
    (all) => all.every(({ layer, feature }, i) => layer !== all[i - 1]?.layer || feature !== all[i - 1]?.feature),
    'must name each feature once',
  ),
);

const group = v.pipe(
  s.exact({
    kind: v.literal('group'),
    features: members,
    mode: s.EditMode,
    strength: s.float32,
    on: v.optional(s.EditOn),
    where,
  }),
  v.transform(({ kind, features, mode, strength, on, where }) => {
    const plain = plainEdit({ layer: 0, feature: 0, mode, strength, on });
    return { kind, features, mode, strength: plain.strength, ...(plain.on && { on: plain.on }), where };
  }),
);

const means = s.exact({ plus: name, minus: name });
const direction = s.exact({
  kind: v.literal('direction'),
  layer: s.Layer,
  vector: v.lazy((value) => (isObject(value) ? means : numbers)),
  op: s.oneOf(['add', 'project']),
  strength: s.float32,
  relativeToNorm: v.nullish(s.flag, false),
  where,
});

const inWords = v.pipe(
  s.exact({
    kind: v.literal('sentence'),
    layer: s.Layer,
    op: s.oneOf(['add', 'swap', 'project']),
    text: sentence,
    instead: v.optional(sentence),
    strength: s.float32,
    where,
  }),
  s.rule(
    'instead',
    ({ op, instead }) => (op === 'swap') === (instead !== undefined),
    'must be there for swap, and for nothing else',
  ),
);

const intervention = s.byKind({
  edits: s.exact({ kind: v.literal('edits'), edits }),
  group,
  direction,
  sentence: inWords,
}) as v.GenericSchema<unknown, Intervention>;

const dose = s.number(-100, 100);
const count = s.whole(1, 1e9);
const selection = s.exact({
  candidates: v.lazy((value) => (isObject(value) ? s.exact({ atLeast: count }) : count)),
  signs: v.custom<1 | 2>((value) => value === 1 || value === 2, 'must be 1 (given beforehand) or 2 (tried)'),
  doses: s.whole(1, 1000),
});

const margin = s.number(0.001, 100);

export const claim = v.pipe(
  s.exact({
    id: name,
    kind: s.oneOf(['drives', 'uses']),
    intervention,
    dose: v.nullish(dose, 1),
    doses: v.optional(
      v.pipe(
        s.listOf<number>((value) => s.isNumber(value, -100, 100), 20, 'must list numbers from -100 to 100'),
        v.check((all) => new Set(all).size === all.length, 'must name each dose once'),
        v.transform((all) => all.toSorted((a, b) => a - b)),
      ),
    ),
    outcome: name,
    direction: s.oneOf(['more', 'less']),
    margin: v.nullish(margin, 0.1),
    selection,
    keeps: v.nullish(
      s.list(s.exact({ outcome: name, prompts: v.nullish(name, NEUTRAL), margin: v.nullish(margin, 0.1) }), 20),
      [],
    ),
    reference: v.optional(name),
  }),
  s.rule(
    'kind',
    (of) => of.kind === 'drives' || noUse(of) === null,
    (of) => noUse(of) ?? '',
  ),
) as v.GenericSchema<unknown, Claim>;

const draws = s.whole(0, MOST_DRAWS);
export const controls = s.exact({
  seed: s.whole(-(2 ** 31), 2 ** 31 - 1),
  directions: draws,
  features: v.nullish(draws, 0),
  differences: v.nullish(draws, 0),
  pool: v.optional(s.oneOf(['density', 'coactive'])),
  sentences: v.optional(draws),
  template: v.optional(s.list(sentence, MOST_DRAWS)),
  differenceOfMeans: v.optional(s.flag),
  equalKl: v.nullish(s.whole(0, 99), 0),
  instruct: v.optional(
    s.exact({
      text: unicode(LONGEST_SENTENCE),
      place: s.oneOf(['before', 'after', 'system']),
      withEdit: v.nullish(s.flag, false),
    }),
  ),
}) as v.GenericSchema<unknown, ControlPlan>;

export const plan = s.exact({
  alpha: v.nullish(s.number(0.001, 0.2), 0.05),
  prompts: s.whole(1, 10_000),
  design: s.oneOf(['quick', 'standard', 'fixed']),
  guard: v.nullish(
    s.exact({ doublings: v.nullish(s.number(0, 20), 1), degenerate: v.nullish(s.number(0, 1), 0.1) }),
    {},
  ),
  scored: v.nullish(s.whole(0, MOST_DRAWS), 5),
}) as v.GenericSchema<unknown, Plan>;
