import { expect, test } from 'vitest';
import { AmbiguousDictionaryError, DeviceLostError, MissingFileError } from '../../lens/api/errors';
import { atAddress } from '../model/model-url';
import { type FakeLens, fakeLens, settled } from '../testing/lens';
import { saidBy, withBench } from '../testing/workbench';
import { applyLink } from './link';
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

test('what a link brought stays where nothing could open before one of several dictionaries was chosen', async () => {
  const bench = createWorkbench(
    async ({ folders, model }) => {
      if (folders || (model.kind === 'url' && model.url !== 'm/')) return fakeLens();
      throw new AmbiguousDictionaryError('Two.', { layer: 3, choices: [] });
    },
    { pause: 0 },
  );
  const view = () => {
    const { site, feature } = bench.view.store.getState();
    return { site, feature, rows: bench.steering.store.getState().rows.length, says: saidBy(bench) };
  };
  const hash = 'p=a b c&s=3&f=5&e=3:5a1m';
  applyLink(bench, hash, '');
  expect(await bench.engine.open(atAddress('m/'), 'auto')).toBe(false);
  await bench.engine.open({ ...atAddress('m/'), sites: [3], folders: ['a'] }, 'auto');
  await settled();
  expect(view()).toEqual({ site: 3, feature: 5, rows: 1, says: [] });
  // Now one has opened: ids do not carry over to another of its dictionaries.
  await bench.engine.open({ ...atAddress('m/'), sites: [3], folders: ['b'] }, 'auto');
  await settled();
  expect(view()).toMatchObject({ feature: null, rows: 0 });
  // Nor was the link about another model that is opened in place of one that could not be.
  const other = createWorkbench(() => Promise.resolve(fakes.shift() ?? Promise.reject(new MissingFileError('None.'))), {
    pause: 0,
  });
  const fakes: FakeLens[] = [];
  applyLink(other, hash, '');
  await other.engine.open(atAddress('m/'), 'auto');
  fakes.push(fakeLens());
  await other.engine.open(atAddress('n/'), 'auto');
  await settled();
  expect(other.steering.store.getState().rows).toEqual([]);
  other.dispose();
  bench.dispose();
});

test('a layer that is opened anew, since a word of the reader’s was missing, is on show as one that was switched to', async () => {
  on.fake = Object.assign(on.fake, { info: { ...on.fake.info, sites: on.fake.info.sites.slice(0, 1) } });
  await on.open();
  on.bench.view.set({ site: 3, feature: 12 });
  const fake = fakeLens();
  on.fake = Object.assign(fake, { info: { ...fake.info, sites: fake.info.sites.slice(1) } });
  await on.bench.engine.open({ ...atAddress('m/'), sites: [4], k: 50 }, 'auto');
  await settled();
  expect(on.bench.view.store.getState()).toMatchObject({ site: 4, feature: null });
  expect(saidBy(on.bench)).toEqual([]);
});
