import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as util from 'node:util';
import { findChromium } from './chromium.mjs';
import { checkNode, fail, prepare, root } from './prepare.mjs';
import { runNode } from './run-command.mjs';
import { chosenStages, stageCounts, summary } from './stages.mjs';

/** `npm test [-- --only unit,gpu]`: everything, in this order. A stage runs also when one before it failed, unless it needs that one. */

const reports = join(root, 'test-results');
const report = (name) => join(reports, `${name}.json`);
const bin = {
  tsc: 'node_modules/typescript/bin/tsc',
  biome: 'node_modules/@biomejs/biome/bin/biome',
  vitest: 'node_modules/vitest/vitest.mjs',
  vite: 'node_modules/vite/bin/vite.js',
  playwright: 'node_modules/@playwright/test/cli.js',
};

function vitest(name) {
  return [bin.vitest, 'run', '--project', name, '--reporter=default', '--reporter=json', `--outputFile.json=${report(name)}`];
}

/** `limit`: seconds until a stage counts as hung. `chromium`: it needs a browser. */
const stages = [
  { name: 'types', limit: 300, commands: [[bin.tsc, '--noEmit']] },
  { name: 'lint', limit: 120, commands: [[bin.biome, 'check', '.']] },
  { name: 'unit', limit: 300, commands: [vitest('unit')], report: report('unit') },
  { name: 'training', limit: 300, commands: [['scripts/training-tests.mjs', report('training')]], report: report('training') },
  { name: 'gpu', limit: 1800, commands: [vitest('gpu')], report: report('gpu'), chromium: true },
  { name: 'build', limit: 300, commands: [[bin.vite, 'build', '--logLevel', 'warn'], ['scripts/size.mjs']] },
  { name: 'e2e', limit: 1500, commands: [[bin.playwright, 'test']], report: report('e2e'), chromium: true, after: 'build' },
];

function chosen() {
  try {
    return chosenStages(stages, util.parseArgs({ options: { only: { type: 'string' } } }).values.only);
  } catch (error) {
    return fail(`${error.message} Usage: npm test -- --only unit,gpu`);
  }
}

async function runStage({ name, limit, commands, report: file }) {
  console.log(`\n== ${name}`);
  let seconds = 0;
  for (const command of commands) {
    const run = await runNode(command, { cwd: root, limit });
    seconds += run.seconds;
    if (run.late) console.error(`${name} ran for more than ${limit} s and was ended.`);
    if (run.status !== 0)
      return { name, status: run.status, seconds, counts: stageCounts(run.status, file), note: run.late ? `ended after ${limit} s` : undefined };
  }
  return { name, status: 0, seconds, counts: stageCounts(0, file) };
}

checkNode();
const selected = chosen();
prepare();
if (selected.some((stage) => stage.chromium)) {
  const { path, how } = await findChromium().catch((error) => fail(error.message));
  console.log(`Chromium: ${path} (${how})`);
  process.env.LENSLET_CHROMIUM = path;
}
// An old report must not be counted for a run that crashed.
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const results = [];
for (const stage of selected) {
  const before = results.find(({ name }) => name === stage.after);
  if (before && before.status !== 0) {
    results.push({ name: stage.name, status: null, seconds: 0, counts: { passed: 0, failed: 1, skipped: 0 }, note: `${stage.after} failed` });
  } else results.push(await runStage(stage));
}
console.log(`\n${summary(results)}`);
process.exit(results.some(({ counts }) => counts.failed > 0) ? 1 : 0);
