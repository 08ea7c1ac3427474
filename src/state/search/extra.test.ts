import { expect, it } from 'vitest';
import type { Effect } from '../../lens/api/effect';
import type { LensInfo } from '../../lens/api/lens';
import { featureKey } from '../features/feature-key';
import type { Entry } from '../notebook/record';
import { fakeLens } from '../testing/lens';
import { extraOf } from './extra';

const effect = {
  title: 'Go on in English',
  shipped: true,
  edits: [
    { layer: 3, feature: 7, mode: 'add', strength: 1 },
    { layer: 4, feature: 9, mode: 'ablate', strength: 1 },
  ],
} as Effect;
const info: LensInfo = {
  ...fakeLens().info,
  effects: [effect, { ...effect, title: 'Not shown apart', shipped: false }],
};
const entry = (feature: number, patch: Partial<Entry> = {}): Entry => ({
  ...featureKey(info, 3, feature),
  pinned: null,
  name: null,
  note: '',
  updated: '2026-01-01T00:00:00.000Z',
  ...patch,
});

it('takes names and notes of the open dictionaries, and measured effects', () => {
  const entries = [
    entry(1, { name: 'Mine', note: 'Looks like rivers' }),
    entry(2, { pinned: '2026-01-01T00:00:00.000Z' }),
  ];
  expect(extraOf(info, entries)).toEqual([
    { layer: 3, id: 1, text: 'Mine', kind: 'name' },
    { layer: 3, id: 1, text: 'Looks like rivers', kind: 'note' },
    { layer: 3, id: 7, text: 'Go on in English', kind: 'effect' },
    { layer: 4, id: 9, text: 'Go on in English', kind: 'effect' },
  ]);
});

it('leaves out what is said of another dictionary or model', () => {
  const foreign = [
    entry(1, { name: 'a', sha256: 'f'.repeat(64) }),
    entry(1, { name: 'b', model: 'other' }),
    entry(1, { name: 'c', layer: 99 }),
  ];
  expect(extraOf({ ...info, effects: [] }, foreign)).toEqual([]);
});
