import { existsSync, readFileSync } from 'node:fs';

/** What the stages of `npm test` say about themselves.
 *  @typedef {{ passed: number, failed: number, skipped: number }} Counts
 *  @typedef {{ name: string, after?: string, apart?: string }} Stage
 *  @typedef {{ name: string, status: number | null, seconds: number, counts: Counts, note?: string }} Result
 *    `status`: 0, another, or null where it did not run. */

/** Passed, failed and skipped tests in a report of Vitest's JSON reporter.
 *  @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number }} report */
function vitestCounts(report) {
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** The same of Playwright's. A test that passed only on a retry counts as failed.
 *  @param {{ stats: Record<'expected' | 'unexpected' | 'flaky' | 'skipped', number> }} report */
function playwrightCounts({ stats }) {
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped };
}

/** Null for a report that is cut off, because its writer was ended. */
function readReport(/** @type {string} */ file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** Counts of one stage. A stage that failed has at least one failure, whatever its report says (a crash leaves none, or
 *  an old count); a stage of tests that ran none has failed, unless its report says why it could not run here. `report`
 *  is the path of its JSON file, undefined for a stage that is no test runner: that counts as one test.
 *  @param {string} [report]
 *  @returns {Counts} */
export function stageCounts(/** @type {number} */ status, report) {
  if (!report) return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
  let counts = { passed: 0, failed: 0, skipped: 0 };
  if (existsSync(report)) {
    const json = readReport(report);
    if (json?.unavailable) return { passed: 0, failed: status === 0 ? 0 : 1, skipped: 1 };
    if (json) counts = json.stats ? playwrightCounts(json) : vitestCounts(json);
  }
  if (status !== 0 || counts.passed === 0) counts.failed = Math.max(1, counts.failed);
  return counts;
}

/** The stages that `--only a,b` names, in their own order; all without it. Throws on a name that is no stage.
 *  @template {Stage} S
 *  @param {S[]} stages
 *  @param {string} [only] */
export function chosenStages(stages, only) {
  if (only === undefined) return stages;
  const names = only.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !stages.some((stage) => stage.name === name));
  if (unknown !== undefined)
    throw new Error(`"${unknown}" is no stage. Stages: ${stages.map((stage) => stage.name).join(', ')}.`);
  return stages.filter((stage) => names.includes(stage.name));
}

/** Runs stages in their order, up to `width` of them at once. A stage with `after` waits for that stage, and does not
 *  run if it failed; a stage with `apart` waits for that stage's end, however it ends. Resolves to the results in the
 *  stages' order.
 *  @template {Stage} S
 *  @param {S[]} stages
 *  @param {(stage: S) => Promise<Result>} run
 *  @param {number} width
 *  @returns {Promise<Result[]>} */
export async function runStages(stages, run, width) {
  const results = /** @type {Map<string | undefined, Result>} */ (new Map());
  const running = /** @type {Map<string | undefined, Promise<void>>} */ (new Map());
  const waiting = [...stages];
  const toCome = (/** @type {string | undefined} */ stage) =>
    running.has(stage) || waiting.some(({ name }) => name === stage);
  const isReady = (/** @type {S} */ { after, apart }) => !toCome(after) && !toCome(apart);
  const start = async (/** @type {S} */ stage) => {
    const before = results.get(stage.after);
    const notRun = {
      name: stage.name,
      status: null,
      seconds: 0,
      counts: { passed: 0, failed: 1, skipped: 0 },
      note: `${stage.after} failed`,
    };
    results.set(stage.name, before && before.status !== 0 ? notRun : await run(stage));
    running.delete(stage.name);
  };
  while (waiting.length > 0 || running.size > 0) {
    for (let next = waiting.findIndex(isReady); next >= 0 && running.size < width; next = waiting.findIndex(isReady)) {
      const [stage] = waiting.splice(next, 1);
      // Under its name before it runs: one that does not run has ended at once.
      running.set(stage.name, Promise.resolve(stage).then(start));
    }
    await Promise.race(running.values());
  }
  return stages.map(({ name }) => /** @type {Result} */ (results.get(name)));
}

/** One line a stage, and the sum on the last line of its own. `seconds`: of all. */
export function summary(/** @type {Result[]} */ results, /** @type {number} */ seconds) {
  const lines = results.map(({ name, status, seconds, counts, note }) => {
    const verdict = status === 0 && counts.failed === 0 ? 'ok    ' : status === null ? 'not run' : 'FAILED';
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    return `${name.padEnd(8)} ${verdict.padEnd(8)}${seconds.toFixed(0).padStart(5)} s  ${counts.passed} passed, ${counts.failed} failed${skipped}${note ? `  (${note})` : ''}`;
  });
  const sum = (/** @type {keyof Counts} */ kind) => results.reduce((total, { counts }) => total + counts[kind], 0);
  return [
    ...lines,
    `all      ${seconds.toFixed(0).padStart(13)} s`,
    '',
    `${sum('passed')} passed, ${sum('failed')} failed`,
  ].join('\n');
}
