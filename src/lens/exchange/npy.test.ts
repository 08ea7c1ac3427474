import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { npy } from './npy';

/** `numpy.save` of float32 [1, -2.5, 0.1], NumPy 1.24. */
const SAVED =
  'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AAAgwM3MzD0=';

test('is what NumPy itself writes', () => {
  expect(Buffer.from(npy(Float32Array.of(1, -2.5, 0.1))).toString('base64')).toBe(SAVED);
});

test('data begin at a multiple of 64, whatever the length’s digits', () => {
  for (const length of [0, 1, 9, 10, 256, 99_999, 100_000]) {
    const bytes = npy(new Float32Array(length));
    const begin = bytes.length - 4 * length;
    expect([begin % 64, bytes[begin - 1], new DataView(bytes.buffer).getUint16(8, true)]).toEqual([0, 10, begin - 10]);
  }
});

const python = ['/usr/bin/python3', 'python3'].find(
  (path) => spawnSync(path, ['-c', 'import numpy'], { stdio: 'ignore' }).status === 0,
);

test.runIf(python)('numpy.load reads it', () => {
  const values = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i) * 10 ** (i % 9));
  const folder = mkdtempSync(join(tmpdir(), 'lenslet-npy-'));
  try {
    writeFileSync(join(folder, 'row.npy'), npy(values));
    const script =
      'import numpy, sys; a = numpy.load(sys.argv[1], allow_pickle=False); print(a.dtype, a.shape, a.astype("<f4").tobytes().hex())';
    const { stdout } = spawnSync(python!, ['-c', script, join(folder, 'row.npy')], { encoding: 'utf8' });
    expect(stdout.trim()).toBe(`float32 (256,) ${Buffer.from(values.buffer).toString('hex')}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
