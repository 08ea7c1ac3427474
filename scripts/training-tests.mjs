import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { npmInstall, root } from './prepare.mjs';
import { findPyTorch } from './pytorch.mjs';

/** The training's own tests: `node scripts/training-tests.mjs REPORT.json`. The report has the names of Vitest's. Without PyTorch they are skipped, but not on CI. */

/** Counts from what Python's unittest prints at its end. */
export function unittestCounts(output) {
  const ran = Number(/^Ran (\d+) tests?/m.exec(output)?.[1] ?? 0);
  const of = (kind) => Number(new RegExp(`^(?:OK|FAILED) \\(.*?\\b${kind}=(\\d+)`, 'm').exec(output)?.[1] ?? 0);
  const failed = of('failures') + of('errors');
  const skipped = of('skipped');
  return { numPassedTests: Math.max(0, ran - failed - skipped), numFailedTests: failed, numPendingTests: skipped, numTodoTests: 0 };
}

function run() {
  const python = findPyTorch();
  if (!python) {
    const what = 'No Python with PyTorch and numpy here (LENSLET_PYTHON names one): the training’s tests did not run.';
    console.error(what);
    return process.env.CI ? { status: 1 } : { status: 0, report: { unavailable: what } };
  }
  const folder = join(root, 'training');
  if (!existsSync(join(folder, 'node_modules/tokenizers')) && npmInstall(folder).status !== 0) return { status: 1 };
  const env = { ...process.env, PYTHONPATH: folder, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' };
  const { status, stderr, stdout } = spawnSync(python, ['-m', 'unittest', 'discover', '-p', 'test_*.py'], { cwd: folder, env, encoding: 'utf8' });
  console.log(status === 0 ? stderr.trim().split('\n').slice(-3).join('\n') : `${stdout}\n${stderr}`);
  return { status: status ?? 1, report: unittestCounts(stderr) };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { status, report } = run();
  if (report && process.argv[2]) writeFileSync(process.argv[2], JSON.stringify(report));
  process.exit(status);
}
