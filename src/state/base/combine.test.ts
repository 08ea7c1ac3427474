import { expect, test } from 'vitest';
import { shallow } from 'zustand/shallow';
import { createStore } from 'zustand/vanilla';
import { combine } from './combine';

const two = () => {
  const a = createStore(() => ({ x: 1, y: 0 }));
  const b = createStore(() => ({ x: 10 }));
  return { a, b, both: combine({ a, b }) };
};

test('a value of several stores is told when it changes, with the one before, until it is stopped', () => {
  const { a, b, both } = two();
  const told: [number, number][] = [];
  const stop = both.follow(
    (s) => s.a.x + s.b.x,
    (now, before) => told.push([now, before]),
  );
  a.setState({ x: 2 });
  a.setState({ y: 5 });
  b.setState({ x: 20 });
  stop();
  b.setState({ x: 30 });
  expect(told).toEqual([
    [12, 11],
    [22, 12],
  ]);
});

test('a list that holds the same is not told', () => {
  const { a, both } = two();
  let told = 0;
  both.follow(
    (s) => [s.a.x, s.b.x],
    () => told++,
    shallow,
  );
  a.setState({ y: 5 });
  expect(told).toBe(0);
  a.setState({ x: 5 });
  expect(told).toBe(1);
});

test('where a listener sets a store again, those after it hear of what stands then, and once', () => {
  const { a, both } = two();
  const told: number[] = [];
  both.follow(
    (s) => s.a.x,
    (x) => x === 2 && a.setState({ x: 3 }),
  );
  both.follow(
    (s) => s.a.x,
    (x) => told.push(x),
  );
  a.setState({ x: 2 });
  expect(told).toEqual([3]);
  a.setState({ x: 2 });
  expect(told).toEqual([3]);
  a.setState({ x: 4 });
  expect(told).toEqual([3, 4]);
});
