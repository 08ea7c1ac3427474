import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** An executable that runs the command of LENSLET_LEASHED: see leash.mjs. */
export const LEASH = fileURLToPath(new URL('leash.mjs', import.meta.url));

export interface Leashed {
  /** What it wrote to its standard output and error until now. */
  said(): string;
  /** Resolves with the first match of `pattern` in what it writes; rejects where it ends before, or `seconds` are over. */
  says(pattern: RegExp, seconds: number): Promise<RegExpMatchArray>;
  ended(): boolean;
  /** Ends it with everything that it has started. */
  close(): Promise<void>;
}

/** Starts a command that does not outlive this process, however this process ends. */
export function leashed(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Leashed {
  const child = spawn(process.execPath, [LEASH, command, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let output = '';
  const take = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  // A leash that is gone already takes no end.
  child.stdin.on('error', () => {});
  return {
    said: () => output,
    says: (pattern, seconds) => match(child, () => output, pattern, `${command} ${args.join(' ')}`, seconds),
    ended,
    close: async () => {
      if (ended()) return;
      const gone = once(child, 'exit');
      child.stdin.end();
      await gone;
    },
  };
}

function match(child: ChildProcess, output: () => string, pattern: RegExp, name: string, seconds: number): Promise<RegExpMatchArray> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = pattern.exec(output());
      if (found) finish(() => resolve(found));
    };
    const fail = (why: string) => finish(() => reject(new Error(`${name} ${why}. It wrote: ${output().slice(-2000) || 'nothing'}`)));
    const ended = () => fail('ended before it was ready');
    const timer = setTimeout(() => fail(`was not ready within ${seconds} s`), seconds * 1000);
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      child.off('exit', ended).stdout!.off('data', look);
      child.stderr!.off('data', look);
      settle();
    };
    child.on('exit', ended).stdout!.on('data', look);
    child.stderr!.on('data', look);
    look();
  });
}
