import type { ScoreControls } from '../../lens/api/verbalizer';
import { JsonObject } from '../../lens/formats/json';
import { MOST_TEXT, type VerbalTarget } from '../words/record';
import { type Extras, type LogEntry, type LogSample, shownSample } from './record';
import { LARGE, numberOrNull, parseControls, parseKnownScore } from './scores';

export const FORMAT = 'lenslet-verbalization-1';
export const LAST_PLACE = 9_999_999;
export const LONGEST_TOKEN = 2000;
export const LONGEST_WORDS = 20_000;
const ENDS = ['stop', 'length'] as const;
const MOST_SAMPLES = 64;
const MOST_PIECES = 4000;
const LONGEST_ID = 200;
const LONGEST_MODEL = 4000;
const MOST_EXTRAS = 16;
const LAST_TIME = 8.64e15;
export const SOURCES = ['nla', 'selfie', 'patchscopes'] as const;

/** An entry as a line of JSON Lines: what Neuronpedia's `results[]` says of a position, and all of the entry under
 *  `lenslet`. Of several samples the one that is shown stands for all; a decoder row has no position. */
export function lineOf(entry: LogEntry): object {
  const { target, samples, extras } = entry;
  const { text, score } = samples[shownSample(entry)]!;
  const token = target.kind === 'token' ? target : null;
  return {
    position: token?.position ?? null,
    token: token?.token ?? null,
    token_id: token?.tokenId ?? null,
    description: text,
    l2_norm: token?.norm ?? null,
    mse: score?.error ?? null,
    cosine_similarity: score?.cosine ?? null,
    ...extras,
    lenslet: { format: FORMAT, ...entry },
  };
}

/** What `lineOf` wrote. Both parts of the line must say the same. */
export function parseLine(line: JsonObject, own: JsonObject): LogEntry {
  if (own.get('format') !== FORMAT) own.refuse('format', `must be "${FORMAT}"`);
  const entry = parseEntryOf(own);
  for (const [key, value] of Object.entries(lineOf(entry))) {
    if (key !== 'lenslet' && line.get(key) !== (value ?? undefined))
      line.refuse(key, `must be what "lenslet" has, ${shown(value)}`);
  }
  return entry;
}

const shown = (value: unknown): string => (value === null ? 'nothing' : JSON.stringify(value).slice(0, 60));

/** An entry that nobody vouches for: every refusal is a CorruptFileError that says what is wrong, and what is returned
 *  is complete and within all limits. */
export const parseEntry = (value: unknown, file: string): LogEntry => parseEntryOf(new JsonObject(value, file));

function parseEntryOf(json: JsonObject): LogEntry {
  const samples = json
    .list('samples', MOST_SAMPLES)
    .map((value, i) => parseSample(new JsonObject(value, `${json.file}: sample ${i + 1}`)));
  if (!samples.length) json.refuse('samples', 'must hold a sample');
  const options = json.object('options');
  return {
    id: json.text('id', LONGEST_ID),
    run: json.text('run', LONGEST_ID),
    when: json.get('when') === undefined ? null : json.number('when', 0, LAST_TIME),
    model: textOrNull(json, 'model', LONGEST_MODEL),
    sha256: hash(json),
    source: json.get('source') === undefined ? null : json.oneOf('source', SOURCES),
    layer: integerOrNull(json, 'layer', 999),
    target: parseTarget(json.object('target') ?? json.refuse('target', 'must be an object')),
    samples,
    controls: parseControlsOf(json),
    variance: json.get('variance') === undefined ? null : positive(json, 'variance'),
    beatsControl: json.get('beatsControl') === undefined ? null : json.boolean('beatsControl', false),
    options: {
      seed: options && numberOrNull(options, 'seed'),
      temperature: options && numberOrNull(options, 'temperature'),
      maxTokens: options && integerOrNull(options, 'maxTokens', LAST_PLACE),
    },
    added: json.number('added', 0, LAST_TIME),
    pinned: json.boolean('pinned', false),
    origin: textOrNull(json, 'origin', LONGEST_MODEL),
    extras: parseExtras(json),
  };
}

