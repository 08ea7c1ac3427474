import { expect, test } from 'vitest';
import { CorruptFileError } from '../../lens/api/errors';
import { seeded } from '../../lens/testing/fixtures';
import { damage, mangle } from '../testing/damage';
import { ANSWER, BEGIN, HASH, logged, loggedRow } from '../testing/log';
import { parseLog } from './file';
import { parseEntry } from './format';
import { MOST_BYTES, writeLog } from './lines';
import { newestFirst } from './record';

const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const read = (value: unknown, now = BEGIN) => parseLog(bytes(value), 'log.jsonl', now);
const pinned = logged(2, {
  pinned: true,
  when: null,
  options: { seed: null, temperature: null, maxTokens: null },
  controls: null,
});
const all = [logged(3), pinned, loggedRow(1)];
const written = writeLog(all);

test('what is exported is read back as it was, to the byte', () => {
  expect(read(written)).toEqual(all);
  expect(writeLog(read(written))).toBe(written);
  // So are lines from elsewhere.
  const foreign = read(ANSWER, BEGIN).sort(newestFirst);
  expect(read(writeLog(foreign), BEGIN + 1)).toEqual(foreign);
});

test('a line has the fields of a result at Neuronpedia, of the sample with the best score', () => {
  const [line, , row] = written.trim().split('\n');
  expect(written.endsWith('\n')).toBe(true);
  expect(JSON.parse(line!)).toMatchObject({
    position: 6,
    token: ' fire',
    token_id: 412,
    description: logged(3).samples[1]!.text,
    l2_norm: 31.4159265358979,
    mse: 0.2,
    cosine_similarity: 0.9,
    lenslet: {
      model: 'models/mini',
      sha256: HASH,
      layer: 3,
      source: 'nla',
      run: 'run 1',
      options: { seed: 16, temperature: 0.7 },
    },
  });
  expect(JSON.parse(row!)).toMatchObject({
    position: null,
    token: null,
    token_id: null,
    description: 'fire',
    mse: null,
    cosine_similarity: null,
  });
  expect(JSON.parse(writeLog(read(ANSWER)).split('\n')[0]!)).toMatchObject({
    ...ANSWER.results[0],
    nlaSourceId: 'kitft-l41',
  });
});

test('an answer of Neuronpedia is read: relative error by its norm, and nothing that it does not state', () => {
  const entries = read(ANSWER, BEGIN + 5);
  expect(entries).toHaveLength(4);
  const [first, , third, alone] = entries;
  expect(first).toMatchObject({
    model: 'gemma-3-27b-it',
    layer: 41,
    source: 'nla',
    variance: 0.05,
    when: null,
    sha256: null,
    added: BEGIN + 5,
    origin: 'log.jsonl',
  });
  expect(first!.samples).toEqual([
    {
      text: 'A letter.\n\nFirst.',
      score: { cosine: 0.995, error: 0.01, relative: 0.01 / 0.05, fve: 1 - 0.01 / 0.05 },
      done: null,
    },
  ]);
  expect(first!.extras).toMatchObject({ generated: false, role: 'user', prompt_length: 9 });
  expect(third!.samples[0]!.score).toBeNull();
  expect(third!.target).toMatchObject({ text: ' a rabbit\n', span: [9, 10], whole: false, norm: null });
  // Without an error there is no relative one, whatever the cosine is; without neighbours there is no text.
  expect(alone!.samples[0]!.score).toEqual({ cosine: 0.9, error: null, relative: null, fve: null });
  expect(alone!.target).toMatchObject({ position: 20, text: null, span: null });
  // All that a bare line lacks is not known.
  const [bare] = read('{"position":0,"token":"","description":""}');
  expect(bare).toMatchObject({
    model: null,
    layer: null,
    source: null,
    variance: null,
    controls: null,
    extras: null,
    target: { tokenId: null, norm: null },
  });
});

test('results come as an answer, as a list, a line each, and in answers a line each; the same ones get the same ids', () => {
  const ids = (value: unknown) => read(value).map(({ id }) => id);
  const lines = ANSWER.results.map((result) => ({
    ...result,
    norm: 0.05,
    modelId: 'gemma-3-27b-it',
    nlaSourceId: 'kitft-l41',
    layer_index: 41,
    prompt_length: 9,
  }));
  const known = ids(ANSWER);
  expect(new Set(known).size).toBe(4);
  expect(ids(lines)).toEqual(known);
  expect(ids(lines.map((line) => JSON.stringify(line)).join('\r\n'))).toEqual(known);
  expect(ids(`${JSON.stringify(ANSWER)}\n\n${JSON.stringify(ANSWER)}\n`)).toEqual([...known, ...known]);
  expect(read(lines)[0]!.target).toEqual(read(ANSWER)[0]!.target);
  // Two answers are two texts.
  const other = { ...ANSWER, results: [{ position: 13, token: '!', description: 'Of another text.' }] };
  expect(read(`${JSON.stringify(ANSWER)}\n${JSON.stringify(other)}`)[4]!.target).toMatchObject({ text: null });
});

