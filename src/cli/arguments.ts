import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './command';

/** The values of a command's options. Its errors keep only Node's first sentence, which names the wrong argument; the
 *  rest is about parsing, not about Lenslet. */
export function optionsOf<T extends NonNullable<ParseArgsConfig['options']>>(
  command: string,
  args: string[],
  options: T,
) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\.?(?:\n|$)|\. /, 1);
    throw new UsageError(`${sentence}. “lenslet ${command} --help” lists the options.`);
  }
}

/** A port from an option's value; `undefined` stays undefined, 0 is any free port. */
export function portOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65535)
    throw new UsageError(`--port ${value} is not a port. Give a number from 1 to 65535, or 0 for any free one.`);
  return Number(value);
}
