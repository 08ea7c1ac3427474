import { expect, test } from 'vitest';
import { runNode } from './run-command.mjs';

const options = { cwd: process.cwd(), limit: 60, capture: true };

test('gives back the status and what was printed, on both streams', async () => {
  const script = "console.log('out ' + process.env.WORD); console.error('err'); process.exitCode = 3";
  const { status, output, late } = await runNode(['-e', script], { ...options, env: { WORD: 'x' } });
  expect({ status, late, lines: output.trim().split('\n').sort() }).toEqual({ status: 3, late: false, lines: ['err', 'out x'] });
});

test('a command that runs past its limit has failed, and what it started ends with it', async () => {
  // The inner process holds the output open: while it lives the run does not settle, and this test runs out of time.
  const inner = "setInterval(() => {}, 1000); console.log('inner')";
  const script = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(inner)}], { stdio: 'inherit' }); setInterval(() => {}, 1000)`;
  const { status, late, output } = await runNode(['-e', script], { ...options, limit: 4 });
  expect({ status, late, output }).toEqual({ status: 1, late: true, output: 'inner\n' });
}, 30_000);
