import { CorruptFileError } from '../../lens/api/errors';
import { JsonObject } from '../../lens/formats/json';
import { type ForeignLine, foreignEntries, parseForeign } from './foreign';
import { lineOf, parseLine } from './format';
import type { LogEntry } from './record';

export const FILE = 'lenslet-verbalizations.jsonl';
/** Five thousand rows of some kilobytes each; a text of 16,384 characters stands in every line of its tokens. */
export const MOST_BYTES = 128_000_000;
const MOST_LINES = 20_000;

/** The entries as JSON Lines, in their order. */
export const writeLog = (entries: readonly LogEntry[]): string =>
  entries.map((entry) => `${JSON.stringify(lineOf(entry))}\n`).join('');

interface Value {
  value: unknown;
  /** Where it stands, in words. */
  at: string;
}

/** Reads a file that nobody vouches for: what `writeLog` wrote, or results of Neuronpedia, a line each, as a list, or
 *  in the answer that they came in. All of it or nothing: every refusal is a CorruptFileError that names the line.
 *  `now` is when lines from elsewhere came here. */
export function parseLog(bytes: Uint8Array, file: string, now: number): LogEntry[] {
  const entries: LogEntry[] = [];
  const foreign: ForeignLine[] = [];
  for (const { value, at } of valuesOf(bytes, file)) {
    const json = new JsonObject(value, at);
    const own = json.object('lenslet');
    if (own) entries.push(parseLine(json, own));
    else if (json.get('results') === undefined) foreign.push(parseForeign(json, null));
    else {
      const results = json.list('results', MOST_LINES);
      // Each answer is of another text.
      entries.push(
        ...foreignEntries(
          results.map((one, i) => parseForeign(new JsonObject(one, `${at}: result ${i + 1}`), json)),
          file,
          now,
        ),
      );
    }
  }
  entries.push(...foreignEntries(foreign, file, now));
  if (!entries.length) throw new CorruptFileError(`${file} holds no verbalization.`, { file });
  return entries;
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
