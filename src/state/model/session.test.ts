import { describe, expect, it, test } from 'vitest';
import { DeviceLostError, MissingFileError, StorageFullError } from '../../lens/api/errors';
import type { Lens } from '../../lens/api/lens';
import type { Progress } from '../../lens/api/open';
import type { Following, OpenRequest } from '../../lens/api/request';
import { type FakeLens, fakeLens, settled } from '../testing/lens';
import { documentState } from './engine-state';
import { atAddress } from './model-url';
import { createSession } from './session';

test('the document is loading until ready, busy while a call runs, error when it cannot go on', () => {
  expect(documentState({ phase: 'idle', busy: 0, trying: null })).toBe('loading');
  expect(documentState({ phase: 'asking', busy: 0, trying: null })).toBe('loading');
  expect(documentState({ phase: 'ready', busy: 0, trying: null })).toBe('ready');
  expect(documentState({ phase: 'ready', busy: 1, trying: null })).toBe('busy');
  const trying = { url: '', request: atAddress('m/'), provider: 'auto' as const, stages: [], transfer: null };
  expect(documentState({ phase: 'ready', busy: 0, trying })).toBe('busy');
  expect(documentState({ phase: 'error', busy: 1, trying: null })).toBe('error');
  expect(documentState({ phase: 'lost', busy: 0, trying: null })).toBe('error');
});

test('a failure keeps its name; restart opens the same folder again', async () => {
  const opened: unknown[] = [];
  const engine = createSession(async ({ model }) => {
    opened.push(model);
    if (opened.length === 1) throw new MissingFileError('config.json is missing.');
    return fakeLens();
  });
  await engine.open(atAddress('bad/'), 'wasm');
  expect(engine.store.getState()).toMatchObject({ phase: 'error', error: { name: 'MissingFileError' } });
  await engine.restart();
  expect(engine.store.getState()).toMatchObject({ phase: 'ready', provider: 'wasm', error: null });
  expect(opened).toEqual(Array(2).fill({ kind: 'url', url: 'bad/' }));
});

test('a cancelled opening is aborted, and a lens that comes after all is closed, not shown', async () => {
  const late = fakeLens();
  let finish: (lens: Lens) => void = () => {};
  let options: Following = {};
  const engine = createSession((_, given) => {
    options = given;
    return new Promise((resolve) => {
      finish = resolve;
    });
  });
  const opening = engine.open(atAddress('m/'), 'auto');
  await settled();
  engine.cancel();
  expect(options.signal!.aborted).toBe(true);
  finish(late);
  await opening;
  expect(late.closed).toBe(true);
  expect(engine.store.getState()).toMatchObject({ phase: 'cancelled', lens: null });
});

test('opening another folder closes the open lens, whose loss is then no news', async () => {
  const lenses = [fakeLens(), fakeLens()];
  const engine = createSession(
    async () => lenses[lenses.findIndex((lens) => lens !== engine.store.getState().lens && !lens.closed)]!,
  );
  await engine.open(atAddress('a/'), 'auto');
  await engine.open(atAddress('b/'), 'auto');
  lenses[0]!.lose('late');
  await settled();
  expect(lenses[0]!.closed).toBe(true);
  expect(engine.store.getState()).toMatchObject({ phase: 'ready', url: 'b/' });
});

