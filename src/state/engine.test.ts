import { expect, test } from 'vitest';
import { DeviceLostError, MissingFileError } from '../lens/errors';
import type { Lens, OpenOptions } from '../lens/types';
import { createEngine, documentState, withProgress } from './engine';
import { fakeLens, settled } from './lens.testing';

test('the document is loading until ready, busy while a call runs, error when it cannot go on', () => {
  expect(documentState({ phase: 'idle', busy: 0 })).toBe('loading');
  expect(documentState({ phase: 'asking', busy: 0 })).toBe('loading');
  expect(documentState({ phase: 'ready', busy: 0 })).toBe('ready');
  expect(documentState({ phase: 'ready', busy: 1 })).toBe('busy');
  expect(documentState({ phase: 'error', busy: 1 })).toBe('error');
  expect(documentState({ phase: 'lost', busy: 0 })).toBe('error');
});

test('a stage is one line, where it first came', () => {
  const a = withProgress([], { stage: 'config', loaded: 1, total: 1 });
  const b = withProgress(a, { stage: 'weights', loaded: 1, total: 9 });
  expect(withProgress(b, { stage: 'weights', loaded: 5, total: 9 })).toEqual([
    { stage: 'config', loaded: 1, total: 1 },
    { stage: 'weights', loaded: 5, total: 9 },
  ]);
});

test('a failure keeps its name; restart opens the same folder again', async () => {
  const opened: string[] = [];
  const engine = createEngine(async (url) => {
    opened.push(url);
    if (opened.length === 1) throw new MissingFileError('config.json is missing.');
    return fakeLens();
  });
  await engine.open('bad/', 'wasm');
  expect(engine.store.getState()).toMatchObject({ phase: 'error', error: { name: 'MissingFileError' } });
  await engine.restart();
  expect(engine.store.getState()).toMatchObject({ phase: 'ready', provider: 'wasm', error: null });
  expect(opened).toEqual(['bad/', 'bad/']);
});

test('a cancelled opening is aborted, and a lens that comes after all is closed, not shown', async () => {
  const late = fakeLens();
  let finish: (lens: Lens) => void = () => {};
  let options: OpenOptions = {};
  const engine = createEngine((_, given) => {
    options = given;
    return new Promise((resolve) => {
      finish = resolve;
    });
  });
  const opening = engine.open('m/', 'auto');
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
  const engine = createEngine(async () => lenses[lenses.findIndex((lens) => lens !== engine.store.getState().lens && !lens.closed)]!);
  await engine.open('a/', 'auto');
  await engine.open('b/', 'auto');
  lenses[0]!.lose('late');
  await settled();
  expect(lenses[0]!.closed).toBe(true);
  expect(engine.store.getState()).toMatchObject({ phase: 'ready', url: 'b/' });
});

test('a tracked call counts while it runs, and one that fails with DeviceLostError loses the engine', async () => {
  const engine = createEngine(async () => fakeLens());
  await engine.open('m/', 'auto');
  let fail: (error: Error) => void = () => {};
  const call = engine.track(
    new Promise((_, reject) => {
      fail = reject;
    }),
  );
  expect(documentState(engine.store.getState())).toBe('busy');
  fail(new DeviceLostError('gone'));
  await expect(call).rejects.toThrow('gone');
  expect(engine.store.getState()).toMatchObject({ phase: 'lost', busy: 0, error: { name: 'DeviceLostError', message: 'gone' } });
});
