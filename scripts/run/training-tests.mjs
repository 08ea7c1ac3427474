import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pyTorch } from '../install/pytorch.mjs';
import { isMain, root } from '../prepare.mjs';
import { pulse } from './pulse.mjs';

/** The training's own tests: `node scripts/run/training-tests.mjs REPORT.json`. The report has the names of Vitest's.
 *  Without PyTorch they are skipped, but not on CI. */

/** Counts from what Python's unittest prints at its end. */
export function unittestCounts(/** @type {string} */ output) {
  const ran = Number(/^Ran (\d+) tests?/m.exec(output)?.[1] ?? 0);
  const of = (/** @type {string} */ kind) =>
    Number(new RegExp(`^(?:OK|FAILED) \\(.*?\\b${kind}=(\\d+)`, 'm').exec(output)?.[1] ?? 0);
  const failed = of('failures') + of('errors');
  const skipped = of('skipped');
  return {
    numPassedTests: Math.max(0, ran - failed - skipped),
    numFailedTests: failed,
    numPendingTests: skipped,
    numTodoTests: 0,
  };
}

/** Whether a line of `unittest --verbose` is the end of a test. */
export const isEnd = (/** @type {string} */ line) =>
  / \.\.\. (ok|FAIL|ERROR|skipped .*|expected failure|unexpected success)$/.test(line) ||
  /^(ok|FAIL|ERROR)$/.test(line);

/** Runs them, each test's end as it comes. Resolves to the exit status and the report.
 *  @returns {ReturnType<typeof run>} */
function unittest(/** @type {string} */ python) {
  const folder = join(root, 'training');
  const child = spawn(python, ['-m', 'unittest', 'discover', '--verbose', '-p', 'test_*.py'], {
    cwd: folder,
    env: { ...process.env, PYTHONPATH: folder, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk;
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    output += `${line}\n`;
    if (isEnd(line)) pulse();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      console.log(code === 0 ? output.trim().split('\n').slice(-3).join('\n') : `${stdout}\n${output}`);
      resolve({ status: code ?? 1, report: unittestCounts(output) });
    });
  });
}

/** @returns {Promise<{ status: number, report?: object }>} */
async function run() {
  const python = pyTorch();
  if (python) return unittest(python);
  const what = 'No Python with PyTorch and numpy here (LENSLET_PYTHON names one): the training’s tests did not run.';
  console.error(what);
  return process.env.CI ? { status: 1 } : { status: 0, report: { unavailable: what } };
}

if (isMain(import.meta.url)) {
  const { status, report } = await run();
  if (report && process.argv[2]) writeFileSync(process.argv[2], JSON.stringify(report));
  process.exit(status);
}
