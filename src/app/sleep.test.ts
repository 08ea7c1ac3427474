import { afterEach, expect, test, vi } from 'vitest';
import { saidBy, tracedBench } from '../state/testing/workbench';
import { sayAfterSleep } from './sleep';

afterEach(() => vi.unstubAllGlobals());

test('a tab that was put to sleep in the midst of a job says how long, and nothing without a job', async () => {
  const tab = new EventTarget();
  vi.stubGlobal('document', tab);
  const bench = await tracedBench();
  let time = 0;
  sayAfterSleep(bench, () => time);
  const sleep = () => {
    tab.dispatchEvent(new Event('freeze'));
    time += 180_000;
    tab.dispatchEvent(new Event('resume'));
  };
  sleep();
  expect(saidBy(bench)).toEqual([]);
  bench.parity.store.setState({ status: 'running', cases: [] });
  sleep();
  expect(saidBy(bench)).toEqual([
    'The browser put this tab to sleep for 3 min, in the midst of: Checking parity, 0 cases. It goes on from there.',
  ]);
  bench.dispose();
});
