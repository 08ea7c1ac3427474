import { expect, test } from 'vitest';
import { AbortedError, DeviceLostError } from '../api/errors';
import { unlessRefused } from './probe-halves';

test('half floats that cannot be run leave a model in float32, and say why', async () => {
  const probed = { ok: true, sentence: null };
  expect(await unlessRefused(async () => probed)).toBe(probed);
  const refused = await unlessRefused(() => Promise.reject(new Error('no kernel')));
  expect(refused.ok).toBe(false);
  expect(refused.sentence).toMatch(/no kernel.*float32/);
});

test.each([new AbortedError('Stopped.'), new DeviceLostError('gone')])('%s is no refusal', async (error) => {
  await expect(unlessRefused(() => Promise.reject(error))).rejects.toBe(error);
});
