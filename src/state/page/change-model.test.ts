import { expect, test } from 'vitest';
import { DeviceLostError, MissingFileError } from '../../lens/api/errors';
import { atAddress } from '../model/model-url';
import { fakeLens, settled } from '../testing/lens';
import { saidBy, withBench } from '../testing/workbench';
import { createWorkbench } from './workbench';

const on = withBench();

test('a lost device is opened again by itself, with text, reading and edits; lost again at once, it waits for the reader', async () => {
  await on.open();
  on.bench.steer(3, 12);
  await settled();
  const first = on.fake;
  on.fake = fakeLens();
  first.lose('at token 31');
  await Promise.resolve();
  expect(on.bench.tracer.store.getState()).toMatchObject({ text: 'the old man', trace: null });
  await settled();
  await settled();
  expect(on.bench.engine.store.getState()).toMatchObject({
    phase: 'ready',
    lens: on.fake,
    recovered: 'The GPU device was lost (at token 31).',
  });
  expect(on.bench.steering.store.getState().rows.length).toBe(1);
  expect([on.called('trace'), on.called('preview').length]).toEqual([['trace the old man'], 1]);

  on.fake.lose('again');
  await settled();
  expect(on.bench.engine.store.getState()).toMatchObject({
    phase: 'lost',
    lens: null,
    error: { name: 'DeviceLostError', message: 'The GPU device was lost (again).' },
  });
  expect(on.bench.tracer.store.getState()).toMatchObject({ text: 'the old man', trace: null });
  expect(on.bench.tracer.store.getState().reading).not.toBeNull();
  on.fake = fakeLens();
  await on.bench.engine.restart();
  await settled();
  expect(on.bench.engine.store.getState().phase).toBe('ready');
  expect([on.called('trace'), on.called('preview').length]).toEqual([['trace the old man'], 1]);
});

test('a device lost during a run is said once, by the page, and not left in the region', async () => {
  await on.open();
  on.fake.generate = () => {
    on.fake = fakeLens();
    throw new DeviceLostError('gone');
  };
  on.bench.steer(3, 12);
  await settled();
  await settled();
  expect(on.bench.engine.store.getState()).toMatchObject({ phase: 'ready', recovered: 'gone' });
  expect(on.bench.runner.store.getState().error).toBeNull();
});

test('another layer’s dictionary keeps the text; edits of the other stay, and do nothing until theirs is open again', async () => {
  on.fake = Object.assign(on.fake, { info: { ...on.fake.info, sites: on.fake.info.sites.slice(0, 1) } });
  await on.open();
  on.bench.steer(3, 12);
  on.bench.view.set({ locked: 1 });
  await settled();
  await on.bench.openLayer(4);
  await settled();
  expect(on.bench.view.store.getState()).toMatchObject({ site: 4, locked: 1, left: null });
  expect(on.bench.tracer.store.getState().reading!.sites).toHaveProperty('4');
  expect(on.bench.steering.store.getState().rows).toMatchObject([{ layer: 3, feature: 12, closed: true }]);
  expect(saidBy(on.bench)).toEqual([]);
  on.fake = on.fake.successor!;
  on.bench.steer(4, 12);
  await settled();
  expect(on.called('preview').at(-1)).toBe('preview 10');
  // Undo brings the rows of an earlier time back, and they are marked by what is open now.
  on.bench.steering.replace(on.bench.steering.store.getState().rows.map(({ closed: _mark, ...row }) => row));
  expect(on.bench.steering.store.getState().rows).toMatchObject([{ layer: 3, closed: true }, { layer: 4 }]);
  on.bench.history.hold()(); // the step is over
  await on.bench.openLayer(3);
  await settled();
  expect(on.bench.steering.store.getState().rows.map(({ closed }) => closed)).toEqual([undefined, true]);
  // What is open is no step of the reader's: the first one back is before the edits.
  on.bench.undo();
  expect(on.bench.steering.store.getState().rows).toEqual([]);
});

test('another model in the same page keeps the text, and nothing that was read, run or edited', async () => {
  await on.open();
  on.bench.steer(3, 12);
  await settled();
  on.fake = fakeLens();
  const read = on.bench.tracer.store.getState().reading;
  await on.bench.engine.open(atAddress('n/'), 'auto');
  expect(on.bench.tracer.store.getState()).toMatchObject({ text: 'the old man', reading: null, seen: {} });
  expect(on.bench.runner.store.getState().streams).toBeNull();
  await settled();
  expect(on.bench.tracer.store.getState().reading).not.toBe(read);
  expect(on.bench.steering.store.getState().rows).toEqual([]);
  expect(saidBy(on.bench)).toEqual(['1 edit of m left out: ids do not carry over between dictionaries.']);
  expect(on.called('trace')).toEqual(['trace the old man']);
});

test('another model shows the layer that was on show if it has it, and says nothing where it has not', async () => {
  const bench = createWorkbench(async () => on.fake, { pause: 0 });
  const opens = async (url: string, layers: number[]) => {
    const fake = fakeLens();
    const sites = layers.map((layer) => ({ ...fake.info.sites[0]!, layer }));
    on.fake = Object.assign(fake, { info: { ...fake.info, model: url, sites, openable: layers } });
    await bench.engine.open(atAddress(url), 'auto');
    await settled();
    return bench.view.store.getState().site;
  };
  expect(await opens('a/', [2, 3, 4])).toBe(3);
  bench.view.chooseSite(4);
  expect(await opens('b/', [4, 5, 6])).toBe(4);
  expect(await opens('c/', [1, 2, 3])).toBe(2);
  expect(saidBy(bench)).toEqual([]);
  bench.dispose();
});

test('a model that cannot be opened leaves reading, edits and run of the open one', async () => {
  await on.open();
  on.bench.steer(3, 12);
  await settled();
  const now = () => {
    const { reading, trace } = on.bench.tracer.store.getState();
    const { rows } = on.bench.steering.store.getState();
    const { streams } = on.bench.runner.store.getState();
    return [reading, trace, rows, streams];
  };
  const before = now();
  expect(before[3]).not.toBeNull();
  const fake = on.fake;
  on.fake = Promise.reject(new MissingFileError('There is no config.json.')) as never;
  expect(await on.bench.engine.open(atAddress('n/'), 'auto')).toBe(false);
  await settled();
  for (const [i, each] of now().entries()) expect(each).toBe(before[i]);
  on.fake = fake;
});
