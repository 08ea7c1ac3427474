import { spawnSync } from 'node:child_process';
import { aptInstall, mayInstall } from './apt.mjs';

/** Debian's package is seen by /usr/bin/python3 alone, whatever `python3` on the path is. */
const candidates = () => (process.env.LENSLET_PYTHON ? [process.env.LENSLET_PYTHON] : ['/usr/bin/python3', 'python3']);

/** A Python that has PyTorch and numpy: LENSLET_PYTHON, or the system's. Null where there is none. */
export function pyTorch() {
  return (
    candidates().find((python) => spawnSync(python, ['-c', 'import torch, numpy'], { stdio: 'ignore' }).status === 0) ??
    null
  );
}

/** The same; if there is none, the system's after installing it now (Debian, root). */
export async function findPyTorch() {
  const found = pyTorch();
  if (found || process.env.LENSLET_PYTHON || !mayInstall()) return found;
  await aptInstall(['python3-torch', 'python3-numpy'], 'PyTorch');
  return pyTorch();
}
