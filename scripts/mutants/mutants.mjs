import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from '../install/chromium.mjs';
import { checkNode, fail, prepare, root } from '../prepare.mjs';
import { runNode } from '../run/run-command.mjs';
import { copyProject, mutate, outcome, removeCopy } from './mutate.mjs';
import { mutants } from './table.mjs';

/** `npm run mutants [-- words of a name]`: breaks the code on purpose in a copy, one mistake at a time, and shows which
 *  tests turn red.
 *  @import { Mutant } from './table.mjs' */

/** Seconds: longer than a test that hangs may take (vitest.config.ts). */
const LIMIT = 480;
/** Names of red tests in a line. */
const SHOWN = 3;

checkNode();
const wanted = process.argv.slice(2).join(' ').toLowerCase();
const chosen = mutants.filter(({ name }) => name.toLowerCase().includes(wanted));
if (chosen.length === 0)
  fail(`No mutant is named "${wanted}". Mutants:\n${mutants.map(({ name }) => `  ${name}`).join('\n')}`);
prepare();
// All of them, before minutes are spent.
for (const mutant of mutants) mutate(readFileSync(join(root, mutant.file), 'utf8'), mutant);
if (chosen.some(({ project }) => project === 'gpu'))
  process.env.LENSLET_CHROMIUM = (await findChromium().catch((error) => fail(error.message))).path;

const copy = copyProject(root);
process.on('exit', () => removeCopy(copy));

/** Runs a mutant's tests in the copy. `red`: names of the tests that failed; `passed`: how many did not; `output`: what
 *  the runner said. */
async function run(/** @type {Mutant} */ { project, test, only }) {
  const file = join(copy, 'mutants-report.json');
  rmSync(file, { force: true });
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    test,
    '--project',
    project,
    '--reporter=json',
    `--outputFile=${file}`,
  ];
  if (only) args.push('-t', only);
  const { seconds, output, late } = await runNode(args, { cwd: copy, idle: LIMIT, capture: true });
  return { seconds, late, output, ...(existsSync(file) ? outcome(file) : { passed: 0, red: [] }) };
}

/** @type {(name: string, seconds: number, result: string) => void} */
const line = (name, seconds, result) =>
  console.log(`${name.padEnd(58)} ${seconds.toFixed(0).padStart(4)} s  ${result}`);
const shown = (/** @type {string[]} */ names) =>
  [...names.slice(0, SHOWN), ...(names.length > SHOWN ? [`${names.length - SHOWN} more`] : [])].join('; ');
const commandOf = (/** @type {Mutant} */ { project, test, only }) => `${project} ${test}${only ? ` -t "${only}"` : ''}`;

console.log('Unbroken: all of these must be green.');
const commands = new Map(chosen.map((mutant) => [commandOf(mutant), mutant]));
for (const [command, mutant] of commands) {
  const { passed, red, seconds, output } = await run(mutant);
  if (red.length > 0 || passed === 0)
    fail(
      `${output}\n${command}: ${red.length} red, ${passed} green without any mutant. Mutants prove nothing until it is green.`,
    );
  line(command.slice(0, 200), seconds, `${passed} green`);
}

console.log('\nBroken: each of these must be red.');
const survivors = [];
for (const mutant of chosen) {
  const path = join(copy, mutant.file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, mutate(text, mutant));
  const { red, seconds, output, late } = await run(mutant);
  writeFileSync(path, text);
  if (red.length === 0) survivors.push(mutant.name);
  line(
    mutant.name,
    seconds,
    red.length > 0 ? `red: ${shown(red)}` : `SURVIVED${late ? ` (no answer in ${LIMIT} s)` : ''}`,
  );
  if (red.length === 0) console.log(output);
}
console.log(
  `\n${chosen.length - survivors.length} of ${chosen.length} mutants turned a test red.${survivors.length > 0 ? ` Survived: ${survivors.join('; ')}.` : ''}`,
);
process.exit(survivors.length > 0 ? 1 : 0);
