import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Whether there is such a process. */
export function lives(/** @type {number} */ pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether the process was started under this mark. The mark is in the environment that a process begins with, which
 *  children inherit. */
function bears(/** @type {string} */ pid, /** @type {string} */ mark) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
  } catch {
    return false; // gone meanwhile, or somebody else's
  }
}

function end(/** @type {number} */ pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // Gone already, or (macOS) not yet reaped.
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** Processes that bear the mark; none where the system does not tell (no /proc). */
export function marked(/** @type {string} */ mark) {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && bears(name, mark))
    .map(Number);
}

/** Ends everything that bears the mark (Linux). */
export function endMarked(/** @type {string} */ mark) {
  // A process that is ended here may have started another a moment before.
  for (let found = marked(mark); found.length > 0; found = marked(mark).filter((one) => !found.includes(one)))
    found.forEach(end);
}

/** Ends what was started under `mark`, whose first process is `pid`. On Linux that is all of it, also what has left the
 *  process group, as browsers and servers do; on Windows the tree below that process; elsewhere its group. */
export function endAll(/** @type {string} */ mark, /** @type {number} */ pid) {
  if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(pid), '/T', '/F']);
  else end(-pid);
  endMarked(mark);
}
