import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, type Surroundings, UsageError } from './command';
import { COMMANDS } from './commands';

function help(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const commands = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'Usage: lenslet COMMAND [options]',
    '',
    ...commands,
    '',
    '“lenslet COMMAND --help” says more about one. “lenslet --version” prints the version.',
  ].join('\n');
}

function version(home: string): string {
  return (JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }).version;
}

async function carryOut([name, ...args]: string[], surroundings: Surroundings): Promise<void> {
  if (name === '--help' || name === '-h') return surroundings.say(help());
  if (name === '--version' || name === '-v') return surroundings.say(version(surroundings.home));
  if (name === undefined) throw new UsageError(`No command was given.\n\n${help()}`);
  const command = COMMANDS.find((one) => one.name === name);
  if (!command)
    throw new UsageError(
      `There is no ${name.startsWith('-') ? 'option' : 'command'} “${name}”. “lenslet --help” lists what there is.`,
    );
  if (args.includes('--help') || args.includes('-h')) return surroundings.say(command.help);
  await command.run(args, surroundings);
}

/** Runs the command that the arguments after `lenslet` name. Resolves to the exit code: 0, 1 for a failure, 2 for bad
 *  arguments. Rethrows an unforeseen error, so that its stack is seen. */
export async function run(args: string[], surroundings: Surroundings): Promise<number> {
  try {
    await carryOut(args, surroundings);
    return 0;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    surroundings.complain(error.message);
    return error.exitCode;
  }
}
