import * as v from 'valibot';
import { CorruptFileError } from '../../lens/api/errors';
import { MOST_PROMPT } from '../../lens/exchange/chat-fields';
import { chatSchema } from '../../lens/exchange/chat-schema';
import * as s from '../../lens/exchange/schemas';
import { asToday } from '../../lens/maths/control';
import { LIMITS } from '../base/sampling';
import { BAND_DRAWS, LAST_POSITION, MOST_POSITIONS, MOST_ROWS } from '../steering/edits';
import { isFactor, UNITS } from '../steering/unit';
import {
  EARLIER_FORMATS,
  FILE,
  FORMAT,
  isEmpty,
  LONGEST_NAME,
  LONGEST_NOTE,
  MOST_BYTES,
  MOST_RUNS,
  settleName,
} from './limits';

const MOST_TOKENS = 1024;
const TIME = 'must be a time such as 2025-01-31T09:30:00.000Z';

/** A time as this page writes it. */
const time = v.pipe(
  v.string(TIME),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, TIME),
  v.check((text) => !Number.isNaN(Date.parse(text)), TIME),
);

/** What the reader keeps on a feature. */
export const entry = v.pipe(
  s.object({
    model: s.ModelName,
    layer: s.Layer,
    feature: s.Feature,
    sha256: s.orNull(s.Sha256),
    /** When it was pinned (ISO 8601, UTC); null: not pinned. */
    pinned: s.orNull(time),
    /** The reader's own name, shown in place of the label. */
    name: s.orNull(
      v.pipe(
        s.text(LONGEST_NAME),
        v.check((name) => settleName(name) === name, 'must be one line'),
      ),
    ),
    note: s.anyText(LONGEST_NOTE),
    /** Of the last change: where two notebooks meet, the later one counts. */
    updated: time,
  }),
  v.check((of) => !isEmpty(of), 'holds neither a pin nor a name nor a note'),
);

const row = s.object({
  text: s.anyText(2000),
  logprob: s.figure(),
  kl: s.orNull(s.figure()),
  surprisal: s.orNull(s.figure()),
  acted: s.whole(0, 1_000_000),
  change: s.figure(0),
  norm: s.figure(0),
  /** It was read from a sink. Earlier versions did not tell. */
  sink: v.optional(v.literal(true)),
  done: s.orNull(s.oneOf(['stop', 'sequence', 'length', 'context', 'source'])),
});
const rows = s.list(row, MOST_TOKENS);

/** An edit as the panel had it: the engine's strength, what the panel showed for it, `weight` of a unit, and the hash of
 *  its feature's dictionary. Earlier notebooks name no unit. */
const edit = v.pipe(
  s.object({
    layer: s.Layer,
    feature: s.Feature,
    mode: s.EditMode,
    weight: s.number(-Number.MAX_VALUE, Number.MAX_VALUE),
    unit: v.optional(s.oneOf(UNITS)),
    where: v.pipe(
      s.where(MOST_POSITIONS, LAST_POSITION),
      v.check((where) => where.length > 0, 'must name a position'),
    ),
    on: s.EditOn,
    when: v.optional(s.When),
    strength: s.float32,
    sha256: s.orNull(s.Sha256),
  }),
  // Of a feature without a maximum the weight was the strength. Nothing tells of 0 whether there was one.
  v.transform(({ unit, ...of }) => ({
    ...of,
    unit:
      unit ??
      (isFactor(of.mode) || (of.weight !== 0 && of.weight === of.strength) ? ('raw' as const) : ('max' as const)),
  })),
);

const option = ({ min, max, whole }: (typeof LIMITS)[keyof typeof LIMITS]) =>
  whole ? s.whole(min, max) : s.number(min, max);

const text = s.text(MOST_PROMPT);
const conversation = chatSchema(MOST_PROMPT);

const plan = s.object({
  prompt: v.lazy((value) => (typeof value === 'object' && value !== null ? conversation : text)),
  prependBos: v.optional(s.flag),
  edits: s.list(edit, MOST_ROWS),
  control: s.flagOrNot,
  draw: s.whole(1, 1_000_000),
  sampling: s.object({
    temperature: option(LIMITS.temperature),
    topP: option(LIMITS.topP),
    seed: option(LIMITS.seed),
    maxTokens: option(LIMITS.maxTokens),
    stop: v.optional(s.stops),
    repetitionPenalty: v.optional(option(LIMITS.repetitionPenalty)),
  }),
});

/** A kept run: all that its table and its comparison need, without codes. Numbers have nine digits, as many as a
 *  float32. */
export const run = v.pipe(
  s.object({
    at: time,
    /** The model's name, or its address: see `calledBy`. */
    model: s.ModelName,
    /** Of the model's weights; null: not known. */
    sha256: s.orNull(s.Sha256),
    plan,
    /** False where it was stopped before its end. */
    complete: s.flagOrNot,
    baseline: v.pipe(rows, v.nonEmpty('must hold a token')),
    steered: s.orNull(rows),
    control: s.orNull(rows),
    /** KL series of the further draws. */
    band: s.orNull(s.list(s.listOf<number>(s.isFigure, MOST_TOKENS, 'must be a list of numbers'), BAND_DRAWS)),
  }),
  s.rule('control', ({ control, steered }) => !control || steered !== null, 'must not be without a steered text'),
);

const notebook = s.object({
  format: s.oneOf([FORMAT, ...EARLIER_FORMATS]),
  entries: s.list(entry, 20_000),
  runs: s.list(run, MOST_RUNS),
});

/** Reads an untrusted file. Every refusal is a CorruptFileError that says what is wrong; the result is complete and
 *  within all limits. */
export function parseNotebook(bytes: Uint8Array, file = FILE) {
  if (bytes.length > MOST_BYTES)
    throw new CorruptFileError(
      `${file} has ${(bytes.length / 1e6).toFixed(0)} MB; a notebook has at most ${MOST_BYTES / 1e6}.`,
      { file },
    );
  const { format, entries, runs } = s.readJson(notebook, bytes, file);
  if (format !== EARLIER_FORMATS[0]) return { entries, runs };
  const upgraded = runs.map((run) => ({ ...run, plan: { ...run.plan, edits: run.plan.edits.map(asToday) } }));
  return { entries, runs: upgraded };
}

export const parseEntry = (value: unknown, file: string) => s.read(entry, value, file);
export const parseRun = (value: unknown, file: string) => s.read(run, value, file);
