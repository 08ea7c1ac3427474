import { expect, test } from 'vitest';
import { InvalidEditError } from '../../lens/api/errors';
import { MOST_ROWS } from '../steering/edits';
import { settled } from '../testing/lens';
import { withBench } from '../testing/workbench';

const on = withBench();

test('a storm of 200 slider events leaves one preview after the first and, on release, exactly one run', async () => {
  await on.open();
  on.bench.steering.add(3, 12);
  await settled();
  on.fake.calls.length = 0;
  on.fake.hold = true;
  for (let i = 1; i <= 200; i++) on.bench.edit(1, { strength: (i % 60) / 2 });
  on.bench.commit();
  on.bench.commit();
  for (let i = 0; i < 10; i++) {
    on.fake.release();
    await settled();
  }
  expect(on.called('preview')).toEqual(['preview 0.5', 'preview 10']);
  expect(on.called('generate')).toEqual(['generate the old man [none 10 10]']);
  expect(on.called('band').length).toBe(1);
  expect(on.bench.preview.store.getState().value!.moved[0]!.edited).toBe(10);
  expect(on.bench.runner.store.getState()).toMatchObject({ status: 'done', stale: false });
});

test('a stale frame is never painted: steps of an overtaken run that come late change nothing', async () => {
  await on.open();
  on.fake.hold = true;
  on.bench.steer(3, 12);
  await settled();
  on.fake.release();
  await settled();
  const before = on.bench.runner.store.getState().streams;
  expect(before!.steered!.length).toBe(1);
  on.bench.edit(1, { strength: 20 });
  on.fake.release();
  await settled();
  expect(on.bench.runner.store.getState().streams).toBe(before);
  expect(on.bench.runner.store.getState().stale).toBe(true);
});

test('steer gives the key of the feature’s row, whether new, there already or turned on again; none in a full list', async () => {
  await on.open();
  const { bench } = on;
  const key = bench.steer(3, 12);
  const other = bench.steer(3, 30);
  expect(bench.steering.store.getState().rows.map((row) => [row.key, row.feature])).toEqual([
    [key, 12],
    [other, 30],
  ]);
  expect(bench.steer(3, 12)).toBe(key);
  // A row that waits for a feature adds nothing everywhere.
  bench.edit(key!, { when: '3:30 > 1' });
  const everywhere = bench.steer(3, 12)!;
  expect(everywhere).not.toBe(key);
  bench.steering.remove(everywhere);
  bench.edit(key!, { when: undefined });
  bench.edit(key!, { enabled: false });
  expect(bench.steer(3, 12)).toBe(key);
  for (let i = 0; i < MOST_ROWS; i++) bench.steering.add(3, i);
  expect(bench.steer(3, 31)).toBeNull();
});

test('moving the slider away and back brings the complete run back without a second one', async () => {
  await on.open();
  on.bench.steer(3, 12);
  await settled();
  on.bench.edit(1, { strength: 20 });
  expect(on.bench.runner.store.getState().stale).toBe(true);
  on.bench.edit(1, { strength: 10 });
  on.bench.commit();
  await settled();
  expect(on.called('generate').length).toBe(1);
  expect(on.bench.runner.store.getState().stale).toBe(false);
});

test('held keys run once, when they rest', async () => {
  await on.open();
  on.bench.steering.add(3, 12);
  for (let i = 0; i < 5; i++) {
    on.bench.edit(1, { strength: 10 + i / 2 });
    on.bench.commit(10);
  }
  expect(on.bench.engine.store.getState().busy).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(on.called('generate')).toEqual(['generate the old man [none 12 12]']);
});

test('without edits a run is the baseline alone, without control or band', async () => {
  await on.open();
  await on.bench.generate();
  expect(on.called('generate')).toEqual(['generate the old man [none]']);
  expect(on.called('band')).toEqual([]);
  expect(on.bench.runner.store.getState().streams).toMatchObject({ steered: null, control: null });
});

