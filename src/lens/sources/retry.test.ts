import { describe, expect, test } from 'vitest';
import { CorruptFileError, MissingFileError, RateLimitedError } from '../api/errors';
import { askedPause, Broken, Limited, Patience, patiently } from './retry';

const URL = 'https://x.example/f';

describe('patience', () => {
  test('waits longer each time, six attempts in all, and begins anew with progress', async () => {
    const pauses: number[] = [];
    const patience = new Patience(URL, { pause: async (ms) => void pauses.push(ms) });
    for (let i = 0; i < 5; i++) await patience.after(new Broken('cut'));
    await expect(patience.after(new Broken('cut'))).rejects.toThrow(MissingFileError);
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000]);
    patience.progress();
    await patience.after(new Broken('cut'));
    expect(pauses.at(-1)).toBe(1000);
  });

  test('waits as it is asked to, at most a minute, four times', async () => {
    const pauses: number[] = [];
    const patience = new Patience(URL, { pause: async (ms) => void pauses.push(ms) });
    for (const wait of [0, 1500, null, 90_000]) await patience.after(new Limited('429', wait));
    await expect(patience.after(new Limited('429', 3000))).rejects.toThrow(RateLimitedError);
    expect(pauses).toEqual([0, 1500, 20_000, 60_000]);
  });

  test('has none with what another attempt cannot mend', async () => {
    let attempts = 0;
    const asked = patiently(URL, {}, async () => {
      attempts++;
      throw new CorruptFileError('altered');
    });
    await expect(asked).rejects.toThrow(CorruptFileError);
    expect(attempts).toBe(1);
  });
});

test('the pause that is asked for is read from Retry-After in both forms, and from the Hub’s RateLimit', () => {
  const now = Date.parse('2026-11-22T10:00:00Z');
  const asked = (headers: Record<string, string>) => askedPause(new Headers(headers), now);
  expect(asked({ 'retry-after': '12' })).toBe(12_000);
  expect(asked({ 'retry-after': 'Sun, 22 Nov 2026 10:00:30 GMT' })).toBe(30_000);
  expect(asked({ 'retry-after': 'Sun, 22 Nov 2026 09:00:00 GMT' })).toBe(0);
  expect(asked({ ratelimit: '"resolvers";r=0;t=55' })).toBe(55_000);
  expect(asked({ 'retry-after': 'soon', ratelimit: 'x' })).toBeNull();
  expect(asked({})).toBeNull();
});
