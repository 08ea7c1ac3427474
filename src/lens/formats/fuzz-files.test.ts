import { expect, test } from 'vitest';
import { LensError } from '../api/errors';
import type { FuzzCase } from '../testing/fuzz-case';
import { FUZZ_CASES } from '../testing/fuzz-cases';
import { runFuzz } from '../testing/fuzz-run';

/** A thousand damaged inputs of each kind; `npm run fuzz` runs a hundred thousand. */
test.each(Object.keys(FUZZ_CASES))(
  '%s: each is read or refused by name, in time, and in no more memory than it is worth',
  async (kind) => {
    const { read, refused } = await runFuzz(kind, FUZZ_CASES[kind]!, 0, 1000);
    // Damage reaches the checks only if some inputs get through and some do not.
    expect(read).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(100);
  },
);

const NESTED = Object.entries(FUZZ_CASES).filter(([, { nested }]) => nested);
test.each(NESTED)('%s: a value nested twenty thousand deep, in each place', async (_, { nested = [], read }) => {
  expect(nested.length).toBeGreaterThan(1);
  for (const bytes of nested) {
    const error = await read(bytes).catch((caught: unknown) => caught);
    if (error !== undefined) expect(error).toBeInstanceOf(LensError);
  }
});

const reading = (read: () => void): FuzzCase => ({ make: () => Uint8Array.of(1, 2, 3), read: async () => read() });

test('what the fuzzer is there to see, it sees', async () => {
  const run = (read: () => void) => runFuzz('f', reading(read), 0, 2);
  const refuse = () => {
    throw new LensError('no');
  };
  expect(await run(refuse)).toMatchObject({ read: 0, refused: 2 });
  const deep = (n: number): number => deep(n + 1) + 1;
  await expect(run(() => void deep(0))).rejects.toThrow(/f, seed 0: threw RangeError.*AQID/);
  await expect(run(() => void new Uint8Array(4))).rejects.toThrow(/4 bytes/);
  await expect(run(() => void new Float64Array(1))).rejects.toThrow(/8 bytes/);
  // The caller swallows this error.
  await expect(
    run(() => {
      try {
        void new Uint8Array(2 ** 33);
      } catch {
        refuse();
      }
    }),
  ).rejects.toThrow(/asked for at once/);
  const kept: object[] = [];
  const hoard = () => {
    for (let i = 0; i < 600_000; i++) kept.push({ i });
  };
  await expect(run(hoard)).rejects.toThrow(/heap grow/);
  await expect(
    run(() => {
      const began = process.cpuUsage();
      while (process.cpuUsage(began).user < 1.1e6) for (let i = 0; i < 1e7; i++);
    }),
  ).rejects.toThrow(/took \d{4,} ms/);
  expect(new Uint8Array(9).length).toBe(9);
});