test('any other failure of a run is shown where it happened', async () => {
  await on.open();
  on.fake.generate = () => {
    throw new InvalidEditError('no such feature');
  };
  on.bench.steer(3, 12);
  await settled();
  expect(on.bench.engine.store.getState().phase).toBe('ready');
  expect(on.bench.runner.store.getState()).toMatchObject({ status: 'stopped', error: { name: 'InvalidEditError' } });
});

test('the last edit taken to 0 or away runs the baseline alone, once a run is on show', async () => {
  await on.open();
  on.bench.steering.add(3, 12);
  on.bench.edit(1, { strength: 0 });
  on.bench.commit();
  await settled();
  expect(on.called('generate')).toEqual([]);
  on.bench.edit(1, { strength: 10 });
  on.bench.commit();
  await settled();
  on.bench.edit(1, { strength: 0 });
  on.bench.commit();
  await settled();
  expect(on.called('generate')).toEqual(['generate the old man [none 10 10]', 'generate the old man [none]']);
  expect(on.bench.runner.store.getState()).toMatchObject({
    status: 'done',
    stale: false,
    streams: { steered: null, control: null },
  });
  on.bench.steering.remove(1);
  on.bench.commit();
  on.bench.steering.redraw();
  on.bench.commit();
  await settled();
  expect(on.called('generate').length).toBe(2);
  expect(on.bench.runner.store.getState().stale).toBe(false);
});

test('a stop also ends the commit that waits, and so does the next change under the hand', async () => {
  await on.open();
  on.bench.steering.add(3, 12);
  on.bench.commit(10);
  on.bench.stop();
  await new Promise((resolve) => setTimeout(resolve, 30));
  on.bench.commit(10);
  on.bench.edit(1, { strength: 20 });
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(on.called('generate')).toEqual([]);
  expect(on.bench.engine.store.getState().busy).toBe(0);
});

test('a feature beyond the last row runs nothing', async () => {
  await on.open();
  for (let i = 0; i < 16; i++) on.bench.steering.add(3, i);
  on.bench.steer(3, 30);
  await settled();
  expect(on.bench.steering.store.getState().rows.length).toBe(16);
  expect(on.called('generate')).toEqual([]);
});

test('the speed leaves the step out that holds the prompt, and one step gives none', async () => {
  await on.open();
  let steps = 3;
  const whole = on.fake.generate;
  on.fake.generate = async function* (prompt, options) {
    let i = 0;
    for await (const step of whole(prompt, options)) if (i < steps) yield { ...step, ms: i++ === 0 ? 1000 : 20 };
  };
  await on.bench.generate();
  expect(on.bench.engine.store.getState().speed).toEqual({ perSecond: 50, rows: 1 });
  steps = 1;
  await on.bench.generate();
  expect(on.bench.engine.store.getState().speed).toBeNull();
});

test('a decoder row is asked for once by all who wait for it, and again after a failure', async () => {
  await on.open();
  let asked = 0;
  let fails = true;
  on.fake.decoderRow = async () => {
    asked++;
    if (fails) throw new Error('The engine ended.');
    return Float32Array.of(0, 2, 0, 0);
  };
  on.bench.steer(3, 12);
  expect(await on.bench.rowLength(3, 12)).toBeNull();
  expect(asked).toBe(1);
  fails = false;
  expect(await Promise.all([on.bench.rowLength(3, 12), on.bench.rowLength(3, 12)])).toEqual([2, 2]);
  expect(asked).toBe(2);
});

test('a new row is moved to its own length unless the reader has made it another', async () => {
  await on.open();
  on.fake.decoderRow = async () => Float32Array.of(0, 100, 0, 0);
  on.bench.steer(3, 12);
  const [began] = on.bench.steering.store.getState().rows;
  await settled();
  const [moved] = on.bench.steering.store.getState().rows;
  expect(moved!.strength).not.toBe(began!.strength);
  on.bench.steer(3, 13);
  const { key, strength } = on.bench.steering.store.getState().rows.at(-1)!;
  on.bench.steering.patch(key, { mode: 'scale', strength });
  await settled();
  expect(on.bench.steering.store.getState().rows.at(-1)).toMatchObject({ mode: 'scale', strength });
});
