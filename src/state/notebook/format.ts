import { CorruptFileError } from '../../lens/api/errors';
import { JsonObject, parseJson } from '../../lens/formats/json';
import { defaultSampling, type Sampling, setSampling } from '../base/sampling';
import { BAND_DRAWS, clampWeight, LAST_POSITION, MOST_POSITIONS, MOST_ROWS } from '../steering/edits';
import {
  type Entry,
  isEmpty,
  LONGEST_NAME,
  LONGEST_NOTE,
  MOST_RUNS,
  type RunEdit,
  type RunPlan,
  type RunRecord,
  type RunRow,
  settleName,
} from './record';

/** The notebook as one JSON file. */
export interface NotebookFile {
  entries: Entry[];
  runs: RunRecord[];
}

export const FORMAT = 'lenslet-notebook-1';
export const FILE = 'lenslet-notebook.json';
/** Twenty runs of 1,024 tokens in three texts are about 12 MB. */
export const MOST_BYTES = 32_000_000;
const MOST_ENTRIES = 20_000;
const MOST_TOKENS = 1024;
const LONGEST_PROMPT = 200_000;
/** A name has at most 500; an address is as long as it is. */
const LONGEST_MODEL = 4000;
const LARGE = 1e12;
const WHERE = ['all', 'prompt', 'generated'] as const;
const ENDS = ['stop', 'length', 'context', 'source'] as const;

export function writeNotebook({ entries, runs }: NotebookFile, exported: string): string {
  return `${JSON.stringify({ format: FORMAT, exported, entries, runs }, null, 1)}\n`;
}

/** Reads a file that nobody vouches for. Every refusal is a CorruptFileError that says what is wrong; what is returned
 *  is complete and within all limits. */
export function parseNotebook(bytes: Uint8Array, file = FILE): NotebookFile {
  if (bytes.length > MOST_BYTES)
    throw new CorruptFileError(
      `${file} has ${(bytes.length / 1e6).toFixed(0)} MB; a notebook has at most ${MOST_BYTES / 1e6}.`,
      { file },
    );
  const root = new JsonObject(parseJson(bytes, file), file);
  if (root.get('format') !== FORMAT) root.refuse('format', `must be "${FORMAT}", a notebook exported here`);
  return {
    entries: root.list('entries', MOST_ENTRIES).map((value, i) => parseEntry(value, `${file}: entry ${i + 1}`)),
    runs: root.list('runs', MOST_RUNS).map((value, i) => parseRun(value, `${file}: run ${i + 1}`)),
  };
}

export function parseEntry(value: unknown, file: string): Entry {
  const json = new JsonObject(value, file);
  const name = textOrNull(json, 'name', LONGEST_NAME);
  if (name !== null && settleName(name) !== name) json.refuse('name', 'must be one line');
  const entry: Entry = {
    model: json.text('model', LONGEST_MODEL),
    layer: json.integer('layer', 0, 999),
    feature: json.integer('feature', 0, 9_999_999),
    sha256: hash(json),
    pinned: json.get('pinned') === undefined ? null : time(json, 'pinned'),
    name,
    note: anyText(json, 'note', LONGEST_NOTE),
    updated: time(json, 'updated'),
  };
  if (isEmpty(entry)) throw new CorruptFileError(`${file} holds neither a pin nor a name nor a note.`, { file });
  return entry;
}

export function parseRun(value: unknown, file: string): RunRecord {
  const json = new JsonObject(value, file);
  const baseline = rows(json, 'baseline') ?? [];
  if (!baseline.length) json.refuse('baseline', 'must hold a token');
  const band =
    json.get('band') === undefined
      ? null
      : json.list('band', BAND_DRAWS).map((draw, i) => series(draw, `${file}: draw ${i + 1}`));
  const steered = rows(json, 'steered');
  const control = rows(json, 'control');
  if (control && !steered) json.refuse('control', 'must not be without a steered text');
  return {
    at: time(json, 'at'),
    model: json.text('model', LONGEST_MODEL),
    sha256: hash(json),
    plan: parsePlan(json.object('plan') ?? json.refuse('plan', 'must be an object')),
    complete: json.boolean('complete', false),
    baseline,
    steered,
    control,
    band,
  };
}

