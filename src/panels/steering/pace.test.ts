import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { RunState } from '../../state/steering/run';
import { pace } from './pace';

const idle: RunState = {
  status: 'idle',
  plan: null,
  streams: null,
  coming: null,
  band: null,
  stale: false,
  recorded: false,
  mass: 1,
  error: null,
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function paced() {
  const store = createStore<RunState>(() => idle);
  const shown: number[] = [];
  // `mass` numbers the states.
  const stop = pace(store.subscribe, 100, (state) => shown.push(state.mass));
  return { store, shown, stop };
}

test('while text streams one state is shown every 100 ms, the newest, and none is lost at the end', () => {
  const { store, shown } = paced();
  store.setState({ status: 'generating', mass: 0 });
  for (let i = 1; i <= 30; i++) {
    store.setState({ mass: i });
    vi.advanceTimersByTime(10);
  }
  expect(shown).toEqual([0, 1, 10, 20, 30]);
  store.setState({ mass: 31 });
  store.setState({ status: 'done', mass: 32 });
  expect(shown).toEqual([0, 1, 10, 20, 30, 32]);
  vi.advanceTimersByTime(1000);
  expect(shown.length).toBe(6);
});

test('what is no stream is shown at once, and nothing once it is stopped', () => {
  const { store, shown, stop } = paced();
  store.setState({ stale: true, mass: 1 });
  store.setState({ status: 'generating', mass: 2 });
  store.setState({ stale: false, recorded: false, mass: 3 });
  expect(shown).toEqual([1, 2, 3]);
  store.setState({ mass: 4 });
  store.setState({ mass: 5 });
  stop();
  vi.advanceTimersByTime(1000);
  expect(shown).toEqual([1, 2, 3, 4]);
});
