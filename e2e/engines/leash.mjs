#!/usr/bin/env node
import { spawn } from 'node:child_process';

/** Runs a command, that of its arguments or, before them, of LENSLET_LEASHED, for as long as the standard input is open: what holds the other end need not live to
 *  say that it is over. Started as the leader of a process group; at the end the group goes, with all that the command has started in it. */

const leashed = process.env.LENSLET_LEASHED;
const [command, ...args] = leashed ? [leashed, ...process.argv.slice(2)] : process.argv.slice(2);
const { LENSLET_LEASHED: _, ...env } = process.env;
const end = () => process.kill(-process.pid, 'SIGKILL');
// A pipe of a process that was killed ends or breaks, as it happens to be read.
process.stdin.on('end', end).on('error', end).resume();
const child = spawn(command, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
child.on('error', (error) => {
  console.error(`${command}: ${error.message}`);
  process.exit(127);
});
child.on('exit', end);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
