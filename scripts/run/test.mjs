import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import * as util from 'node:util';
import { findChromium } from '../install/chromium.mjs';
import { firefoxPath, installEngines, webKitPaths } from '../install/engines.mjs';
import { findPyTorch } from '../install/pytorch.mjs';
import { checkNode, fail, messageOf, npmInstall, prepare, root } from '../prepare.mjs';
import { endTogether } from './own-end.mjs';
import { runNode } from './run-command.mjs';
import { chosenStages, runStages, stageCounts, summary } from './stages.mjs';

/** `npm test [-- --only unit,gpu]`: everything. What is missing is installed first; then the stages run, two at a time
 *  where there are two cores. A stage runs also when one before it failed, unless it needs that one. */

/** Seconds without a sign of life after which a stage is ended: a test that has ended, or output where it runs no
 *  tests. */
const IDLE = 600;

const reports = join(root, 'test-results');
const report = (/** @type {string} */ name) => join(reports, `${name}.json`);
const bin = {
  tsc: 'node_modules/typescript/bin/tsc',
  biome: 'node_modules/@biomejs/biome/bin/biome',
  vitest: 'node_modules/vitest/vitest.mjs',
  vite: 'node_modules/vite/bin/vite.js',
  playwright: 'node_modules/@playwright/test/cli.js',
};

/** `project`: its name, or a pattern of several. */
function vitest(/** @type {string} */ name, project = name) {
  const reporters = ['default', 'json', './scripts/run/pulse.mjs'].map((reporter) => `--reporter=${reporter}`);
  return [bin.vitest, 'run', '--project', project, ...reporters, `--outputFile.json=${report(name)}`];
}

/** The longest first, then those that others wait for. `needs`: what is installed before the stages, where it is
 *  missing. `report`: the stage runs tests, and this counts them. The package is built for its own tests and for
 *  end-to-end tests, in one place: `apart`.
 *  @typedef {{ commands: string[][], report?: string, needs?: (keyof typeof installations)[] }} Work
 *  @type {(import('./stages.mjs').Stage & Work)[]} */
const stages = [
  { name: 'gpu', commands: [vitest('gpu', 'gpu*')], report: report('gpu'), needs: ['chromium'] },
  { name: 'types', commands: [[bin.tsc], [bin.tsc, '-p', 'tsconfig.scripts.json']] },
  { name: 'lint', commands: [[bin.biome, 'check', '.']] },
  { name: 'build', commands: [[bin.vite, 'build'], ['scripts/page/size.mjs']] },
  { name: 'e2e', commands: [[bin.playwright, 'test']], report: report('e2e'), needs: ['chromium'], after: 'build' },
  { name: 'engines', commands: [vitest('engines')], report: report('engines'), needs: ['engines'], after: 'build' },
  {
    name: 'training',
    commands: [['scripts/run/training-tests.mjs', report('training')]],
    report: report('training'),
    needs: ['pytorch'],
  },
  { name: 'unit', commands: [vitest('unit')], report: report('unit') },
  { name: 'package', commands: [vitest('package')], report: report('package'), apart: 'e2e' },
];

/** Installations, a line each; none has a limit of time. */
const installations = {
  chromium: async () => {
    const { path, how } = await findChromium().catch((error) => fail(error.message));
    process.env.LENSLET_CHROMIUM = path;
    return `Chromium: ${path} (${how})`;
  },
  engines: async () => {
    // Without one its test says so itself.
    await installEngines().catch((error) => console.error(error.message));
    return `Firefox: ${firefoxPath() ?? 'none'}; WebKit: ${webKitPaths()?.driver ?? 'none'}`;
  },
  pytorch: async () => {
    // Without PyTorch the stage says so itself.
    const python = await findPyTorch().catch((error) => console.error(error.message));
    const folder = join(root, 'training');
    if (python && !existsSync(join(folder, 'node_modules/tokenizers')) && npmInstall(folder).status !== 0)
      console.error('npm install failed in training/.');
    return `PyTorch: ${python ?? 'none'}`;
  },
};

function chosen() {
  try {
    return chosenStages(stages, util.parseArgs({ options: { only: { type: 'string' } } }).values.only);
  } catch (error) {
    return fail(`${messageOf(error)} Usage: npm test -- --only unit,gpu`);
  }
}

/** @returns {Promise<import('./stages.mjs').Result>} */
async function runStage(/** @type {typeof stages[number]} */ { name, commands, report: file }) {
  const tests = file !== undefined;
  let seconds = 0;
  const onLine = (/** @type {string} */ line) => console.log(`${name.padEnd(8)} │ ${line}`);
  for (const command of commands) {
    const run = await runNode(command, {
      cwd: root,
      idle: IDLE,
      tests,
      onLine,
      env: process.stdout.isTTY ? { FORCE_COLOR: '1' } : {},
    });
    seconds += run.seconds;
    const note = run.late ? `ended: ${tests ? 'no test has ended' : 'no output'} for ${IDLE / 60} minutes` : undefined;
    if (note) console.error(`${name}: ${note}.`);
    if (run.status !== 0) return { name, status: run.status, seconds, counts: stageCounts(run.status, file), note };
  }
  return { name, status: 0, seconds, counts: stageCounts(0, file) };
}

checkNode();
endTogether();
const selected = chosen();
console.log('== install');
prepare();
for (const need of new Set(selected.flatMap(({ needs = [] }) => needs))) console.log(await installations[need]());
// An old report must not be counted for a run that crashed.
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

console.log(`\n== ${selected.map(({ name }) => name).join(', ')}`);
const began = performance.now();
const results = await runStages(selected, runStage, Math.min(2, availableParallelism()));
console.log(`\n${summary(results, (performance.now() - began) / 1000)}`);
process.exit(results.some(({ counts }) => counts.failed > 0) ? 1 : 0);
