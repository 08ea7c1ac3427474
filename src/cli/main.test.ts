import { afterEach, beforeEach, expect, test } from 'vitest';
import { COMMANDS } from './commands';
import { packageFolder, program } from './testing/program';

let folder: ReturnType<typeof packageFolder>;
beforeEach(() => {
  folder = packageFolder();
});
afterEach(() => folder.remove());

const outcome = async (...args: string[]) => {
  const { exit, said, complained } = program(folder.home, ...args);
  return { code: await exit, said: said.join('\n'), complained: complained.join('\n') };
};

test.each(['--help', '-h'])('%s lists every command', async (option) => {
  const { code, said, complained } = await outcome(option);
  expect([code, complained]).toEqual([0, '']);
  expect(said).toMatch(/^Usage: lenslet COMMAND/);
  for (const { name, summary } of COMMANDS) expect(said).toMatch(new RegExp(`^ {2}${name} +${summary}$`, 'm'));
});

test.each(['--version', '-v'])('%s prints the package’s version and nothing else', async (option) => {
  expect(await outcome(option)).toEqual({ code: 0, said: '1.2.3', complained: '' });
});

test.each([
  ['serve', '--help'],
  ['serve', '--port', 'x', '-h'],
])('a command’s help names its options: %s %s', async (...args) => {
  const { code, said } = await outcome(...args);
  expect(code).toBe(0);
  for (const option of ['--port N', '--host H', '--open']) expect(said).toContain(option);
});

test.each([
  [['fly'], 'There is no command “fly”. “lenslet --help” lists what there is.'],
  [['--fly'], 'There is no option “--fly”. “lenslet --help” lists what there is.'],
  [['serve', '--fly'], "Unknown option '--fly'. “lenslet serve --help” lists the options."],
  [['serve', 'there'], "Unexpected argument 'there'. “lenslet serve --help” lists the options."],
  [['serve', '--port'], "Option '--port <value>' argument missing. “lenslet serve --help” lists the options."],
  [['serve', '--open=yes'], "Option '--open' does not take an argument. “lenslet serve --help” lists the options."],
  ...['x', '-1', '1.5', '65536', '123456', ''].map((port) => [
    ['serve', `--port=${port}`],
    `--port ${port} is not a port. Give a number from 1 to 65535, or 0 for any free one.`,
  ]),
] as [string[], string][])('%j is refused in a sentence', async (args, sentence) => {
  expect(await outcome(...args)).toEqual({ code: 2, said: '', complained: sentence });
});

test('without a command the help is shown, as an error', async () => {
  const { code, said, complained } = await outcome();
  expect([code, said]).toEqual([2, '']);
  expect(complained).toMatch(/^No command was given\.\n\nUsage: lenslet COMMAND/);
});
