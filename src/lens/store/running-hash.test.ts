import { expect, test } from 'vitest';
import { sha256 } from '../formats/sha256';
import { runningHash } from './running-hash';

test('a hash that is saved at any byte and gone on with is that of the whole', async () => {
  const bytes = Uint8Array.from({ length: 200 }, (_, i) => i * 7);
  const whole = await sha256(bytes);
  for (let at = 0; at <= bytes.length; at++) {
    const first = (await runningHash())!;
    first.update(bytes.subarray(0, at));
    const second = (await runningHash(first.save()))!;
    second.update(bytes.subarray(at));
    expect(second.digest()).toBe(whole);
  }
});

test('what is no state is refused', async () => {
  expect(await runningHash('AAAA')).toBeNull();
  expect(await runningHash('not base64!')).toBeNull();
});