function parseTarget(json: JsonObject): VerbalTarget {
  if (json.oneOf('kind', ['token', 'decoder']) === 'decoder') {
    return { kind: 'decoder', layer: json.integer('layer', 0, 999), feature: json.integer('feature', 0, LAST_PLACE) };
  }
  const text = json.get('text') === undefined ? null : anyText(json, 'text', MOST_TEXT);
  return {
    kind: 'token',
    position: json.integer('position', 0, LAST_PLACE),
    tokenId: integerOrNull(json, 'tokenId', LAST_PLACE),
    token: anyText(json, 'token', LONGEST_TOKEN),
    text,
    whole: json.boolean('whole', false) && (text !== null || json.refuse('whole', 'must not be true without a text')),
    span: json.get('span') === undefined ? null : parseSpan(json, text),
    norm: json.get('norm') === undefined ? null : json.number('norm', 0, LARGE),
  };
}

function parseSpan(json: JsonObject, text: string | null): readonly [number, number] {
  const [from, to, ...more] = json.list('span', 2);
  const within =
    typeof from === 'number' &&
    typeof to === 'number' &&
    Number.isInteger(from) &&
    Number.isInteger(to) &&
    0 <= from &&
    from <= to;
  if (!within || more.length || text === null || to > text.length)
    json.refuse('span', 'must be two places in the text');
  return [from, to];
}

function parseSample(json: JsonObject): LogSample {
  const sample: LogSample = {
    text: anyText(json, 'text', LONGEST_WORDS),
    score: parseKnownScore(json.object('score')),
    done: json.get('done') === undefined ? null : json.oneOf('done', ENDS),
  };
  if (json.get('pieces') === undefined) return sample;
  const pieces = json.list('pieces', MOST_PIECES).map((value, i) => {
    const piece = new JsonObject(value, `${json.file}: piece ${i + 1}`);
    return { text: anyText(piece, 'text', LONGEST_TOKEN), relevancy: piece.number('relevancy', 0, LARGE) };
  });
  return { ...sample, pieces };
}

function parseControlsOf(json: JsonObject): ScoreControls | null {
  const controls = json.object('controls');
  return controls && parseControls(controls);
}

function parseExtras(json: JsonObject): Extras | null {
  const extras = json.object('extras');
  if (!extras) return null;
  const entries = extras.entries();
  if (entries.length > MOST_EXTRAS) json.refuse('extras', `must have at most ${MOST_EXTRAS} keys`);
  for (const [key, value] of entries) {
    if (!isExtra(key, value))
      extras.refuse(key, 'must be a field of Neuronpedia’s, and a short text, a number, or true or false');
  }
  return Object.fromEntries(entries) as Extras;
}

/** Fields of a result, or of the answer that it came in, that have no place in an entry of their own. */
export const EXTRAS = [
  'generated',
  'fragment_index',
  'fragment_count',
  'role',
  'section',
  'channel',
  'message_index',
  'prompt_length',
  'nlaSourceId',
] as const;

export function isExtra(key: string, value: unknown): value is string | number | boolean {
  if (!(EXTRAS as readonly string[]).includes(key)) return false;
  return (
    typeof value === 'boolean' ||
    (typeof value === 'number' && Math.abs(value) <= LARGE) ||
    (typeof value === 'string' && value.length <= 200)
  );
}

export const integerOrNull = (json: JsonObject, key: string, most: number): number | null =>
  json.get(key) === undefined ? null : json.integer(key, 0, most);
const textOrNull = (json: JsonObject, key: string, most: number): string | null =>
  json.get(key) === undefined ? null : json.text(key, most);

/** What errors are divided by. */
export const positive = (json: JsonObject, key: string): number => json.number(key, 1e-9, LARGE);

/** A text that may be empty. */
export function anyText(json: JsonObject, key: string, most: number): string {
  return json.get(key) === '' ? '' : json.text(key, most);
}

function hash(json: JsonObject): string | null {
  const text = textOrNull(json, 'sha256', 64);
  if (text !== null && !/^[0-9a-f]{64}$/.test(text)) json.refuse('sha256', 'must be 64 hexadecimal digits');
  return text;
}
