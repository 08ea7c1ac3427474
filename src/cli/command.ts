/** The outside world of a command; tests bring their own. */
export interface Surroundings {
  /** The package's folder, with package.json and the built page in `page/`. */
  home: string;
  /** Writes a line to standard output. */
  say(line: string): void;
  /** Writes a line to standard error. */
  complain(line: string): void;
  /** Aborted when the user ends the program, which then waits for the command: a long command must check it. */
  signal: AbortSignal;
}

/** A command: one word after `lenslet`. */
export interface Command {
  name: string;
  /** Half a line for the list of commands. */
  summary: string;
  /** The text that `lenslet NAME --help` prints. */
  help: string;
  /** Resolves when the command is done or `signal` ended it. Throws UsageError for bad arguments, CommandError for a
   *  later failure. */
  run(args: string[], surroundings: Surroundings): Promise<void>;
}

/** A failure whose message is enough for the user: one sentence, and what to do. Exit code 1. */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly exitCode: number = 1;
}

/** Arguments that make no sense. Exit code 2. */
export class UsageError extends CommandError {
  override name = 'UsageError';
  override readonly exitCode = 2;
}