describe('beside an open model', () => {
  const MINI = atAddress('mini/');
  /** A session with a model open, and a hand on how the next opening goes on. */
  const beside = async (memory = 1000) => {
    const first = fakeLens();
    Object.assign(first, { info: { ...first.info, memory: { weights: memory, dictionaries: 0 } } });
    const next = { report: (_: Progress) => {}, give: (_: Lens) => {}, fail: (_: Error) => {} };
    const engine = createSession(
      ({ model }, { onProgress }) =>
        model === MINI.model
          ? Promise.resolve(first)
          : new Promise((give, fail) => Object.assign(next, { report: onProgress, give, fail })),
      { pause: 0 },
    );
    await engine.open(MINI, 'wasm');
    const opened = engine.open(atAddress('other/'), 'auto');
    await settled();
    return { engine, first, next, opened };
  };

  it('another one that fails changes nothing but that it is said, until it is dismissed', async () => {
    const { engine, first, next, opened } = await beside();
    const open = { phase: 'ready', lens: first, info: first.info, request: MINI, url: 'mini/', provider: 'wasm' };
    next.report({ stage: 'config', loaded: 1, total: 2 });
    expect(engine.store.getState()).toMatchObject({
      ...open,
      trying: { url: 'other/', stages: [{ stage: 'config', loaded: 1, total: 2 }] },
    });
    next.fail(new MissingFileError('There is no config.json.'));
    expect(await opened).toBe(false);
    expect(first.closed).toBe(false);
    expect(engine.store.getState()).toMatchObject({
      ...open,
      error: null,
      trying: null,
      refused: { url: 'other/', error: { name: 'MissingFileError' } },
    });
    engine.dismiss('refused');
    expect(engine.store.getState().refused).toBeNull();
  });

  it('another one takes its place once it is open, and is then the one that a restart asks for', async () => {
    const { engine, first, next, opened } = await beside();
    const second = fakeLens();
    next.give(second);
    expect(await opened).toBe(true);
    expect(first.closed).toBe(true);
    expect(engine.store.getState()).toMatchObject({ phase: 'ready', lens: second, url: 'other/', trying: null });
  });

  it('one that is too large for two makes room when the other’s parts go to the GPU, not before', async () => {
    const { engine, first, next, opened } = await beside(4e9);
    next.report({ stage: 'download', loaded: 1, total: 2 });
    expect([first.closed, engine.store.getState().phase]).toEqual([false, 'ready']);
    next.report({ stage: 'upload', loaded: 0, total: 2 });
    expect([first.closed, engine.store.getState().phase]).toEqual([true, 'loading']);
    expect(engine.store.getState().stages.map(({ stage }) => stage)).toEqual(['download', 'upload']);
    next.fail(new StorageFullError('Too little.'));
    await opened;
    expect(engine.store.getState()).toMatchObject({ phase: 'error', lens: null, error: { name: 'StorageFullError' } });
  });

  it('another one that is cancelled is forgotten, but for what is kept of its download', async () => {
    const { engine, first } = await beside();
    engine.cancel();
    expect(engine.store.getState()).toMatchObject({ phase: 'ready', lens: first, trying: null, refused: null });
    const again = await beside();
    again.next.report({ stage: 'download', loaded: 410e6, total: 3440e6 });
    again.engine.cancel();
    expect(again.engine.store.getState().refused!.error.message).toContain('0.41 of 3.44 GB are kept');
  });

  it('a device that is lost meanwhile leaves the place to the other one', async () => {
    const { engine, first, next } = await beside();
    first.lose('driver reset');
    await settled();
    expect(engine.store.getState()).toMatchObject({ phase: 'loading', url: 'other/', lens: null, trying: null });
    next.give(fakeLens());
    await settled();
    expect(engine.store.getState()).toMatchObject({ phase: 'ready', url: 'other/' });
  });
});

test('a tracked call counts while it runs, and one that fails with DeviceLostError loses the engine', async () => {
  const engine = createSession(async () => fakeLens(), { now: () => 0 });
  await engine.open(atAddress('m/'), 'auto');
  let fail: (error: Error) => void = () => {};
  const call = engine.track(
    new Promise((_, reject) => {
      fail = reject;
    }),
  );
  expect(documentState(engine.store.getState())).toBe('busy');
  fail(new DeviceLostError('gone'));
  await expect(call).rejects.toThrow('gone');
  expect(engine.store.getState()).toMatchObject({ phase: 'loading', lens: null, busy: 0, recovered: 'gone' });
});

test('a request is handed over whole, its name is its identity, and a restart asks for it again', async () => {
  const asked: OpenRequest[] = [];
  const engine = createSession(async (request) => {
    asked.push(request);
    return fakeLens();
  });
  const hub: OpenRequest = {
    model: { kind: 'hub', repo: 'a/b', token: 'hf_secret' },
    dictionary: { kind: 'hub', repo: 'a/c' },
    sites: [7],
  };
  await engine.open(hub, 'auto');
  await engine.restart();
  expect(asked).toEqual(Array(2).fill({ ...hub, provider: 'auto' }));
  expect(engine.store.getState()).toMatchObject({ url: 'hub:a/b + a/c', request: hub });
});

