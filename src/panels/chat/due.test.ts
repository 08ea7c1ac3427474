import { expect, test } from 'vitest';
import type { Chat } from '../../lens/api/chat';
import type { GeneratedRow } from '../../lens/api/generate';
import { defaultSampling } from '../../state/base/sampling';
import type { GenerationPlan } from '../../state/steering/run';
import { dueOf, pieces } from './due';

const row = (text: string, more: Partial<GeneratedRow> = {}): GeneratedRow => ({
  token: 1,
  text,
  logprob: 0,
  codes: {},
  acted: 0,
  change: 0,
  norm: 1,
  kl: null,
  surprisal: 0,
  done: null,
  section: 'content',
  ...more,
});
const asked: Chat = { messages: [{ role: 'user', content: 'How many?' }] };
const begun: Chat = { messages: [...asked.messages, { role: 'assistant', content: 'Se' }], open: true };
const plan = (prompt: Chat | string): GenerationPlan => ({
  prompt,
  edits: [],
  control: false,
  draw: 1,
  sampling: defaultSampling,
});
const streams = { baseline: [row('Seven')], steered: [row('Eight')], control: null };
const shown = (prompt: Chat | string) => ({ plan: plan(prompt), streams, coming: null, stale: false });
const none = { plan: null, streams: null, coming: null, stale: false };

test('a run of this conversation is its next turn in the making', () => {
  const due = dueOf(asked, shown(asked));
  expect(due).toMatchObject({ turn: 1, stale: false, own: true });
  expect(due!.rows).toEqual([
    { kind: 'baseline', rows: streams.baseline },
    { kind: 'steered', rows: streams.steered },
  ]);
});

test('a system’s turn and an empty one can be answered too', () => {
  for (const role of ['system', 'user'] as const) {
    const chat: Chat = { messages: [{ role, content: role === 'system' ? 'Be brief.' : '' }] };
    expect(dueOf(chat, shown(chat))).toMatchObject({ turn: 1, own: true });
  }
});

test('what goes on with a begun answer belongs to its turn', () => {
  expect(dueOf(begun, shown(begun))).toMatchObject({ turn: 1, own: true });
  expect(dueOf(begun, shown(asked))).toBeNull();
});

test('nothing is due without a run, for a text’s run, one of other turns, or where the turn is answered', () => {
  expect(dueOf(asked, none)).toBeNull();
  expect(dueOf(asked, shown('How many?'))).toBeNull();
  expect(dueOf(asked, shown({ messages: [...begun.messages, ...asked.messages] }))).toBeNull();
  expect(dueOf({ ...begun, open: false }, shown({ ...begun, open: false }))).toBeNull();
});

test('while a turn is written in, the answers to its former words keep their place, and are not to be kept', () => {
  const other: Chat = { messages: [{ role: 'user', content: 'How man' }] };
  expect(dueOf(other, { ...shown(asked), stale: true })).toMatchObject({ stale: true, own: false });
});

test('a run that has given no token has its place', () => {
  const coming = {
    ...plan(asked),
    edits: [{ layer: 0, feature: 1, mode: 'add' as const, strength: 1 }],
    control: true,
  };
  expect(dueOf(asked, { ...none, coming })?.rows).toEqual([
    { kind: 'baseline', rows: [] },
    { kind: 'steered', rows: [] },
    { kind: 'control', rows: [] },
  ]);
  expect(dueOf(asked, { ...none, coming: plan(begun) })).toBeNull();
});

test('thinking stands apart, and neither the end of the turn nor a stop sequence is said', () => {
  const thought = [row('<think>', { section: 'template' }), row('Hm', { section: 'thinking' })];
  const said = [row('</think>', { section: 'template' }), row('Se'), row('ven')];
  expect(pieces([...thought, ...said, row('<end>', { done: 'stop', section: 'template' })], [])).toEqual([
    { text: '<think>', thinks: false },
    { text: 'Hm', thinks: true },
    { text: '</think>Seven', thinks: false },
  ]);
  expect(pieces([...thought, row('a. '), row('Next', { done: 'sequence' })], ['. N'])).toEqual([
    { text: '<think>', thinks: false },
    { text: 'Hm', thinks: true },
    { text: 'a', thinks: false },
  ]);
});
