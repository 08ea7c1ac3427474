import { expect, test } from 'vitest';
import { aptStatus } from './apt.mjs';

test('apt’s status lines say the stage and how far it is', () => {
  expect(aptStatus('dlstatus:3:41.7264:Retrieving file 3 of 9 (12s remaining)')).toEqual({
    stage: 'downloading',
    percent: 42,
  });
  expect(aptStatus('pmstatus:python3-torch:55.5556:Unpacking python3-torch (amd64)')).toEqual({
    stage: 'installing',
    percent: 56,
  });
  expect(aptStatus('pmstatus:libtorch1.13:amd64:8.3333:Preparing libtorch1.13 (amd64)')).toEqual({
    stage: 'installing',
    percent: 8,
  });
});

test('other lines say nothing', () => {
  for (const line of ['', 'Reading package lists...', 'pmerror:x:1', 'dlstatus:']) expect(aptStatus(line)).toBeNull();
});
