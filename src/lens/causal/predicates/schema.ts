import * as v from 'valibot';
import { isObject } from '../../exchange/objects';
import * as s from '../../exchange/schemas';
import { canonical } from './answer';
import type { Outcome } from './outcome';
import { folded } from './settled';

/** Outcomes as they stand in a file. What a rule would need a thousand of is refused by its name. */

const MOST_TEXTS = 100;
const LONGEST = 1000;
const DEEPEST = 6;
const MOST_OF = 16;

/** A text of Unicode: half a surrogate pair cannot be written as UTF-8. */
export const unicode = (most: number, least = 1) =>
  v.pipe(
    s.text(most, least),
    v.check((value) => !/\p{Surrogate}/u.test(value), 'must be Unicode without half a surrogate pair'),
  );

const isText = (value: unknown) => typeof value === 'string' && value.length > 0 && value.length <= LONGEST;
const texts = v.pipe(
  s.listOf<string>(isText, MOST_TEXTS, `must list texts of 1 to ${LONGEST} characters`),
  v.check((all) => all.length > 0, 'must hold at least one text'),
);
const fold = v.nullish(s.flag, true);

const contains = v.pipe(
  s.exact({
    type: v.literal('contains'),
    any: v.optional(texts),
    all: v.optional(texts),
    fold,
    least: v.nullish(s.whole(1, 1000), 1),
  }),
  s.rule('any', ({ any, all }) => (any === undefined) !== (all === undefined), 'must be there, or "all", but not both'),
);

const edge = <const T extends 'starts' | 'ends'>(type: T) =>
  v.pipe(
    s.exact({ type: v.literal(type), any: texts, fold }),
    s.rule(
      'any',
      ({ any }) => (any as string[]).every((one) => folded(one).trim() !== ''),
      'must hold texts that are more than white space',
    ),
  );

const regex = v.pipe(
  s.exact({
    type: v.literal('regex'),
    pattern: s.text(LONGEST),
    flags: v.pipe(
      v.nullish(s.anyText(4), ''),
      v.check((flags) => /^[imsu]*$/.test(flags) && new Set(flags).size === flags.length, 'must be of i, m, s and u'),
      v.transform((flags) => [...flags].sort().join('')),
    ),
  }),
  s.rule(
    'pattern',
    ({ pattern, flags }) => {
      try {
        return Boolean(new RegExp(pattern, flags));
      } catch {
        return false;
      }
    },
    'must be a regular expression of JavaScript',
  ),
);

const isScript = (name: string) => {
  try {
    return /^[A-Za-z_]{1,40}$/.test(name) && Boolean(new RegExp(`\\p{Script=${name}}`, 'u'));
  } catch {
    return false;
  }
};
const script = s.exact({
  type: v.literal('script'),
  script: v.pipe(s.text(40), v.check(isScript, 'must be a script of Unicode such as Han or Latin')),
  share: s.number(0, 1),
  compare: s.oneOf(['>', '>=', '<=']),
  letters: v.nullish(s.whole(0, 100_000), 8),
});

const PICK = 'must be first-number, last-number, or an object with "after"';
const pick = v.lazy((value) =>
  isObject(value) ? s.exact({ after: unicode(200) }) : v.picklist(['first-number', 'last-number'], PICK),
);
const answer = s.exact({
  type: v.literal('answer'),
  pick,
  equals: v.pipe(
    s.text(400),
    v.check((value) => value === 'expect' || canonical(value) !== null, 'must be expect, or a number as a text'),
  ),
});

const length = v.pipe(
  s.exact({
    type: v.literal('length'),
    min: v.nullish(s.whole(0, 1e6), 0),
    max: s.orNull(s.whole(0, 1e6)),
  }),
  s.rule('max', ({ min, max }) => max === null || max >= min, 'must not be below "min"'),
);

const TOKENS = 'must list texts of 1 to 200 characters, or ids';
const tokens = v.pipe(
  s.listOf<string | number>(
    (value) => s.isWhole(value, 0, 1e7) || (typeof value === 'string' && value !== '' && value.length <= 200),
    MOST_TEXTS,
    TOKENS,
  ),
  v.check((all) => all.length > 0, 'must hold at least one token'),
);
const nextToken = v.pipe(
  s.exact({
    type: v.literal('nextToken'),
    tokens,
    read: s.oneOf(['mass', 'logodds']),
    against: v.optional(tokens),
  }),
  s.rule(
    'against',
    ({ read, against }) => (read === 'logodds') === (against !== undefined),
    'must be there for logodds, and for nothing else',
  ),
);

const expected = s.exact({
  expect: v.custom<true>((value) => value === true, 'must be true: the text is the one that the prompt expects'),
});
const target = s.exact({
  type: v.literal('target'),
  text: v.lazy((value) => (isObject(value) ? expected : unicode(LONGEST))),
  against: unicode(LONGEST),
  per: v.nullish(s.oneOf(['token', 'total']), 'token'),
});

const asks = s.exact({
  type: v.literal('asks'),
  template: v.pipe(
    unicode(4000),
    v.check((template) => template.split('{text}').length === 2, 'must hold {text} once'),
  ),
  yes: unicode(200),
  no: unicode(200),
  least: v.nullish(s.number(0, 1), 0.5),
});

const named = <const T extends string>(type: T) => s.exact({ type: v.literal(type) });

const NEEDS_CLASSIFIER =
  'An outcome of the type “features” needs a classifier, which reads the text again with the unedited model. It is not there yet: use a rule on the text or on the next token.';
const features = v.custom<never>(() => false, NEEDS_CLASSIFIER);

const simple = {
  contains,
  regex,
  script,
  answer,
  json: named('json'),
  verse: named('verse'),
  varied: named('varied'),
  length,
  starts: edge('starts'),
  ends: edge('ends'),
  nextToken,
  target,
  asks,
  sheet: s.exact({ type: v.literal('sheet'), question: unicode(LONGEST) }),
  features,
};

/** Outcomes that hold outcomes, down to a depth: a file that nests without end is refused, not followed. */
function upTo(depth: number): v.GenericSchema<unknown, Outcome> {
  const of = v.lazy(() => (depth > 1 ? upTo(depth - 1) : tooDeep));
  const several = v.pipe(
    s.list(of, MOST_OF),
    v.check((all) => all.length > 0, 'must hold at least one outcome'),
  );
  return s.byKind(
    {
      ...simple,
      not: s.exact({ type: v.literal('not'), of }),
      and: s.exact({ type: v.literal('and'), of: several }),
      or: s.exact({ type: v.literal('or'), of: several }),
    },
    'type',
  ) as v.GenericSchema<unknown, Outcome>;
}
const tooDeep = v.custom<Outcome>(() => false, `holds outcomes within outcomes, more than ${DEEPEST} deep`);

export const outcomeSchema = upTo(DEEPEST);
