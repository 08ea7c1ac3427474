import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Whether the process was started under this mark: it is in the environment that it began with, which children inherit. */
function bears(pid, mark) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
  } catch {
    return false; // gone meanwhile, or somebody else's
  }
}

function end(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // Gone already, or (macOS) not yet reaped.
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error;
  }
}

/** Processes that bear the mark; none where the system does not tell (no /proc). */
export function marked(mark) {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && bears(name, mark))
    .map(Number);
}

/** Ends what was started under `mark`, whose first process is `pid`: its process group, and where the system tells (Linux) also what has left the group, as
 *  browsers and servers do. */
export function endAll(mark, pid) {
  end(process.platform === 'win32' ? pid : -pid);
  // What is ended here may have started something a moment before.
  for (let found = marked(mark); found.length > 0; found = marked(mark).filter((one) => !found.includes(one))) found.forEach(end);
}
