import { expect, test } from 'vitest';
import { settled } from '../testing/lens';
import { withBench } from '../testing/workbench';
import { selectShownFeature } from './selectors';

const on = withBench();

test('opening traces the text and asks for the words of the last token and for the strongest feature', async () => {
  await on.open();
  expect(on.bench.tracer.store.getState().reading!.chips.map((c) => c.text)).toEqual(['the', ' old', ' man']);
  expect(on.bench.words.store.getState().value!.lens![0]!.text).toBe('lens 3 2');
  expect(selectShownFeature(on.bench.page.getState())).toBe(12);
  expect(on.called('feature')).toEqual(['feature 3:12']);
  expect(on.called('generate')).toEqual([]);
  expect(on.bench.engine.store.getState().busy).toBe(0);
});

test('typing traces the last text only and disposes the old trace', async () => {
  await on.open();
  on.bench.tracer.type('the new');
  on.bench.tracer.type('the new man');
  await settled();
  await settled();
  expect(on.called('trace')).toEqual(['trace the old man', 'trace the new man']);
  expect(on.called('dispose')).toEqual(['dispose the old man']);
});
