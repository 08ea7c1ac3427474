import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../prepare.mjs';
import { fill, problemsOf, render } from './report.mjs';

/** @type {import('./report.mjs').Run} */
const run = JSON.parse(readFileSync(join(root, 'docs/rehearsal.json'), 'utf8'));
const text = readFileSync(join(root, 'docs/rehearsal.md'), 'utf8');
const changed = (/** @type {(of: typeof run) => unknown} */ change) => {
  const copy = structuredClone(run);
  change(copy);
  return problemsOf(copy);
};

test('docs/rehearsal.md says what docs/rehearsal.json says', () => {
  expect(fill(text, run)).toBe(text);
});

test('what is written down passed, in full', () => {
  expect(problemsOf(run)).toEqual([]);
  expect(run.size).toBe('full');
  expect(run.files).toEqual({ model: 3_452_435_448, dictionary: 537_011_703 });
});

test('a figure that changed changes the block', () => {
  expect(render({ ...run, tokens: 5 })).not.toBe(render(run));
  expect(() => fill('no block', run)).toThrow('rehearsal:begin');
});

test('each promise that is broken is said', () => {
  expect(changed((of) => (of.visits[1].peak = { ...of.visits[1].peak, javascript: 1.6e9 }))[0]).toContain('1,600 MB');
  expect(changed((of) => of.codes.different++)[0]).toContain('no ties');
  expect(changed((of) => of.codes.beyond++)[0]).toContain('values differ');
  expect(changed((of) => (of.codes.fvu = Number.NaN))[0]).toContain('FVU');
  expect(changed((of) => (of.codes.slots = 0))).toContain('No code was compared.');
  expect(changed((of) => (of.visits[2].requests = 1))[0]).toContain('reached the Hub');
  expect(changed((of) => (of.visits[0].downloaded += 1e9))[0]).toContain('fetched twice');
  expect(changed((of) => (of.faults.resumed = of.faults.closed))[0]).toContain('connection was cut');
  expect(changed((of) => (of.sink.first = of.sink.median))[0]).toContain('sink');
  expect(changed((of) => (of.again = 3))[0]).toContain('changed between');
});

test('conversations are told, and what is wrong in them is said', () => {
  const chats = {
    vocabulary: 151_936,
    templates: ['default'],
    knowsThinking: true,
    tokens: [60, 57, 66],
    different: 0,
    split: 7,
    thinking: 11,
    misplaced: 0,
  };
  expect(render({ ...run, chats })).toContain('60, 57, 66');
  expect(problemsOf({ ...run, chats })).toEqual([]);
  const broken = { vocabulary: 8448, templates: [], different: 2, split: 0, misplaced: 1 };
  for (const [key, value] of Object.entries(broken))
    expect(problemsOf({ ...run, chats: { ...chats, [key]: value } }), key).toHaveLength(1);
  expect(problemsOf({ ...run, chats: { ...chats, knowsThinking: false } })).toHaveLength(1);
});
