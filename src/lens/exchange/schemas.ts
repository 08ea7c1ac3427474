import * as v from 'valibot';
import { EDIT_MODES, EDIT_ON } from '../api/edit';
import { CorruptFileError, InvalidEditError } from '../api/errors';
import { parseJson, refusal } from '../formats/json';
import { parseWhen, writeWhen } from '../maths/gate';
import { parseWhere, writeWhere } from '../maths/where';
import { isObject, LONGEST_KEY, noObject, unknownKey } from './objects';
import { LONGEST_STOP, MOST_STOPS } from './sampling';

/** Schemas of untrusted data. Each rule's message is the end of a sentence: a message with "must …" continues the key's
 *  name, any other the name of the object or file. A message with a full stop is a whole sentence, which names
 *  the key. A key with null counts as missing. Keys that a prototype has are keys like any other. */

/** Returns `value` with exactly the schema's keys. Throws CorruptFileError with file, place and key. */
export function read<T>(schema: v.GenericSchema<unknown, T>, value: unknown, file: string): T {
  const { success, output, issues } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  const { message, path = [] } = issues[0];
  let at = file;
  let key: string | null = null;
  for (const item of path) {
    if (typeof item.key === 'number') at += `: ${key === null ? 'entry' : oneOfMany(key)} ${item.key + 1}`;
    else if (key !== null) at += `: ${key}`;
    key = typeof item.key === 'string' ? item.key.slice(0, LONGEST_KEY) : null;
  }
  if (message.endsWith('.')) throw new CorruptFileError(`${at}: ${message}`, { file: at, key });
  if (key !== null && message.startsWith('must')) throw refusal(at, key, message, path.at(-1)?.value);
  if (key !== null) at += `: ${key}`;
  throw new CorruptFileError(`${at} ${message}.`, { file: at });
}

/** Refuses a key's value for a rule outside the schemas. */
export function refuse(file: string, key: string, rule: string, value: unknown): never {
  throw refusal(file, key, rule, value);
}

/** `read` for a file of JSON in UTF-8. */
export const readJson = <T>(schema: v.GenericSchema<unknown, T>, bytes: Uint8Array, file: string): T =>
  read(schema, parseJson(bytes, file), file);

/** Names an entry of a list by the list's key: entry 1 of `edits` is "edit 1". */
const oneOfMany = (key: string): string => (key === 'band' ? 'draw' : key.replace(/ies$/, 'y').replace(/s$/, ''));

type Entries = v.ObjectEntries;
type Given<E extends Entries> = v.InferInput<v.ObjectSchema<E, undefined>>;

/** Picks the object's own values for the keys of `entries`. A missing key gets undefined, so that its own rule reports
 *  it; an optional key that is missing or null is left out. */
const own = <E extends Entries>(entries: E, others: 'left out' | 'refused') => {
  const optional = new Map(Object.entries(entries).map(([key, { type }]) => [key, /optional|nullish/.test(type)]));
  return v.rawTransform<unknown, Given<E>>(({ dataset: { value: given }, addIssue }) => {
    const found: Record<string, unknown> = Object.create(null);
    const other = isObject(given) && others === 'refused' && Object.keys(given).find((key) => !optional.has(key));
    if (!isObject(given)) addIssue({ message: noObject(given) });
    else if (typeof other === 'string') addIssue({ message: unknownKey(other) });
    else
      for (const [key, absent] of optional) {
        const value = (Object.hasOwn(given, key) ? given[key] : undefined) ?? undefined;
        if (value !== undefined || !absent) found[key] = value;
      }
    return found as Given<E>;
  });
};

/** An object; drops other keys. */
export const object = <const E extends Entries>(entries: E) =>
  v.pipe(v.unknown(), own(entries, 'left out'), v.object(entries));
/** An object; refuses other keys. */
export const exact = <const E extends Entries>(entries: E) =>
  v.pipe(v.unknown(), own(entries, 'refused'), v.object(entries));

/** Objects under any keys. valibot's own `record` skips keys such as "constructor". */
export const record = <S extends v.GenericSchema>(of: S) =>
  v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset: { value: input }, addIssue }) => {
      const found: [string, v.InferOutput<S>][] = [];
      if (!isObject(input)) addIssue({ message: noObject(input) });
      else
        for (const [key, value] of Object.entries(input)) {
          const { output, issues } = v.safeParse(of, value, { abortEarly: true });
          const path = { type: 'object', origin: 'value', input, key, value } as const;
          if (issues) {
            addIssue({ message: issues[0].message, path: [path, ...(issues[0].path ?? [])] });
            break;
          }
          found.push([key, output]);
        }
      return Object.fromEntries(found);
    }),
  );

const isList = (value: unknown, most: number): value is unknown[] => Array.isArray(value) && value.length <= most;

/** Objects in a list. */
export const list = <S extends v.GenericSchema>(of: S, most: number) =>
  v.pipe(
    v.custom<v.InferInput<S>[]>((value) => isList(value, most), `must be a list of at most ${most} entries`),
    v.array(of),
  );

