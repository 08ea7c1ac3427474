import { spawn } from 'node:child_process';

/** Groups of processes under way, ended when this process is told to stop. */
const groups = new Set();

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const pid of groups) endGroup(pid);
    process.exit(130);
  });
}

function endGroup(pid) {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch (error) {
    // Gone already, or (macOS) not yet reaped.
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error;
  }
}

/** Runs Node on `args` in a process group of its own, so that a hung browser goes with it. Resolves to the exit status, the seconds it took,
 *  what it printed (`capture`), and whether it ran past `limit` seconds and was ended (status 1 then). */
export function runNode(args, { cwd, env = {}, limit, capture = false }) {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', capture ? 'pipe' : 'inherit', capture ? 'pipe' : 'inherit'],
      detached: process.platform !== 'win32',
    });
    groups.add(child.pid);
    let output = '';
    let late = false;
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      output += chunk;
    });
    const timer = setTimeout(() => {
      late = true;
      endGroup(child.pid);
    }, limit * 1000);
    child.on('error', reject);
    child.on('exit', () => {
      clearTimeout(timer);
      // Servers and browsers that a runner left behind end with it, and let go of its output.
      endGroup(child.pid);
    });
    child.on('close', (code) => {
      groups.delete(child.pid);
      resolve({ status: late ? 1 : (code ?? 1), late, output, seconds: (performance.now() - began) / 1000 });
    });
  });
}
