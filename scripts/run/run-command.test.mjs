import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { describe, test } from 'vitest';
import { root } from '../prepare.mjs';
import { lives, marked } from './processes.mjs';
import { runNode } from './run-command.mjs';

// Starting Node takes seconds on a busy machine: who is to live speaks four times a second and for longer than `idle`,
// which is long against both.
const IDLE = 10;
const TIMES = 50;
const options = { cwd: process.cwd(), idle: IDLE, capture: true };
const moduleOf = (/** @type {string} */ name) => JSON.stringify(pathToFileURL(join(root, 'scripts/run', name)).href);
const SILENT = 'setInterval(() => {}, 1000)';

/** A script that starts another in a process group of its own, as browsers and servers are, which says its number and
 *  stays; `then` is run once it has. */
const leaver = (/** @type {string} */ then) => `
  const child = require('node:child_process').spawn(process.execPath, ['-e', "console.log(process.pid); setInterval(() => {}, 1000)"], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  child.stdout.on('data', (said) => process.stdout.write(said, () => { ${then} }));
  ${SILENT};`;

/** A module that runs the leaver and passes on what is said. */
const runner = (before = '') => `
  import { runNode } from ${moduleOf('run-command.mjs')};
  ${before}
  await runNode(['-e', ${JSON.stringify(leaver(''))}], { cwd: process.cwd(), onLine: (line) => console.log(line) });`;

/** @returns {Promise<number>} */
const numberFrom = (
  /** @type {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, null>} */ child,
) => new Promise((resolve) => createInterface({ input: child.stdout }).once('line', (line) => resolve(Number(line))));

describe.concurrent('runNode', () => {
  describe('a command', () => {
    test('gives back the status and what was printed, on both streams', async ({ expect }) => {
      const script = "console.log('out ' + process.env.WORD); console.error('err'); process.exitCode = 3";
      const { status, output, late } = await runNode(['-e', script], { ...options, env: { WORD: 'x' } });
      expect({ status, late, lines: output.trim().split('\n').sort() }).toEqual({
        status: 3,
        late: false,
        lines: ['err', 'out x'],
      });
    });

    test('that is silent for too long has failed; one that goes on saying something has not, however long it takes', async ({
      expect,
    }) => {
      const talking = `let n = 0; const timer = setInterval(() => { console.log(++n); if (n === ${TIMES}) clearInterval(timer); }, 250)`;
      const [silent, alive] = await Promise.all([runNode(['-e', SILENT], options), runNode(['-e', talking], options)]);
      expect(silent).toMatchObject({ status: 1, late: true });
      expect(alive).toMatchObject({ status: 0, late: false });
      expect(alive.seconds).toBeGreaterThan(IDLE);
    });

    test('that runs tests lives by tests that end, not by what it prints', async ({ expect }) => {
      const script = (/** @type {string} */ hook) =>
        `import(${moduleOf('pulse.mjs')}).then(({ default: Pulse }) => { const pulse = new Pulse(); let n = 0; setInterval(() => { console.log('x'); ${hook}; if (++n === ${TIMES}) process.exit(); }, 250); })`;
      const run = (/** @type {string} */ hook) => runNode(['-e', script(hook)], { ...options, tests: true });
      const [silent, ...alive] = await Promise.all(['', 'pulse.onTestEnd()', 'pulse.onTestCaseResult()'].map(run));
      expect(silent).toMatchObject({ status: 1, late: true });
      for (const one of alive) expect(one).toMatchObject({ status: 0, late: false });
    });

    test('of tests ends when the process that started it is gone, without a word', async ({ expect }) => {
      const inner = `import(${moduleOf('pulse.mjs')}).then(({ default: Pulse }) => { new Pulse(); console.log(process.pid); ${SILENT}; })`;
      const outer = `import { runNode } from ${moduleOf('run-command.mjs')};
      await runNode(['-e', ${JSON.stringify(inner)}], { cwd: process.cwd(), onLine: (line) => console.log(line) });`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', outer], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const pid = await numberFrom(child);
      child.kill('SIGKILL');
      await expect.poll(() => lives(pid)).toBe(false);
    });
  });

  // Where the system does not tell what a process was started with, only the process group ends.
  describe.runIf(existsSync('/proc/self/environ'))(
    'what a command started, also what has left its process group, ends',
    () => {
      test('with the command: when it is late, when it ends by itself', async ({ expect }) => {
        const [late, done] = await Promise.all([
          runNode(['-e', leaver('')], options),
          runNode(['-e', leaver('process.exit(0)')], options),
        ]);
        expect(late.late).toBe(true);
        expect(done).toMatchObject({ status: 0, late: false });
        for (const { output } of [late, done]) {
          expect(output).toMatch(/^\d+\n$/);
          await expect.poll(() => lives(Number(output))).toBe(false);
        }
      });

      test('when the process that runs the command is told to stop', async ({ expect }) => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', runner()], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const pid = await numberFrom(child);
        expect(lives(pid)).toBe(true);
        child.kill('SIGTERM');
        await expect.poll(() => lives(pid)).toBe(false);
      });

      const together = runner(`import { endTogether } from ${moduleOf('own-end.mjs')}; endTogether();`);

      test('when that process is killed, which nobody is told', async ({ expect }) => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', together], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const pid = await numberFrom(child);
        child.kill('SIGKILL');
        await expect.poll(() => lives(pid)).toBe(false);
      });

      test('when npm is killed, which has a shell between itself and that process', async ({ expect }) => {
        // The outer shell stands for npm; neither is replaced by what it runs.
        const inner = '"$NODE" --input-type=module -e "$SCRIPT"; true';
        const env = {
          ...process.env,
          NODE: process.execPath,
          SCRIPT: together,
          INNER: inner,
          npm_lifecycle_event: 'test',
        };
        const child = spawn('sh', ['-c', 'sh -c "$INNER"; true'], { stdio: ['ignore', 'pipe', 'inherit'], env });
        const pid = await numberFrom(child);
        child.kill('SIGKILL');
        await expect.poll(() => lives(pid)).toBe(false);
      });
    },
  );
});

test('no process bears a mark that was given to none', ({ expect }) => {
  expect(marked('3f1c-never-given')).toEqual([]);
});
