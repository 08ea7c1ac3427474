import { expect, test } from 'vitest';
import { atAddress } from '../model/model-url';
import { settled } from '../testing/lens';
import { withBench } from '../testing/workbench';
import { followJobs, jobOf } from './jobs';

const on = withBench();
const job = () => jobOf(on.bench);

test('nothing is under way once all has settled, and what is says so until then', async () => {
  const seen: string[] = [];
  const stop = followJobs(on.bench, () => {
    const kind = job()?.kind;
    if (kind && kind !== seen.at(-1)) seen.push(kind);
  });
  await on.open('p=one+two&e=3:7a1');
  stop();
  expect(seen).toEqual(['open', 'trace', 'run']);
  expect(job()).toBeNull();
});

test('a run counts its tokens from the first on, leads to where it is, and ends by its line', async () => {
  await on.open('p=one+two');
  on.fake.hold = true;
  const run = on.bench.generate();
  await settled();
  expect(job()).toMatchObject({ kind: 'run', says: 'Generating', where: { tab: 'steer' } });
  on.fake.release();
  await settled();
  const { plan, streams } = on.bench.runner.store.getState();
  on.bench.runner.store.setState({ status: 'generating' });
  expect(job()).toMatchObject({
    says: `Generating ${streams!.baseline.length} of ${plan!.sampling.maxTokens} tokens`,
    share: streams!.baseline.length / plan!.sampling.maxTokens,
  });
  job()!.cancel!();
  expect(on.bench.runner.store.getState().status).toBe('stopped');
  expect(job()).toBeNull();
  on.fake.hold = false;
  on.fake.release();
  await run;
});

test('words say how many of how many, or the bytes of what is loaded first', async () => {
  await on.open('p=one+two');
  const { store } = on.bench.verbal;
  store.setState({ run: { total: 3, done: 1, loading: null } });
  expect(job()).toMatchObject({ kind: 'words', says: 'Verbalizing 2 of 3', share: 1 / 3, where: { tab: 'words' } });
  store.setState({ run: { total: 1, done: 0, loading: { loaded: 6e6, total: 24e6 } } });
  expect(job()).toMatchObject({ says: 'Verbalizer 6.0 of 24.0 MB', share: 0.25 });
  job()!.cancel!();
  expect(job()).toBeNull();
});

test('a model that is opened beside the open one is named, and ended without it', async () => {
  await on.open('p=one+two');
  const { lens } = on.bench.engine.store.getState();
  const given = on.fake;
  on.fake = new Promise(() => {}) as never;
  void on.bench.engine.open(atAddress('other/'), 'auto');
  expect(job()).toMatchObject({ kind: 'open', says: 'other: Starting the engine' });
  job()!.cancel!();
  expect(job()).toBeNull();
  expect(on.bench.engine.store.getState()).toMatchObject({ phase: 'ready', lens });
  on.fake = given;
});
