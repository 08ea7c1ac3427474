import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { LEASH, leashed } from './leash';

/** Of a shell that starts another program and says the process ids of both. */
const ARGS = ['-c', 'sleep 600 & echo $! $$; wait'];

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function gone(pids: readonly number[]): Promise<void> {
  const end = performance.now() + 60_000;
  while (pids.some(lives)) {
    if (performance.now() > end) throw new Error(`${pids.filter(lives)} of ${pids} still run.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test.skipIf(process.platform === 'win32')(
  'what is on the leash ends with its owner, even one that was killed',
  { timeout: 120_000 },
  async () => {
    const script = `
    const { spawn } = require('node:child_process');
    const env = { ...process.env, LENSLET_LEASHED: 'sh', LENSLET_OWNER: String(process.pid) };
    spawn(${JSON.stringify(LEASH)}, ${JSON.stringify(ARGS)}, { env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  `;
    const owner = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(owner.stdout, 'data')) as [Buffer];
    const pids = line.toString().trim().split(' ').map(Number);
    expect(pids.map(lives)).toEqual([true, true]);
    owner.kill('SIGKILL');
    await gone(pids);
  },
);

test.skipIf(process.platform === 'win32')(
  'closed, it is gone with what it started; one that ends before it is ready says what it wrote',
  { timeout: 120_000 },
  async () => {
    const program = leashed('sh', ARGS);
    const [, ...pids] = await program.says(/^(\d+) (\d+)\n/, 60);
    await program.close();
    await gone(pids.map(Number));
    const wrong = leashed('sh', ['-c', 'echo no display >&2; exit 3']);
    await expect(wrong.says(/ready/, 60)).rejects.toThrow(/ended before it was ready. It wrote: no display/);
  },
);
