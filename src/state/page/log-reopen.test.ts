import { expect, test } from 'vitest';
import type { LogEntry } from '../log/record';
import { logged, loggedRow } from '../testing/log';
import { saidBy, tracedBench } from '../testing/workbench';
import { closedBecause, reopen } from './log-reopen';

const of = (target: Partial<Extract<LogEntry['target'], { kind: 'token' }>>, rest: Partial<LogEntry> = {}): LogEntry =>
  logged(0, {
    model: 'fake',
    sha256: 'f'.repeat(64),
    layer: 4,
    ...rest,
    target: {
      ...logged().target,
      text: 'four five six',
      whole: true,
      position: 1,
      token: ' five',
      ...target,
    } as LogEntry['target'],
  });

test('a row brings its text, token, site and words back', async () => {
  const bench = await tracedBench();
  bench.view.set({ place: 'log' });
  await reopen(bench, of({}));
  expect(bench.tracer.store.getState().reading?.text).toBe('four five six');
  expect(bench.view.store.getState()).toMatchObject({ place: 'sheet', locked: 1, site: 4, tab: 'words' });
  const words = bench.verbal.store.getState().entries.get('t:1');
  expect(words).toMatchObject({ state: 'done', record: { id: 'id 0', samples: { length: 2 } } });
  expect(saidBy(bench)).toEqual([]);
  bench.dispose();
});

test('what is not as it was is said: another model, another token, a site that is not open', async () => {
  const bench = await tracedBench();
  await reopen(bench, of({ token: ' funf' }, { sha256: 'a'.repeat(64), model: 'other/mini', layer: 9 }));
  expect(saidBy(bench)).toEqual([
    'The words are of another model, mini (SHA-256 aaaaaaaa…); this is fake (SHA-256 ffffffff…).',
    'The words are of layer 9, which is not open.',
    'The words are of “ funf”; position 1 is “ five” here.',
  ]);
  await reopen(bench, of({ position: 99 }));
  expect(saidBy(bench)).toEqual([expect.stringMatching(/could not be shown again/)]);
  bench.dispose();
});

test('what cannot be shown again says why, and changes nothing', async () => {
  const bench = await tracedBench();
  const { info } = bench.engine.store.getState();
  expect(closedBecause(of({}), info)).toBeNull();
  expect(closedBecause(of({}), null)).toBe('No model is open.');
  expect(closedBecause(of({ whole: false }), info)).toBe('Its whole text is not known.');
  expect(closedBecause(loggedRow(), info)).toBe('The dictionary of layer 3 has no feature 405.');
  expect(closedBecause({ ...loggedRow(), target: { kind: 'decoder', layer: 7, feature: 1 } }, info)).toBe(
    'Layer 7 is not open.',
  );
  bench.view.set({ place: 'log' });
  await reopen(bench, of({ text: null, whole: false }));
  expect(bench.view.store.getState()).toMatchObject({ place: 'log', locked: null });
  bench.dispose();
});

test('a decoder row shows its feature’s card; every verbalization is written down', async () => {
  const bench = await tracedBench();
  await reopen(bench, {
    ...loggedRow(),
    model: 'fake',
    sha256: 'f'.repeat(64),
    target: { kind: 'decoder', layer: 4, feature: 12 },
  });
  expect(bench.view.store.getState()).toMatchObject({ site: 4, feature: 12, tab: 'features' });
  bench.view.set({ locked: 1 });
  await bench.verbal.verbalize();
  expect(bench.log.store.getState().entries).toMatchObject([{ target: { kind: 'token', position: 1 }, pinned: false }]);
  bench.dispose();
});

test('a row of a conversation brings the conversation back, not the text that the template wrote', async () => {
  const chat = {
    messages: [
      { role: 'user' as const, content: 'four' },
      { role: 'assistant' as const, content: 'five six' },
    ],
    open: true,
    ids: [3, 4],
  };
  const bench = await tracedBench();
  await bench.show({ chat });
  const text = bench.tracer.store.getState().reading!.text;
  await bench.show({ text: 'something else' });
  await reopen(bench, of({ chat, text, position: 1, token: ' four\nassistant' }));
  expect(bench.tracer.store.getState()).toMatchObject({ text: 'something else', chat });
  expect(bench.view.store.getState().locked).toBe(1);
  expect(saidBy(bench)).toEqual([]);
  // Another model has other tokens.
  await reopen(bench, of({ chat, text, position: 1, token: ' four\nassistant' }, { sha256: 'a'.repeat(64) }));
  expect(bench.tracer.store.getState().chat).toEqual({ messages: chat.messages, open: true });
  bench.dispose();
});
