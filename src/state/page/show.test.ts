import { expect, test } from 'vitest';
import { tellOf } from '../testing/effects';
import { settled } from '../testing/lens';
import { withBench } from '../testing/workbench';

const on = withBench();

test('an effect brings its text, its edits and its sampling, and runs once', async () => {
  const effect = tellOf(on.fake);
  await on.open();
  on.bench.steering.add(3, 12);
  await settled();
  on.fake.calls.length = 0;
  await on.bench.showEffect(effect);
  await settled();
  expect(on.bench.tracer.store.getState().text).toBe('another text');
  expect(on.bench.steering.store.getState().rows).toMatchObject([{ layer: 4, feature: 7, strength: 15 }]);
  expect(on.bench.sampling.getState()).toMatchObject({ maxTokens: 20, seed: 16 });
  expect(on.bench.view.store.getState()).toMatchObject({ site: 4, feature: 7 });
  expect(on.called('trace')).toEqual(['trace another text']);
  expect(on.called('generate')).toEqual(['generate another text [none 15 15]']);
  // The text beside it comes under the same edits.
  await on.bench.showEffect(effect, 'the text beside');
  await settled();
  expect(on.bench.tracer.store.getState().text).toBe('the text beside');
  expect(on.bench.steering.store.getState().rows).toMatchObject([{ layer: 4, feature: 7, strength: 15 }]);
  expect(on.called('generate')).toHaveLength(2);
});
