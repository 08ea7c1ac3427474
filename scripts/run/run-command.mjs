import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { endAll } from './processes.mjs';

/** Marks of the commands under way, for when this process is told to stop. */
const underWay = /** @type {Map<string, number>} */ (new Map());

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const [mark, pid] of underWay) endAll(mark, pid);
    process.exit(130);
  });
}

/**
 * Runs Node on `args`. Whatever it started ends with it, however it ends: see processes.mjs.
 *
 * `idle`: seconds after which a command that gives no sign of life is ended (status 1, `late`). There is no limit on
 * the whole: a busy machine is slow, and not wrong. A sign of life is output; for a command that runs tests (`tests`),
 * only a test that has ended, as pulse.mjs reports it. `onLine` gets every line of both streams as it comes; without it
 * they go to this process's own, or nowhere with `capture`. Resolves to the exit status, the seconds it took and what
 * it printed (`capture`).
 *
 * @typedef {{ cwd: string, env?: NodeJS.ProcessEnv, idle?: number, tests?: boolean, capture?: boolean }} RunOptions
 * @param {string[]} args
 * @param {RunOptions & { onLine?: (line: string) => void }} options
 * @returns {Promise<{ status: number, late: boolean, output: string, seconds: number }>}
 */
export function runNode(args, { cwd, env = {}, idle = 600, tests = false, capture = false, onLine }) {
  const began = performance.now();
  const mark = randomUUID();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...env, LENSLET_RUN: `${process.env.LENSLET_RUN ?? ''} ${mark}` },
      // Through the fourth, tests that have ended are reported; that it closes tells the command of this process's end.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: process.platform !== 'win32',
    });
    const pid = /** @type {number} */ (child.pid);
    const streams = /** @type {import('node:stream').Readable[]} */ ([child.stdout, child.stderr]);
    underWay.set(mark, pid);
    let output = '';
    let late = false;
    let timer = /** @type {NodeJS.Timeout | undefined} */ (undefined);
    const alive = () => {
      clearTimeout(timer);
      if (child.exitCode !== null || child.signalCode !== null) return;
      timer = setTimeout(() => {
        late = true;
        endAll(mark, pid);
      }, idle * 1000);
    };
    alive();
    child.on('message', alive);
    for (const [i, stream] of streams.entries()) {
      stream.setEncoding('utf8').on('data', (chunk) => {
        if (!tests) alive();
        if (capture) output += chunk;
        else if (!onLine) [process.stdout, process.stderr][i].write(chunk);
      });
      if (onLine) createInterface({ input: stream }).on('line', onLine);
    }
    const over = () => {
      clearTimeout(timer);
      underWay.delete(mark);
    };
    child.on('error', (error) => {
      over();
      reject(error);
    });
    child.on('exit', () => {
      clearTimeout(timer);
      // Servers and browsers that it left behind go too, and let go of its output; where the system hides one of them,
      // its output is let go of.
      endAll(mark, pid);
      setTimeout(() => streams.map((stream) => stream.destroy()), 10_000).unref();
    });
    child.on('close', (code) => {
      over();
      resolve({ status: late ? 1 : (code ?? 1), late, output, seconds: (performance.now() - began) / 1000 });
    });
  });
}
