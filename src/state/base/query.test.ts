import { expect, test } from 'vitest';
import { createSession } from '../model/session';
import { fakeLens, settled } from '../testing/lens';
import { createQuerySlot } from './query';

function held<V>() {
  let settle: { resolve: (value: V) => void; reject: (error: Error) => void } | undefined;
  const task = () =>
    new Promise<V>((resolve, reject) => {
      settle = { resolve, reject };
    });
  return { task, resolve: (value: V) => settle!.resolve(value), reject: (error: Error) => settle!.reject(error) };
}

test('the last answer stays, as stale, until the next is there', async () => {
  const query = createQuerySlot<number>(createSession(async () => fakeLens()));
  await query.ask('a', async () => 1);
  const b = held<number>();
  const asked = query.ask('b', b.task);
  expect(query.store.getState()).toMatchObject({ key: 'b', answered: 'a', value: 1 });
  b.resolve(2);
  await asked;
  expect(query.store.getState()).toMatchObject({ key: 'b', answered: 'b', value: 2 });
});

test('an answer that was overtaken is not painted, nor is its failure', async () => {
  const query = createQuerySlot<number>(createSession(async () => fakeLens()));
  const a = held<number>();
  const first = query.ask('a', a.task);
  const second = query.ask('b', async () => 2);
  a.reject(new Error('late'));
  await Promise.all([first, second]);
  expect(query.store.getState()).toMatchObject({ value: 2, answered: 'b', error: null });
});

test('the same question is asked once, and again after release', async () => {
  const query = createQuerySlot<number>(createSession(async () => fakeLens()));
  let asked = 0;
  const task = async () => ++asked;
  await query.ask('a', task);
  await query.ask('a', task);
  expect(asked).toBe(1);
  query.release();
  expect(query.store.getState()).toMatchObject({ key: null, value: 1 });
  await query.ask('a', task);
  await settled();
  expect(query.store.getState()).toMatchObject({ key: 'a', value: 2 });
});

test('a failure is named', async () => {
  const query = createQuerySlot<number>(createSession(async () => fakeLens()));
  await query.ask('a', async () => {
    throw new RangeError('no');
  });
  expect(query.store.getState().error).toMatchObject({ name: 'RangeError', message: 'no' });
});
