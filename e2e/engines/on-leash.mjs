#!/usr/bin/env node
import { spawn } from 'node:child_process';

/** Runs the program of LENSLET_LEASHED, with the arguments that this one is given, no longer than the process
 *  LENSLET_OWNER lives, which has started this one as the leader of a process group. At the end the whole group goes:
 *  with the program, what it has started. */

const LOOK = 200;
const { LENSLET_LEASHED: program, LENSLET_OWNER: owner, ...env } = process.env;
const end = () => process.kill(-process.pid, 'SIGKILL');
const child = spawn(program, process.argv.slice(2), { env, stdio: ['ignore', 'inherit', 'inherit'] });
child.on('error', (error) => {
  console.error(`${program}: ${error.message}`);
  process.exit(127);
});
child.on('exit', end);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
// Who was killed cannot say so, but its children come to another parent.
setInterval(() => {
  if (process.ppid !== Number(owner)) end();
}, LOOK);
