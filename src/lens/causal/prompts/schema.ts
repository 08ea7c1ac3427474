import * as v from 'valibot';
import * as s from '../../exchange/schemas';
import { unicode } from '../predicates/schema';
import { EXCLUSION_REASONS } from './prompt';
import { MOST_PROMPTS } from './template';

/** Prompt sets as they stand in files. */

const LONGEST = 20_000;
const PromptId = v.pipe(
  s.text(12),
  v.check((id) => /^[0-9a-f]{12}$/.test(id), 'must be 12 lower-case hexadecimal digits'),
);

/** In NFC: an id is of the normal form, and texts of one id are one text. */
const normal = (most: number, least = 1) =>
  v.pipe(
    unicode(most, least),
    v.transform((value) => value.normalize('NFC')),
  );

/** An item's id may be left out by who writes it by hand. */
const item = s.exact({
  id: v.optional(PromptId),
  text: normal(LONGEST),
  expect: v.optional(normal(LONGEST)),
  group: v.optional(unicode(200)),
});

export const split = s.exact({ salt: v.nullish(s.text(100), '1'), test: v.nullish(s.number(0, 1), 0.67) });

export const source = v.pipe(
  unicode(500),
  v.check((value) => value.trim() !== '', 'must say in one sentence what population the prompts stand for'),
);

export const exclusions = s.list(
  s.exact({ id: PromptId, reason: s.oneOf(EXCLUSION_REASONS), note: unicode(1000) }),
  MOST_PROMPTS,
);

export const promptSet = s.exact({
  items: s.list(item, MOST_PROMPTS),
  split: v.nullish(split, {}),
  source,
  excluded: v.nullish(exclusions, []),
});

const whole = s.whole(-1e12, 1e12);
const range = v.pipe(
  s.exact({ from: whole, to: whole, step: v.nullish(s.whole(1, 1e12), 1) }),
  s.rule('to', ({ from, to }) => to >= from, 'must not be below "from"'),
);
const isText = (value: unknown) => typeof value === 'string' && value.length > 0 && value.length <= 4000;
const listed = s.exact({
  list: v.pipe(
    s.listOf<string>(isText, MOST_PROMPTS, 'must list texts of 1 to 4000 characters'),
    v.check((all) => all.length > 0, 'must hold at least one text'),
  ),
});
const slot = v.lazy((value) => (Object.hasOwn((value ?? {}) as object, 'list') ? listed : range));
const computed = s.exact({
  of: s.oneOf(['sum', 'difference', 'product']),
  slots: v.pipe(
    s.listOf<string>((name) => typeof name === 'string' && name.length <= 30, 8, 'must list names of slots'),
    v.check((all) => all.length >= 2, 'must name at least two slots'),
  ),
});
const template = s.exact({
  text: unicode(LONGEST),
  slots: v.pipe(
    s.record(slot),
    v.check((all) => Object.keys(all).length <= 8, 'must hold at most 8 slots'),
  ),
  take: v.lazy((value) =>
    value === 'crossed'
      ? v.literal('crossed')
      : s.exact({ sample: s.whole(1, MOST_PROMPTS), seed: s.whole(-(2 ** 31), 2 ** 31 - 1) }),
  ),
  expect: v.optional(v.lazy((value) => (typeof value === 'object' ? computed : unicode(LONGEST)))),
  group: v.optional(unicode(200)),
});

/** Prompts as a file of their own: written out, or made by templates. */
export const promptFile = s.exact({
  format: v.literal('lenslet-prompts-1', 'must be lenslet-prompts-1'),
  name: s.text(100),
  source,
  split: v.nullish(split, {}),
  items: v.nullish(s.list(item, MOST_PROMPTS), []),
  templates: v.nullish(s.list(template, 100), []),
});