test('a download that is cancelled says how much of it is kept', async () => {
  const engine = createSession((_, { onProgress }) => {
    onProgress!({ stage: 'download', loaded: 410e6, total: 3440e6 });
    return new Promise(() => {});
  });
  void engine.open(atAddress('m/'), 'auto');
  await settled();
  engine.cancel();
  expect(engine.store.getState().error!.message).toBe(
    'Opening was cancelled. 0.41 of 3.44 GB are kept: opened again, the download goes on from there.',
  );
});

describe('a lost device', () => {
  const lenses: FakeLens[] = [];
  let clock = 0;
  const opened = async () => {
    lenses.length = 0;
    clock = 0;
    const engine = createSession(
      async () => {
        const lens = fakeLens();
        lenses.push(lens);
        return lens;
      },
      { now: () => clock, pause: 0 },
    );
    await engine.open(atAddress('m/'), 'auto');
    return engine;
  };
  const lose = async (minutes: number) => {
    clock = minutes * 60_000;
    lenses.at(-1)!.lose('driver reset');
    await settled();
  };

  it('is opened again by itself, and said', async () => {
    const engine = await opened();
    await lose(1);
    expect(lenses.map(({ closed }) => closed)).toEqual([true, false]);
    expect(engine.store.getState()).toMatchObject({
      phase: 'ready',
      error: null,
      recovered: 'The GPU device was lost (driver reset).',
    });
    engine.dismiss('recovered');
    expect(engine.store.getState().recovered).toBeNull();
  });

  it('is left to the reader where it is lost again within a minute, and opened again after a longer while', async () => {
    const engine = await opened();
    await lose(1);
    await lose(1.9);
    expect(lenses).toHaveLength(2);
    expect(engine.store.getState()).toMatchObject({ phase: 'lost', lens: null, error: { name: 'DeviceLostError' } });
    await engine.restart();
    await lose(3.5);
    expect(engine.store.getState()).toMatchObject({ phase: 'ready' });
    expect(lenses).toHaveLength(4);
  });
});

describe('other dictionaries', () => {
  const opened = async () => {
    const lens = fakeLens();
    const engine = createSession(async () => lens, { pause: 0 });
    await engine.open(atAddress('m/'), 'auto');
    return { lens, engine };
  };

  it('take the place of the open ones, and the lens before is done with', async () => {
    const { lens, engine } = await opened();
    lens.hold = true;
    const switched = engine.openSites([4]);
    await settled();
    expect(engine.store.getState()).toMatchObject({
      phase: 'ready',
      lens,
      busy: 1,
      switching: { layers: [4], stage: { loaded: 1, total: 2 } },
    });
    lens.release();
    await switched;
    const { info, request } = engine.store.getState();
    expect(engine.store.getState()).toMatchObject({
      lens: lens.successor,
      switching: null,
      switchError: null,
      busy: 0,
    });
    expect([info!.sites.map(({ layer }) => layer), request!.sites]).toEqual([[4], [4]]);
    // What was lost is the lens that is open now.
    lens.successor!.lose('later');
    await settled();
    expect(engine.store.getState().recovered).toContain('later');
  });

  it('stay away where there are none: all is as it was, and it is said', async () => {
    const { lens, engine } = await opened();
    await engine.openSites([9]);
    expect(engine.store.getState()).toMatchObject({
      phase: 'ready',
      lens,
      switching: null,
      switchError: { name: 'SiteUnavailableError', layers: [9] },
    });
  });

  it('are no longer waited for once that is cancelled', async () => {
    const { lens, engine } = await opened();
    lens.hold = true;
    const switched = engine.openSites([4]);
    await settled();
    engine.cancelSites();
    lens.release();
    await switched;
    expect(engine.store.getState()).toMatchObject({ lens, switching: null, switchError: null });
  });
});
