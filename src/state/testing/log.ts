import type { LogEntry } from '../log/record';

const TEXT = 'The old man looked at the fire and said nothing.\nNobody spoke.';
export const HASH = 'ab'.repeat(32);
export const BEGIN = Date.UTC(2025, 0, 1);

/** A scored entry with controls and two samples; `i` makes it another one, a minute later. */
export const logged = (i = 0, rest: Partial<LogEntry> = {}): LogEntry => ({
  id: `id ${i}`,
  run: `run ${Math.floor(i / 3)}`,
  when: BEGIN + i * 60_000,
  model: 'models/mini',
  sha256: HASH,
  source: 'nla',
  layer: 3,
  target: {
    kind: 'token',
    position: 6,
    tokenId: 412,
    token: ' fire',
    text: TEXT,
    whole: true,
    span: [25, 30],
    norm: 31.4159265358979,
  },
  samples: [
    {
      text: 'English prose told simply.\n\nThe words just before are “ looked at the”.',
      score: { cosine: 0.8, error: 0.4, relative: 0.5, fve: 0.5 },
      done: 'stop',
    },
    {
      text: `English prose ${i}.\n\nThe token is “ fire”. 汉`,
      score: { cosine: 0.9, error: 0.2, relative: 0.25, fve: 0.75 },
      done: 'length',
    },
  ],
  controls: {
    constant: null,
    empty: { cosine: 0.1, error: 1.8, relative: 2.25, fve: -1.25 },
    generic: { cosine: 0.2, error: 1.6, relative: 2, fve: -1 },
    shuffled: { n: 16, cosine: 0.3, fve: 0.1, low: -0.2, high: 0.35 },
  },
  variance: 0.8,
  beatsControl: true,
  options: { seed: 16, temperature: 0.7, maxTokens: 150 },
  added: BEGIN + i * 60_000 + 7,
  pinned: false,
  origin: null,
  extras: null,
  ...rest,
});

/** A decoder row in SelfIE's words, without any score. */
export const loggedRow = (i = 0): LogEntry =>
  logged(i, {
    source: 'selfie',
    target: { kind: 'decoder', layer: 3, feature: 405 },
    samples: [{ text: 'fire', score: null, done: null, pieces: [{ text: 'fire', relevancy: 0.25 }] }],
    controls: null,
    variance: null,
    beatsControl: null,
  });

/** An answer of Neuronpedia over positions 10 to 12 and 20 of a text. */
export const ANSWER = {
  layer_index: 41,
  prompt_length: 9,
  norm: 0.05,
  modelId: 'gemma-3-27b-it',
  nlaSourceId: 'kitft-l41',
  results: [
    {
      position: 10,
      token: ' a',
      token_id: 5,
      description: 'A letter.\n\nFirst.',
      l2_norm: 60000,
      mse: 0.01,
      cosine_similarity: 0.995,
      generated: false,
      role: 'user',
    },
    {
      position: 11,
      token: ' rabbit',
      token_id: 6,
      description: 'A rhyme.',
      l2_norm: 61000,
      mse: 0.02,
      cosine_similarity: 0.99,
      generated: true,
    },
    { position: 12, token: '\n', token_id: 7, description: 'An end.' },
    { position: 20, token: 'x', token_id: 8, description: 'Alone.', mse: null, cosine_similarity: 0.9 },
  ],
};