function parsePlan(json: JsonObject): RunPlan {
  const sampling = json.object('sampling') ?? json.refuse('sampling', 'must be an object');
  return {
    prompt: json.text('prompt', LONGEST_PROMPT),
    edits: json
      .list('edits', MOST_ROWS)
      .map((value, i) => parseEdit(new JsonObject(value, `${json.file}: edit ${i + 1}`))),
    control: json.boolean('control', false),
    draw: json.integer('draw', 1, 1_000_000),
    sampling: parseSampling(sampling),
  };
}

function parseSampling(json: JsonObject): Sampling {
  const numbers = Object.fromEntries(
    Object.keys(defaultSampling).map((key) => [key, json.number(key, 0, 0xffffffff)]),
  ) as unknown as Sampling;
  const within = setSampling(defaultSampling, numbers);
  for (const key of Object.keys(within) as (keyof Sampling)[])
    if (within[key] !== numbers[key]) json.refuse(key, 'must be within the range that sampling has');
  return within;
}

function parseEdit(json: JsonObject): RunEdit {
  const mode = json.oneOf('mode', ['add', 'scale', 'clamp', 'ablate']);
  const weight = json.number('weight', -3, 3);
  if (clampWeight(mode, weight) !== weight) json.refuse('weight', 'must be on the slider, with at most four decimals');
  const places = json.get('where');
  return {
    layer: json.integer('layer', 0, 999),
    feature: json.integer('feature', 0, 9_999_999),
    mode,
    weight,
    where: Array.isArray(places) ? positions(json) : json.oneOf('where', WHERE),
    on: json.oneOf('on', ['code', 'preactivation']),
    strength: json.number('strength', -LARGE, LARGE),
    sha256: hash(json),
  };
}

function positions(json: JsonObject): number[] {
  const places = json.list('where', MOST_POSITIONS);
  if (!places.length) json.refuse('where', 'must name a position');
  return places.map((value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > LAST_POSITION)
      json.refuse('where', 'must hold positions');
    return value;
  });
}

function rows(json: JsonObject, key: string): RunRow[] | null {
  if (json.get(key) === undefined) return null;
  return json.list(key, MOST_TOKENS).map((value, i) => {
    const row = new JsonObject(value, `${json.file}: ${key} ${i + 1}`);
    return {
      text: anyText(row, 'text', 2000),
      logprob: row.number('logprob', -LARGE, LARGE),
      kl: numberOrNull(row, 'kl'),
      surprisal: numberOrNull(row, 'surprisal'),
      acted: row.integer('acted', 0, 1_000_000),
      change: row.number('change', 0, LARGE),
      norm: row.number('norm', 0, LARGE),
      done: row.get('done') === undefined ? null : row.oneOf('done', ENDS),
    };
  });
}

function series(value: unknown, file: string): number[] {
  const sound = (n: unknown): n is number => typeof n === 'number' && Math.abs(n) <= LARGE;
  if (!Array.isArray(value) || value.length > MOST_TOKENS || !value.every(sound))
    throw new CorruptFileError(`${file} must be a list of numbers.`, { file });
  return value;
}

const numberOrNull = (json: JsonObject, key: string): number | null =>
  json.get(key) === undefined ? null : json.number(key, -LARGE, LARGE);
const textOrNull = (json: JsonObject, key: string, most: number): string | null =>
  json.get(key) === undefined ? null : json.text(key, most);

/** A text that may be empty. */
function anyText(json: JsonObject, key: string, most: number): string {
  return json.get(key) === '' ? '' : json.text(key, most);
}

/** A time as this page writes it. */
function time(json: JsonObject, key: string): string {
  const text = json.text(key, 24);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) || Number.isNaN(Date.parse(text)))
    json.refuse(key, 'must be a time such as 2025-01-31T09:30:00.000Z');
  return text;
}

function hash(json: JsonObject): string | null {
  const text = textOrNull(json, 'sha256', 64);
  if (text !== null && !/^[0-9a-f]{64}$/.test(text)) json.refuse('sha256', 'must be 64 hexadecimal digits');
  return text;
}
