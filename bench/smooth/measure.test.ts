import { expect, test } from 'vitest';
import { longestTask } from './measure';

const named = (pid: number, tid: number, name: string) => ({ ph: 'M', name: 'thread_name', pid, tid, args: { name } });
const task = (pid: number, tid: number, tdur: number, name = 'ThreadControllerImpl::RunTask') => ({
  ph: 'X',
  name,
  pid,
  tid,
  tdur,
  args: {},
});

test('the longest task is one of the page’s thread, not of another, nor what a task is made of', () => {
  const traceEvents = [
    named(1, 1, 'CrRendererMain'),
    named(1, 2, 'DedicatedWorker thread'),
    named(2, 1, 'CrBrowserMain'),
  ];
  const events = [
    task(1, 1, 8000),
    task(1, 1, 12500),
    task(1, 1, 90000, 'Other'),
    task(1, 2, 400000),
    task(2, 1, 70000),
  ];
  expect(longestTask(JSON.stringify({ traceEvents: [...traceEvents, ...events] }))).toBe(12.5);
  expect(longestTask(JSON.stringify({ traceEvents }))).toBe(0);
});
