import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** An executable that takes a program's arguments, runs that program, and does not outlive this process, however this
 *  process ends. It needs the environment of `leashOf`, and a process group of its own. */
export const LEASH = fileURLToPath(new URL('on-leash.mjs', import.meta.url));

export const leashOf = (program: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv => ({
  ...env,
  LENSLET_LEASHED: program,
  LENSLET_OWNER: String(process.pid),
});

export interface Leashed {
  /** What it wrote to its standard output and error until now. */
  said(): string;
  /** Resolves with the first match of `pattern` in what it writes; rejects where it ends before, or `seconds` are
   *  over. */
  says(pattern: RegExp, seconds: number): Promise<RegExpMatchArray>;
  ended(): boolean;
  /** Ends it with everything that it has started. */
  close(): Promise<void>;
}

/** Starts a program that does not outlive this process, however this process ends. */
export function leashed(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Leashed {
  const child = spawn(process.execPath, [LEASH, ...args], {
    env: leashOf(program, env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const take = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  return {
    said: () => output,
    says: (pattern, seconds) => match(child, () => output, pattern, `${program} ${args.join(' ')}`, seconds),
    ended,
    close: async () => {
      if (ended()) return;
      const gone = once(child, 'exit');
      process.kill(-child.pid!, 'SIGKILL');
      await gone;
    },
  };
}

function match(
  child: ChildProcess,
  output: () => string,
  pattern: RegExp,
  name: string,
  seconds: number,
): Promise<RegExpMatchArray> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = pattern.exec(output());
      if (found) finish(() => resolve(found));
    };
    const fail = (why: string) =>
      finish(() => reject(new Error(`${name} ${why}. It wrote: ${output().slice(-2000) || 'nothing'}`)));
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
