import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Debian's package is seen by /usr/bin/python3 alone, whatever `python3` on the path is. */
const candidates = () => (process.env.LENSLET_PYTHON ? [process.env.LENSLET_PYTHON] : ['/usr/bin/python3', 'python3']);

function withTorch() {
  return candidates().find((python) => spawnSync(python, ['-c', 'import torch, numpy'], { stdio: 'ignore' }).status === 0);
}

/** A Python that has PyTorch: LENSLET_PYTHON, the system's, or (Debian, root) the system's after installing it now. Null where there is none. */
export function findPyTorch() {
  const found = withTorch();
  if (found || process.env.LENSLET_PYTHON || !existsSync('/etc/debian_version') || process.getuid?.() !== 0) return found ?? null;
  console.log('No PyTorch found; installing Debian’s (apt-get install python3-torch).');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'python3-torch', 'python3-numpy'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env,
    });
  } catch {
    return null;
  }
  return withTorch() ?? null;
}
