import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { test } from 'vitest';
import { root } from './prepare.mjs';
import { marked } from './processes.mjs';
import { runNode } from './run-command.mjs';

const options = { cwd: process.cwd(), idle: 60, capture: true };

/** A script that starts another in a process group of its own, as browsers and servers are, which says its number and stays. */
const leaver = (then) =>
  `require('node:child_process').spawn(process.execPath, ['-e', "console.log(process.pid); setInterval(() => {}, 1000)"], { stdio: 'inherit', detached: true }); ${then}`;

const lives = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test.concurrent('gives back the status and what was printed, on both streams', async ({ expect }) => {
  const script = "console.log('out ' + process.env.WORD); console.error('err'); process.exitCode = 3";
  const { status, output, late } = await runNode(['-e', script], { ...options, env: { WORD: 'x' } });
  expect({ status, late, lines: output.trim().split('\n').sort() }).toEqual({ status: 3, late: false, lines: ['err', 'out x'] });
});

test.concurrent('a command that is silent for too long has failed; one that goes on saying something has not, however long it takes', async ({ expect }) => {
  const talking = 'let n = 0; const timer = setInterval(() => { console.log(++n); if (n === 16) clearInterval(timer); }, 250)';
  const [silent, alive] = await Promise.all([
    runNode(['-e', 'setInterval(() => {}, 1000)'], { ...options, idle: 2 }),
    runNode(['-e', talking], { ...options, idle: 3 }),
  ]);
  expect(silent).toMatchObject({ status: 1, late: true });
  expect(alive).toMatchObject({ status: 0, late: false });
  expect(alive.seconds).toBeGreaterThan(3);
}, 120_000);

test.concurrent('a command that runs tests lives by tests that end, not by what it prints', async ({ expect }) => {
  const pulse = pathToFileURL(join(root, 'scripts/pulse.mjs')).href;
  const script = (hook) =>
    `import(${JSON.stringify(pulse)}).then(({ default: Pulse }) => { const pulse = new Pulse(); let n = 0; const timer = setInterval(() => { console.log('x'); ${hook}; if (++n === 16) { clearInterval(timer); process.exit(); } }, 250); })`;
  const run = (hook) => runNode(['-e', script(hook)], { ...options, idle: 3, tests: true });
  const [silent, ...alive] = await Promise.all(['', 'pulse.onTestEnd()', 'pulse.onTestCaseResult()'].map(run));
  expect(silent).toMatchObject({ status: 1, late: true });
  for (const one of alive) expect(one).toMatchObject({ status: 0, late: false });
}, 120_000);

// Where the system does not tell what a process was started with, only the process group ends.
test.concurrent.runIf(existsSync('/proc/self/environ'))(
  'what a command started ends with it, also what has left its process group: when it is late, when it ends by itself',
  async ({ expect }) => {
    const [late, done] = await Promise.all([
      runNode(['-e', leaver('setInterval(() => {}, 1000)')], { ...options, idle: 3 }),
      runNode(['-e', leaver('setTimeout(() => process.exit(0), 2000)')], options),
    ]);
    expect(late.late).toBe(true);
    expect(done.status).toBe(0);
    for (const { output } of [late, done]) {
      expect(output).toMatch(/^\d+\n$/);
      await expect.poll(() => lives(Number(output)), { timeout: 20_000 }).toBe(false);
    }
  },
  120_000,
);

test.concurrent.runIf(existsSync('/proc/self/environ'))(
  'told to stop, the process that runs a command takes everything along',
  async ({ expect }) => {
    const runner = `import { runNode } from ${JSON.stringify(pathToFileURL(join(root, 'scripts/run-command.mjs')).href)};
    await runNode(['-e', ${JSON.stringify(leaver('setInterval(() => {}, 1000)'))}], { cwd: process.cwd(), idle: 60, onLine: (line) => console.log(line) });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', runner], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [pid] = await new Promise((resolve) => createInterface({ input: child.stdout }).once('line', (line) => resolve([Number(line)])));
    expect(lives(pid)).toBe(true);
    child.kill('SIGTERM');
    await expect.poll(() => lives(pid), { timeout: 20_000 }).toBe(false);
  },
  120_000,
);

test.concurrent('a run of tests ends when the process that started it is gone, without a word', async ({ expect }) => {
  const pulse = pathToFileURL(join(root, 'scripts/pulse.mjs')).href;
  const inner = `import(${JSON.stringify(pulse)}).then(({ default: Pulse }) => { new Pulse(); console.log(process.pid); setInterval(() => {}, 1000); })`;
  const runner = `import { runNode } from ${JSON.stringify(pathToFileURL(join(root, 'scripts/run-command.mjs')).href)};
    await runNode(['-e', ${JSON.stringify(inner)}], { cwd: process.cwd(), idle: 60, onLine: (line) => console.log(line) });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', runner], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = await new Promise((resolve) => createInterface({ input: child.stdout }).once('line', (line) => resolve(Number(line))));
  child.kill('SIGKILL');
  await expect.poll(() => lives(pid), { timeout: 20_000 }).toBe(false);
}, 120_000);

test.concurrent('no process bears a mark that was given to none', ({ expect }) => {
  expect(marked('3f1c-never-given')).toEqual([]);
});
