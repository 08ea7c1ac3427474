import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chosenStages, runStages, stageCounts, summary } from './stages.mjs';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lenslet-stages-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function reportOf(/** @type {object} */ json) {
  const file = join(folder, 'report.json');
  writeFileSync(file, JSON.stringify(json));
  return file;
}

const vitestReport = (/** @type {number} */ passed, /** @type {number} */ failed, pending = 0) =>
  reportOf({ numPassedTests: passed, numFailedTests: failed, numPendingTests: pending, numTodoTests: 0 });

test("Vitest's and Playwright's reports are counted, a retried pass as a failure", () => {
  expect(stageCounts(1, vitestReport(7, 2, 1))).toEqual({ passed: 7, failed: 2, skipped: 1 });
  expect(stageCounts(1, reportOf({ stats: { expected: 5, unexpected: 1, flaky: 2, skipped: 3 } }))).toEqual({
    passed: 5,
    failed: 3,
    skipped: 3,
  });
});

test('a stage without tests is one test', () => {
  expect(stageCounts(0)).toEqual({ passed: 1, failed: 0, skipped: 0 });
  expect(stageCounts(2)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('a runner that failed is never counted as without failures: not after a crash, nor when all its tests passed', () => {
  expect(stageCounts(1, join(folder, 'never written'))).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(stageCounts(1, vitestReport(4, 0))).toEqual({ passed: 4, failed: 1, skipped: 0 });
  const cut = vitestReport(4, 0);
  writeFileSync(cut, readFileSync(cut, 'utf8').slice(0, 20));
  expect(stageCounts(1, cut)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('a runner that found no tests failed', () => {
  expect(stageCounts(0, vitestReport(0, 0)).failed).toBe(1);
});

const stages = [{ name: 'types' }, { name: 'unit' }, { name: 'gpu' }];

test('--only keeps the stages named, in their own order', () => {
  expect(chosenStages(stages, undefined)).toEqual(stages);
  expect(chosenStages(stages, 'gpu, types').map(({ name }) => name)).toEqual(['types', 'gpu']);
  expect(() => chosenStages(stages, 'unit,gppu')).toThrow('"gppu" is no stage');
});

test('the last line is the sum, on a line of its own', () => {
  const text = summary(
    [
      { name: 'unit', status: 0, seconds: 3.2, counts: { passed: 10, failed: 0, skipped: 0 } },
      { name: 'build', status: 1, seconds: 9, counts: { passed: 0, failed: 1, skipped: 0 } },
      { name: 'e2e', status: null, seconds: 0, counts: { passed: 0, failed: 1, skipped: 0 }, note: 'build failed' },
    ],
    12.4,
  );
  const lines = text.split('\n');
  expect(lines.at(-1)).toBe('10 passed, 2 failed');
  expect(lines[0]).toMatch(/^unit +ok +3 s {2}10 passed, 0 failed$/);
  expect(lines[1]).toMatch(/^build +FAILED/);
  expect(lines[2]).toMatch(/^e2e +not run .*\(build failed\)$/);
  expect(lines[3]).toMatch(/^all +12 s$/);
});

test('a stage that cannot run here is skipped, and failed where it must run', () => {
  const file = reportOf({ unavailable: 'no PyTorch' });
  expect(stageCounts(0, file)).toEqual({ passed: 0, failed: 0, skipped: 1 });
  expect(stageCounts(1, file).failed).toBe(1);
});

/** Runs stages that end when they are told to, and notes what goes on: `+gpu` begins, `-gpu` ends.
 *  @param {import('./stages.mjs').Stage[]} stages */
function stagesByHand(stages, /** @type {number} */ width) {
  const log = /** @type {string[]} */ ([]);
  const ends = new Map();
  const all = runStages(
    stages,
    ({ name }) => {
      log.push(`+${name}`);
      return new Promise((resolve) => {
        ends.set(name, (/** @type {number} */ status) => {
          log.push(`-${name}`);
          resolve({ name, status, seconds: 1, counts: { passed: 1, failed: status, skipped: 0 } });
        });
      });
    },
    width,
  );
  const end = async (/** @type {string} */ name, status = 0) => {
    ends.get(name)(status);
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { all, log, end };
}

test('stages run two at a time in their order; one waits for the one that it needs', async () => {
  const { all, log, end } = stagesByHand(
    [{ name: 'gpu' }, { name: 'build' }, { name: 'e2e', after: 'build' }, { name: 'training' }],
    2,
  );
  await new Promise((resolve) => setTimeout(resolve));
  expect(log).toEqual(['+gpu', '+build']);
  await end('gpu');
  expect(log.slice(2)).toEqual(['-gpu', '+training']);
  await end('build');
  expect(log.slice(4)).toEqual(['-build', '+e2e']);
  await end('training');
  await end('e2e');
  expect((await all).map(({ name }) => name)).toEqual(['gpu', 'build', 'e2e', 'training']);
});

test('a stage that must be apart from another waits for its end, also where it failed', async () => {
  const { all, log, end } = stagesByHand([{ name: 'unit' }, { name: 'e2e', apart: 'unit' }, { name: 'training' }], 2);
  await new Promise((resolve) => setTimeout(resolve));
  expect(log).toEqual(['+unit', '+training']);
  await end('training');
  expect(log).not.toContain('+e2e');
  await end('unit', 1);
  await end('e2e');
  expect((await all).map(({ status }) => status)).toEqual([1, 0, 0]);
});

test('a stage whose need failed does not run and has failed; without that need among the chosen it runs', async () => {
  const { all, log, end } = stagesByHand([{ name: 'build' }, { name: 'e2e', after: 'build' }, { name: 'unit' }], 1);
  await new Promise((resolve) => setTimeout(resolve));
  await end('build', 1);
  await end('unit');
  expect((await all).map(({ status, note }) => [status, note])).toEqual([
    [1, undefined],
    [null, 'build failed'],
    [0, undefined],
  ]);
  expect(log).toEqual(['+build', '-build', '+unit', '-unit']);
  const alone = stagesByHand([{ name: 'e2e', after: 'build' }], 2);
  await new Promise((resolve) => setTimeout(resolve));
  await alone.end('e2e');
  expect((await alone.all)[0].status).toBe(0);
});
