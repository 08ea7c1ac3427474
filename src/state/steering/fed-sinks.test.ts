import { expect, test } from 'vitest';
import type { GeneratedRow } from '../../lens/api/generate';
import type { SiteCodes } from '../../lens/api/site';
import type { ModelSession } from '../model/session';
import { markSinks } from './fed-sinks';
import { createRunner, type GenerationPlan } from './run';

const codes = (norm: number, peak?: number) =>
  ({ norm: Float32Array.of(norm), ...(peak !== undefined && { peak: Float32Array.of(peak) }) }) as SiteCodes;
const row = (of: GeneratedRow['codes']) => ({ text: 'a', codes: of }) as GeneratedRow;
const marks = (rows: (GeneratedRow | null)[], layers: number[], median: number | null, position = 20) =>
  markSinks({ rows, position }, layers, () => median).map((one) => one?.sink);

test('a row that read a sink is marked, by the edited sites alone', () => {
  const rows = [row({ 3: codes(400, 0.9), 4: codes(100, 0.9) }), null, row({ 3: codes(400, 0.5), 4: codes(900, 0.1) })];
  expect(marks(rows, [3, 4], 100)).toEqual([true, undefined, true]);
  expect(marks(rows, [3], 100)).toEqual([true, undefined, undefined]);
  expect(marks(rows, [], 100)).toEqual([undefined, undefined, undefined]);
  expect(marks(rows, [5], 100)).toEqual([undefined, undefined, undefined]);
});

test('without a median none is, without shares only the norm tells', () => {
  expect(marks([row({ 3: codes(9e9, 1) })], [3], null)).toEqual([undefined]);
  expect(marks([row({ 3: codes(400) }), row({ 3: codes(801) })], [3], 100)).toEqual([undefined, true]);
});

test('the row that read position 0 is one', () => {
  expect(marks([row({})], [], null, 1)).toEqual([true]);
});

test('a run marks its rows by the medians of its edited sites, asked for once', async () => {
  const read = row({ 3: codes(400, 0.9) });
  async function* generate() {
    for (let position = 20; position < 23; position++) yield { position, rows: [read, read], mass: 1, ms: 1 };
  }
  const engine = {
    store: { getState: () => ({ lens: { generate } }) },
    track: <T>(work: T) => work,
    measure: () => {},
  } as unknown as ModelSession;
  const asked: number[] = [];
  const runner = createRunner(engine, (layer) => {
    asked.push(layer);
    return 100;
  });
  const edits = [{ layer: 3, feature: 1, mode: 'add', strength: 1 }];
  await runner.run({ prompt: 'a', edits, control: false, draw: 1, sampling: {} } as unknown as GenerationPlan);
  const { streams } = runner.store.getState();
  expect(streams!.steered!.map(({ sink }) => sink)).toEqual([true, true, true]);
  expect(asked).toEqual([3]);
});
