import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The process two above this one; '' where the system does not tell. */
function grandparent() {
  try {
    return readFileSync(`/proc/${process.ppid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')[1];
  } catch {
    return '';
  }
}

/** From now on everything that this process starts ends with it, however it ends (Linux). Under `npm run` it also ends
 *  when npm does. npm gives no sign of its end, since a shell may stand between. */
export function endTogether() {
  const mark = randomUUID();
  const reaper = spawn(process.execPath, [fileURLToPath(new URL('reaper.mjs', import.meta.url)), mark], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  reaper.unref();
  /** @type {import('node:net').Socket} */ (reaper.stdin).unref();
  // Set after that: the reaper must not bear it.
  process.env.LENSLET_RUN = mark;
  if (!process.env.npm_lifecycle_event) return;
  const above = [process.ppid, grandparent()].join();
  setInterval(() => {
    if ([process.ppid, grandparent()].join() !== above) process.kill(process.pid, 'SIGTERM');
  }, 1000).unref();
}
