/** What a command gets of its surroundings; tests bring their own. */
export interface Surroundings {
  /** The package's folder, with package.json and the built page in `page/`. */
  home: string;
  /** Writes a line to standard output. */
  say(line: string): void;
  /** Writes a line to standard error. */
  complain(line: string): void;
  /** Aborted when the user ends the program, which then waits for the command: one that takes long has to look. */
  signal: AbortSignal;
}

/** One word behind `lenslet`. */
export interface Command {
  name: string;
  /** Half a line for the list of commands. */
  summary: string;
  /** What `lenslet NAME --help` prints. */
  help: string;
  /** Resolves when the command has done its work or `signal` ended it. Throws UsageError for arguments that it cannot
   *  take, CommandError for what went wrong later. */
  run(args: string[], surroundings: Surroundings): Promise<void>;
}

/** A failure whose message is all that the user needs: one sentence, and what to do. Exit code 1. */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly exitCode: number = 1;
}

/** Arguments that make no sense. Exit code 2. */
export class UsageError extends CommandError {
  override name = 'UsageError';
  override readonly exitCode = 2;
}
