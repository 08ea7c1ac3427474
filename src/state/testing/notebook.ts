import type { FeatureKey } from '../features/feature-key';
import type { Entry, RunRecord, RunRow } from '../notebook/record';

export const HASH = 'ab'.repeat(32);
export const HAN: FeatureKey = { model: 'mini', layer: 3, feature: 405, sha256: HASH };

export const entry = (rest: Partial<Entry> = {}): Entry => ({
  ...HAN,
  pinned: null,
  name: 'Han',
  note: 'Fires on 汉 “quoted”.\nAnd on a second line.',
  updated: '2025-01-02T00:00:00.000Z',
  ...rest,
});

export const row = (rest: Partial<RunRow> = {}): RunRow => ({
  text: ' the',
  logprob: -1.5,
  kl: 0.25,
  surprisal: 2,
  acted: 1,
  change: 3,
  norm: 30,
  done: null,
  ...rest,
});

/** A complete run with a control and a band; `i` makes it another plan and another time. */
export const run = (i = 0, rest: Partial<RunRecord> = {}): RunRecord => ({
  at: new Date(Date.UTC(2025, 0, 1, 0, i)).toISOString(),
  model: 'mini',
  sha256: HASH,
  plan: {
    prompt: 'The old man',
    edits: [
      {
        layer: 3,
        feature: 405,
        mode: 'add',
        weight: 1.4,
        unit: 'max',
        where: 'all',
        on: 'active',
        strength: 14.5,
        sha256: HASH,
      },
    ],
    control: true,
    draw: 1,
    sampling: { temperature: 0.7, topP: 0.95, seed: i, maxTokens: 12 },
  },
  complete: true,
  baseline: [
    row({ kl: null, surprisal: null, acted: 0, change: 0 }),
    row({ text: '汉', kl: null, surprisal: null, acted: 0, change: 0, done: 'length' }),
  ],
  steered: [row(), row({ kl: 0.75, done: 'length' })],
  control: [row({ kl: 0.125 }), row({ kl: 0.125, done: 'length' })],
  band: [[0.125, 0.125], [0.25]],
  ...rest,
});