/** A list of plain values; refuses a list with holes. */
export const listOf = <T>(is: (value: unknown) => boolean, most: number, rule: string) =>
  v.custom<T[]>(
    (value) => isList(value, most) && value.findIndex((entry) => !is(entry)) < 0,
    ({ input }) => (isList(input, most) ? rule : `must be a list of at most ${most} entries`),
  );

/** One of several objects, selected by one of its keys. */
export const byKind = <const O extends Record<string, v.GenericSchema>>(options: O, key: 'kind' | 'type' = 'kind') => {
  const none = object({ [key]: oneOf(Object.keys(options)) }) as unknown as O[keyof O];
  return v.lazy((value): O[keyof O] => {
    const kind = isObject(value) ? value[key] : null;
    return typeof kind === 'string' && Object.hasOwn(options, kind) ? (options[kind] as O[keyof O]) : none;
  });
};

/** A rule over several keys, reported for one of them. */
export const rule = <I>(
  key: NoInfer<keyof I & string>,
  is: (of: I) => boolean,
  message: string | ((of: I) => string),
) =>
  v.rawCheck<I>(({ dataset: { typed, value: of }, addIssue }) => {
    if (!typed || is(of)) return;
    const input = of as Record<string, unknown>;
    const path = { type: 'object', origin: 'value', input, key, value: input[key] } as const;
    addIssue({ message: typeof message === 'string' ? message : message(of), path: [path] });
  });

export const orNull = <S extends v.GenericSchema>(of: S) => v.nullish(of, null);

export const isWhole = (value: unknown, min: number, max: number): value is number =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
export const isNumber = (value: unknown, min: number, max: number): value is number =>
  typeof value === 'number' && value >= min && value <= max;

export const whole = (min: number, max: number) =>
  v.custom<number>((value) => isWhole(value, min, max), `must be a whole number from ${min} to ${max}`);
export const number = (min: number, max: number) =>
  v.custom<number>((value) => isNumber(value, min, max), `must be a number from ${min} to ${max}`);

/** A text of `least` to `most` UTF-16 units. */
export const text = (most: number, least = 1) =>
  v.custom<string>(
    (value) => typeof value === 'string' && value.length >= least && value.length <= most,
    `must be a text of ${least} to ${most} characters`,
  );
export const anyText = (most: number) => text(most, 0);

export const oneOf = <const T extends string>(known: readonly T[]) =>
  v.picklist(known, `must be one of ${known.join(', ')}`);
export const flag = v.boolean('must be true or false');
/** A flag; false if missing. */
export const flagOrNot = v.nullish(flag, false);

/** Texts that end a generated one. */
export const stops = listOf<string>(
  (value) => typeof value === 'string' && value.length > 0 && value.length <= LONGEST_STOP,
  MOST_STOPS,
  `must list texts of 1 to ${LONGEST_STOP} characters`,
);

const HASH = 'must be 64 lower-case hexadecimal digits';
export const Sha256 = v.pipe(v.string(HASH), v.regex(/^[0-9a-f]{64}$/, HASH));
/** A model's name, or its address. */
export const ModelName = text(4000);

/** A bound beyond all real figures. */
export const LARGE = 1e12;
export const isFigure = (value: unknown): value is number => isNumber(value, -LARGE, LARGE);
export const figure = (min = -LARGE) => number(min, LARGE);

const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;
/** What the engine can compute with. */
export const isFloat32 = (value: unknown): value is number => isNumber(value, -LARGEST_FLOAT32, LARGEST_FLOAT32);
export const float32 = number(-LARGEST_FLOAT32, LARGEST_FLOAT32);

/** Keys that every edit of a feature has. */
export const Layer = whole(0, 999);
export const Feature = whole(0, 9_999_999);
export const EditMode = oneOf(EDIT_MODES);
/** `code` is the name that `active` had. */
export const EditOn = v.pipe(
  oneOf([...EDIT_ON, 'code']),
  v.transform((on) => (on === 'code' ? ('active' as const) : on)),
);

/** A written form of an edit, brought to its canonical spelling by `spell`. What its InvalidEditError refuses is refused
 *  with that sentence. */
const form = (spell: (text: string) => string, most: number, rule: string) =>
  v.pipe(
    v.custom<string>((value) => typeof value === 'string' && value.length <= most, rule),
    v.rawTransform<string, string>(({ dataset: { value }, addIssue, NEVER }) => {
      try {
        return spell(value);
      } catch (error) {
        if (!(error instanceof InvalidEditError)) throw error;
        addIssue({ message: error.message });
        return NEVER;
      }
    }),
  );

const Words = form(
  (text) => writeWhere(parseWhere(text)),
  200,
  'must be all, or words for tokens such as prompt, generated, assistant or turn2.answer',
);
/** See Edit.when. */
export const When = form((text) => writeWhen(parseWhen(text)), 200, 'must be a gate such as 3:650 > 5');

/** Selects tokens by words, or by their positions. */
export const where = (most: number, last = Number.MAX_SAFE_INTEGER) => {
  const positions = listOf<number>((value) => isWhole(value, 0, last), most, 'must list positions');
  return v.lazy((value) => (Array.isArray(value) ? positions : Words));
};
