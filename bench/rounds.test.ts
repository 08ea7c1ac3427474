import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { race } from './rounds';

let clock = 0;
beforeEach(() => {
  clock = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
});
afterEach(() => vi.restoreAllMocks());

/** Competitors whose runs cost nothing until `finish` waits for them, and note when they ran. `costs` are ms of one
 *  run; the first of each slower. */
function competitors(costs: number[], slower = 0) {
  const order: number[] = [];
  let owed = 0;
  const list = costs.map((cost, i) => ({
    run() {
      owed += cost + (order.includes(i) ? 0 : slower);
      order.push(i);
    },
  }));
  const finish = async () => {
    clock += owed;
    owed = 0;
  };
  return { list, order, finish };
}

test('takes turns, each round beginning with another', async () => {
  const { list, order, finish } = competitors([1, 1, 1]);
  await race(list, finish, 3, 1);
  expect(order.slice(3)).toEqual([0, 1, 2, 1, 2, 0, 2, 0, 1]);
});

test('counts the wait for the device, but not the run that warms up', async () => {
  const { list, finish } = competitors([12, 24], 100);
  expect(await race(list, finish, 3)).toEqual({ ms: [12, 24], repeat: 1 });
});

test('repeats short runs alike for all, and gives the time of one', async () => {
  const { list, order, finish } = competitors([2, 3]);
  expect(await race(list, finish, 1)).toEqual({ ms: [2, 3], repeat: 5 });
  expect(order.slice(4)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
});

test('never more often than asked, however short they are', async () => {
  const { list, finish } = competitors([0.001]);
  expect((await race(list, finish, 1)).repeat).toBe(32);
  expect((await race(list, finish, 1, 1)).repeat).toBe(1);
});

test('gives the minimum of the rounds', async () => {
  let run = 0;
  const costs = [50, 9, 5, 7];
  const finish = async () => {
    clock += costs[run - 1]!;
  };
  expect((await race([{ run: () => void run++ }], finish, 3, 1)).ms).toEqual([5]);
});
