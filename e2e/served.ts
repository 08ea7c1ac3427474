import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Ends the program when its standard input does: then whoever started it is gone, by whatever signal. It stands before
 *  the program in the same process, and does not keep that alive. */
const ENDS_WITH_ITS_PARENT = "process.stdin.resume().on('end', () => process.kill(process.pid, 'SIGKILL')).unref();";

export interface Served {
  address: string;
  /** Everything that was printed, on both streams. */
  output(): string;
  /** As Ctrl-C does; resolves to the exit code and the signal that ended it. */
  interrupt(): Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  kill(): void;
}

/** A program of Node that serves and prints its address: `args` as behind `node`. Rejects with what it printed when it
 *  ends before, or says nothing for two minutes. */
export async function served(args: string[], cwd: string): Promise<Served> {
  const child = spawn(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(ENDS_WITH_ITS_PARENT)}`, ...args],
    { cwd, stdio: 'pipe' },
  );
  let output = '';
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const address = await new Promise<string>((found, failed) => {
    const late = setTimeout(() => failed(new Error(`It printed no address: ${output}`)), 120_000);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        const [, printed] = /(http:\/\/\S+)\s/.exec(output) ?? [];
        if (!printed) return;
        clearTimeout(late);
        found(printed);
      });
    }
    ended.then(([code]) => failed(new Error(`It ended with ${code}: ${output}`)), failed);
  }).catch((error) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    address,
    output: () => output,
    interrupt: () => {
      child.kill('SIGINT');
      return ended;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
