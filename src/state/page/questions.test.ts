import { expect, test } from 'vitest';
import { InvalidEditError } from '../../lens/api/errors';
import { atAddress } from '../model/model-url';
import { tellOf } from '../testing/effects';
import { settled } from '../testing/lens';
import { withBench } from '../testing/workbench';
import { applyLink } from './link';
import { selectBare, selectFound } from './selectors';
import { createWorkbench } from './workbench';

const on = withBench();

test('another site keeps text and token and drops the feature', async () => {
  await on.open('t=1&f=7');
  on.bench.view.chooseSite(4);
  await settled();
  expect(on.bench.view.store.getState()).toMatchObject({ site: 4, locked: 1, feature: null });
  expect(on.bench.words.store.getState().value!.lens![0]!.text).toBe('lens 4 1');
});

test('without a dictionary the next token is asked for alone, and the text is there to be shown', async () => {
  const fake = { ...on.fake, info: { ...on.fake.info, sites: [] } };
  const bench = createWorkbench(async () => fake, { pause: 0, recover: 0 });
  // The link names a layer, as it did while there was a dictionary.
  applyLink(bench, 's=4', 'the old man');
  await bench.engine.open(atAddress('m/'), 'auto');
  await settled();
  expect(bench.words.store.getState()).toMatchObject({
    value: { lens: null, next: [{ text: 'after 2' }] },
    error: null,
  });
  const page = bench.page.getState();
  expect(selectBare(page)!.chips.map(({ text }) => text)).toEqual(['the', ' old', ' man']);
  expect(selectFound(page)).toBeNull();
  bench.dispose();
});

test('a text read with a dictionary is not shown as one read without', async () => {
  await on.open();
  const page = on.bench.page.getState();
  expect(selectBare(page)).toBeNull();
  expect(selectBare({ ...page, engine: { ...page.engine, info: { ...page.engine.info!, sites: [] } } })).toBeNull();
  // One that was read without stays until it is read again.
  const bare = { ...page, tracer: { ...page.tracer, reading: { ...page.tracer.reading!, sites: {} } } };
  expect([selectBare(bare), selectFound(bare)]).toEqual([bare.tracer.reading, null]);
});

test('a site with feature data is asked once for its labels, and for the shown feature’s snippets; one without is not', async () => {
  tellOf(on.fake);
  await on.open();
  expect(on.called('labels')).toEqual(['labels 3']);
  expect(on.called('snippets')).toEqual(['snippets 3:12']);
  expect(on.bench.labels.store.getState().sites[3]!.labels[12]).toBe('label 3:12');
  expect(on.bench.snippets.store.getState().value![0]!.tokens[0]!.text).toBe('at 12');
  on.bench.showFeature(4, 7);
  await settled();
  expect(on.bench.view.store.getState()).toMatchObject({ site: 4, feature: 7, colour: 'feature' });
  expect(on.called('feature').at(-1)).toBe('feature 4:7');
  expect(on.bench.snippets.store.getState().value).toBeNull();
  on.bench.showFeature(3, 20);
  await settled();
  expect(on.called('labels')).toEqual(['labels 3']);
  expect(on.called('snippets').at(-1)).toBe('snippets 3:20');
});

test('the layer of a link’s edit is asked for its labels though another is on show', async () => {
  tellOf(on.fake);
  await on.open('s=4&e=3:12a2r');
  expect(on.bench.view.store.getState().site).toBe(4);
  expect(on.called('labels')).toEqual(['labels 3']);
  expect(on.bench.labels.store.getState().sites[3]!.labels[12]).toBe('label 3:12');
});

test('labels that cannot be read leave the page as it is, and are asked for again', async () => {
  tellOf(on.fake);
  const { labels } = on.fake;
  on.fake.labels = async () => {
    throw new InvalidEditError('damaged');
  };
  await on.open();
  expect(on.bench.labels.store.getState().sites).toEqual({});
  on.fake.labels = labels;
  await on.bench.labels.need(3);
  expect(Object.keys(on.bench.labels.store.getState().sites)).toEqual(['3']);
});