test('a long stretch is kept around each token', () => {
  const results = Array.from({ length: 3000 }, (_, position) => ({
    position,
    token: `${position} `,
    description: 'x',
  }));
  const target = read({ results })[1500]!.target;
  if (target.kind !== 'token') throw new Error('must be a token');
  expect(target.text!.length).toBeLessThan(2100);
  expect(target.text!.slice(...target.span!)).toBe('1500 ');
});

const changed = (change: (line: Record<string, never> & { lenslet: Record<string, unknown> }) => void): string => {
  const line = JSON.parse(written.split('\n')[0]!);
  change(line);
  return `${JSON.stringify(line)}\n`;
};

test.each([
  ['no JSON', 'not json', /line 1 is not JSON/],
  ['nothing', '', /holds no verbalization/],
  ['an empty answer', '{"results":[]}', /holds no verbalization/],
  ['no object', '[1]', /result 1 does not hold a JSON object/],
  ['another line', `${written}{"position":1}`, /line 4: "token"/],
  ['half a line', `${written}{"position"`, /line 4 is not JSON/],
  [
    'a result among others',
    { results: [...ANSWER.results, { position: -1, token: 'x', description: 'x' }] },
    /result 5: "position"/,
  ],
  ['an error below zero', '{"position":0,"token":"x","description":"x","mse":-1}', /"mse"/],
  ['a cosine of two', '{"position":0,"token":"x","description":"x","cosine_similarity":2}', /"cosine_similarity"/],
  ['a norm of zero', { ...ANSWER, norm: 0 }, /"norm"/],
  ['a field of another type', '{"position":0,"token":"x","description":"x","role":["user"]}', /"role"/],
  [
    'another format',
    changed((line) => Object.assign(line.lenslet, { format: 'lenslet-verbalization-2' })),
    /must be "lenslet-verbalization-1"/,
  ],
  [
    'words that are not those of its samples',
    changed((line) => Object.assign(line, { description: 'Better.' })),
    /"description" must be what "lenslet" has/,
  ],
  ['an error that is not that of its samples', changed((line) => Object.assign(line, { mse: null })), /"mse" must be/],
  ['no sample', changed((line) => Object.assign(line.lenslet, { samples: [] })), /must hold a sample/],
  [
    'a place out of its text',
    changed((line) => Object.assign(line.lenslet.target as object, { span: [60, 900] })),
    /"span"/,
  ],
  ['a time that is none', changed((line) => Object.assign(line.lenslet, { when: 'yesterday' })), /"when"/],
  [
    'an extra of no name here',
    changed((line) => Object.assign(line.lenslet, { extras: { __proto__x: 1 } })),
    /"__proto__x"/,
  ],
])('%s is refused with its place', (_, input, message) => {
  expect(() => read(input)).toThrow(CorruptFileError);
  expect(() => read(input)).toThrow(message);
});

test('bytes that are no text, and too many of them, are refused', () => {
  expect(() => parseLog(Uint8Array.of(0xff, 0xfe), 'x', 0)).toThrow('not text in UTF-8');
  expect(() => parseLog(new Uint8Array(MOST_BYTES + 1), 'x', 0)).toThrow('a log has at most 128');
  expect(() => read(`${'['.repeat(1e6)}`)).toThrow(CorruptFileError);
  expect(() => read(`${'{"position":0,"token":"x","description":"x"}\n'.repeat(20_001)}`)).toThrow('at most 20000');
});

test('a thousand damaged files are each read within all limits or refused by name', () => {
  let sound = 0;
  for (let seed = 0; seed < 1000; seed++) {
    const random = seeded(seed);
    const kind = random();
    const value = () => damage(kind < 0.7 ? JSON.parse(written.split('\n')[0]!) : structuredClone(ANSWER), random);
    const input = kind < 0.4 ? mangle(written, random) : JSON.stringify(value());
    try {
      const entries = read(input);
      // What was read can be kept and written, and is read again as the same.
      expect(entries.map((entry) => parseEntry(structuredClone(entry), 'log'))).toEqual(entries);
      expect(read(writeLog(entries))).toEqual(entries);
      sound++;
    } catch (error) {
      if (!(error instanceof CorruptFileError))
        throw new Error(`Seed ${seed} threw ${String(error)}`, { cause: error });
    }
  }
  expect(sound).toBeGreaterThan(50);
  expect(sound).toBeLessThan(950);
});
