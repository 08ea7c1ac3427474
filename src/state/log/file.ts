import * as v from 'valibot';
import { CorruptFileError } from '../../lens/api/errors';
import * as s from '../../lens/exchange/schemas';
import { type ForeignLine, foreignEntries, parseForeign } from './foreign';
import { parseEntry } from './format';
import { FORMAT, type Line, lineOf, MOST_BYTES } from './lines';
import type { LogEntry } from './record';

const MOST_LINES = 20_000;

/** The fields that tell which kind of line this is. */
const kind = s.object({ lenslet: v.optional(v.unknown()), results: v.optional(s.list(v.unknown(), MOST_LINES)) });
const own = s.object({ format: v.literal(FORMAT, `must be "${FORMAT}"`) });

interface Value {
  value: unknown;
  /** Where it stands, in words. */
  at: string;
}

/** Reads an untrusted file: the output of `writeLog`, or results of Neuronpedia (one per line, as a list, or in the
 *  answer that they came in). Takes all or nothing: every refusal is a CorruptFileError that names the line. `now` is
 *  when lines from elsewhere came here. */
export function parseLog(bytes: Uint8Array, file: string, now: number): LogEntry[] {
  const entries: LogEntry[] = [];
  const foreign: ForeignLine[] = [];
  for (const { value, at } of valuesOf(bytes, file)) {
    const { lenslet, results } = s.read(kind, value, at);
    if (lenslet !== undefined) entries.push(parseOwn(value as Line, lenslet, at));
    else if (!results) foreign.push(parseForeign(value, at, null));
    else {
      const answer = { line: value as Line, at };
      // Each answer is of another text.
      const lines = results.map((one, i) => parseForeign(one, `${at}: result ${i + 1}`, answer));
      entries.push(...foreignEntries(lines, file, now));
    }
  }
  entries.push(...foreignEntries(foreign, file, now));
  if (!entries.length) throw new CorruptFileError(`${file} holds no verbalization.`, { file });
  return entries;
}

/** Reads a line that `lineOf` wrote. Both parts of the line must say the same. */
function parseOwn(line: Line, lenslet: unknown, at: string): LogEntry {
  s.read(own, lenslet, `${at}: lenslet`);
  const entry = parseEntry(lenslet, `${at}: lenslet`);
  for (const [key, said] of Object.entries(lineOf(entry)))
    if (key !== 'lenslet' && (line[key] ?? null) !== said)
      s.refuse(
        at,
        key,
        `must be what "lenslet" has, ${said === null ? 'nothing' : JSON.stringify(said).slice(0, 60)}`,
        line[key],
      );
  return entry;
}

function valuesOf(bytes: Uint8Array, file: string): Value[] {
  const text = textOf(bytes, file);
  const one = wholeJson(text);
  if (Array.isArray(one)) return few(one, file).map((value, i) => ({ value, at: `${file}: result ${i + 1}` }));
  if (one !== undefined) return [{ value: one, at: text.trimEnd().includes('\n') ? file : `${file}: line 1` }];
  const lines = text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [{ line, n: i + 1 }]));
  return few(lines, file).map(({ line, n }) => ({
    value: lineJson(line, `${file}: line ${n}`),
    at: `${file}: line ${n}`,
  }));
}

function textOf(bytes: Uint8Array, file: string): string {
  if (bytes.length > MOST_BYTES)
    throw new CorruptFileError(
      `${file} has ${(bytes.length / 1e6).toFixed(0)} MB; a log has at most ${MOST_BYTES / 1e6}.`,
      { file },
    );
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CorruptFileError(`${file} is not text in UTF-8.`, { file });
  }
}

/** Undefined for what is not one JSON value: it may be one a line. */
function wholeJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function lineJson(line: string, at: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    throw new CorruptFileError(`${at} is not JSON (${error instanceof Error ? error.message : String(error)}).`, {
      file: at,
    });
  }
}

function few<T>(values: T[], file: string): T[] {
  if (values.length > MOST_LINES)
    throw new CorruptFileError(
      `${file} has ${values.length} verbalizations; at most ${MOST_LINES} are read at a time.`,
      { file },
    );
  return values;
}
