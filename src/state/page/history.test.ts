import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { atAddress } from '../model/model-url';
import { fakeLens } from '../testing/lens';
import { createWorkbench } from './workbench';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function bench() {
  const made = createWorkbench(async () => fakeLens(), { pause: 10 });
  await made.engine.open(atAddress('fake'), 'auto');
  made.tracer.type('one');
  await vi.advanceTimersByTimeAsync(1000);
  made.history.restart();
  return made;
}
const text = (made: Awaited<ReturnType<typeof bench>>) => made.tracer.store.getState().text;

test('a burst of typing is one step, taken back and done again', async () => {
  const made = await bench();
  for (const typed of ['one t', 'one tw', 'one two']) {
    made.tracer.type(typed);
    await vi.advanceTimersByTimeAsync(100);
  }
  await vi.advanceTimersByTimeAsync(1000);
  expect(made.history.store.getState()).toEqual({ back: 1, forth: 0 });
  made.undo();
  expect(text(made)).toBe('one');
  await vi.advanceTimersByTimeAsync(1000);
  expect(made.tracer.store.getState().reading?.text).toBe('one');
  expect(made.history.store.getState()).toEqual({ back: 0, forth: 1 });
  made.redo();
  expect(text(made)).toBe('one two');
});

test('undo in the middle of a burst takes the burst back', async () => {
  const made = await bench();
  made.tracer.type('one two');
  made.undo();
  expect(text(made)).toBe('one');
  made.redo();
  expect(text(made)).toBe('one two');
});

test('edits come back with their strength, and what is shown is run again', async () => {
  const made = await bench();
  made.steer(3, 12);
  await vi.advanceTimersByTimeAsync(1000);
  made.edit(1, { strength: 20 });
  made.commit();
  await vi.advanceTimersByTimeAsync(1000);
  made.steering.remove(1);
  made.commit();
  await vi.advanceTimersByTimeAsync(1000);
  made.undo();
  expect(made.steering.store.getState().rows.map((row) => row.strength)).toEqual([20]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(made.runner.store.getState().plan?.edits[0]?.strength).toBe(20);
  made.undo();
  expect(made.steering.store.getState().rows.map((row) => row.strength)).toEqual([10]);
  made.undo();
  expect(made.steering.store.getState().rows).toEqual([]);
  made.undo();
  expect(made.history.store.getState()).toEqual({ back: 0, forth: 3 });
});

test('a new step forgets what was taken back; a link begins anew', async () => {
  const made = await bench();
  made.tracer.type('two');
  await vi.advanceTimersByTimeAsync(1000);
  made.undo();
  made.tracer.type('three');
  await vi.advanceTimersByTimeAsync(1000);
  expect(made.history.store.getState()).toEqual({ back: 1, forth: 0 });
  made.history.restart();
  made.undo();
  expect(text(made)).toBe('three');
});

test('what was typed just before an effect, a text or a swap is a step of its own, and so is what is typed just after', async () => {
  const made = await bench();
  made.tracer.type('one two');
  await vi.advanceTimersByTimeAsync(100);
  void made.show({ text: 'an example' });
  await vi.advanceTimersByTimeAsync(100);
  made.tracer.type('an example more');
  await vi.advanceTimersByTimeAsync(1000);
  expect(made.history.store.getState()).toEqual({ back: 3, forth: 0 });
  for (const before of ['an example', 'one two', 'one']) {
    made.undo();
    expect(text(made)).toBe(before);
  }
});

test('what is brought while a text is slow to trace is one step, rows and all', async () => {
  const fake = fakeLens();
  const made = createWorkbench(async () => fake, { pause: 10 });
  await made.engine.open(atAddress('fake'), 'auto');
  await made.show({ text: 'one' });
  made.history.restart();
  fake.hold = true;
  const row = {
    key: 1,
    layer: 3,
    feature: 12,
    mode: 'add' as const,
    where: 'all' as const,
    on: 'active' as const,
    enabled: true,
  };
  void made.show({ text: 'slow', rows: [{ ...row, strength: 20, unit: 'max' }], draw: 4 });
  await vi.advanceTimersByTimeAsync(2000);
  fake.hold = false;
  fake.release();
  await vi.advanceTimersByTimeAsync(1000);
  expect(made.steering.store.getState()).toMatchObject({ rows: [{ strength: 20 }], draw: 4 });
  expect(made.history.store.getState()).toEqual({ back: 1, forth: 0 });
  made.undo();
  expect(made.steering.store.getState()).toMatchObject({ rows: [], draw: 1 });
  expect(text(made)).toBe('one');
});

test('undo takes a swap back, redo does it again: text A is never lost', async () => {
  const made = await bench();
  const a = () => made.contrast.store.getState().held?.text;
  made.contrast.hold();
  made.tracer.type('two');
  await vi.advanceTimersByTimeAsync(1000);
  void made.contrast.swap();
  await vi.advanceTimersByTimeAsync(1000);
  expect([a(), text(made)]).toEqual(['two', 'one']);
  made.undo();
  await vi.advanceTimersByTimeAsync(1000);
  expect([a(), text(made)]).toEqual(['one', 'two']);
  made.redo();
  await vi.advanceTimersByTimeAsync(1000);
  expect([a(), text(made)]).toEqual(['two', 'one']);
  made.undo();
  made.undo();
  expect([a(), text(made)]).toEqual(['one', 'one']);
});

test('another unit of the same strength is no step, and leaves what can be done again', async () => {
  const made = await bench();
  made.steer(3, 12);
  await vi.advanceTimersByTimeAsync(1000);
  made.tracer.type('one two');
  await vi.advanceTimersByTimeAsync(1000);
  made.undo();
  await vi.advanceTimersByTimeAsync(1000);
  const before = made.history.store.getState();
  made.edit(1, { unit: 'raw' });
  await vi.advanceTimersByTimeAsync(1000);
  expect(made.history.store.getState()).toEqual(before);
  expect(before.forth).toBe(1);
});
