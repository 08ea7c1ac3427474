import { expect, test } from 'vitest';
import { threeTurns } from '../testing/conversation';
import { chipsOf } from './chips';
import { allPositions, positionsOf, positionsOver } from './positions';
import { selectChips } from './selection';

const of = (tokens: Parameters<typeof chipsOf>[0]) => ({ chips: chipsOf(tokens), count: tokens.length });
const talk = of(threeTurns());
const plain = of(['a', 'b', 'c'].map((text, position) => ({ id: 1, text, position, special: false })));
const sinks = new Set([0]);
const view = { locked: null, anchor: null, scope: null, first: false, template: false, sinks };
const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('of a plain text position 0 takes part where it is asked for, and where it is all there is', () => {
  expect(allPositions(plain, view)).toEqual([1, 2]);
  expect(allPositions(plain, { ...view, first: true })).toEqual([0, 1, 2]);
  expect(allPositions({ chips: plain.chips.slice(0, 1) }, { ...view, sinks: new Set() })).toEqual([0]);
  // It has no turns that a scope could choose from.
  expect(positionsOf(plain, { ...view, scope: 'assistant' })).toEqual([1, 2]);
});

test('the template’s tokens take part where they are asked for', () => {
  expect(allPositions(talk, view)).toEqual([...span(3, 8), 15, 16, ...span(19, 23)]);
  expect(allPositions(talk, { ...view, template: true })).toEqual(span(1, 23));
  expect(allPositions(talk, { ...view, template: true, first: true })).toEqual(span(0, 23));
});

test('a scope is over a speaker, a turn, thinking or answers, apart from each other or not', () => {
  const over = (scope: string, template = false) => positionsOver(talk, scope, { first: false, template, sinks });
  expect(over('assistant')).toEqual([15, 16, ...span(19, 23)]);
  expect(over('assistant', true)).toEqual(span(11, 23));
  expect(over('turn0')).toEqual(span(3, 8));
  expect(over('thinking')).toEqual([15, 16]);
  expect(over('turn1.answer')).toEqual(span(19, 23));
  expect(over('turn7')).toEqual([]);
  // What is no written form is no scope.
  expect(over('nobody')).toEqual(allPositions(talk, view));
});

test('what is selected goes before a scope, without the template’s tokens among it', () => {
  const selected = (locked: number, anchor: number | null, template = false) =>
    positionsOf(talk, { ...view, scope: 'user', locked, anchor, template });
  expect(selected(16, 6)).toEqual([6, 7, 8, 15, 16]);
  expect(selected(16, 6, true)).toEqual(span(6, 16));
  // Alone they are what was asked for, as position 0 is.
  expect(selected(9, null)).toEqual([9]);
  expect(selected(0, 1)).toEqual([0, 1]);
});

test('a sink takes part where it is asked for, and where it alone is selected', () => {
  const at = { ...view, sinks: new Set([0, 7]) };
  expect(allPositions(talk, at)).toEqual([...span(3, 6), 8, 15, 16, ...span(19, 23)]);
  expect(allPositions(talk, { ...at, first: true })).toEqual([...span(3, 8), 15, 16, ...span(19, 23)]);
  expect(positionsOver(talk, 'turn0', at)).toEqual([...span(3, 6), 8]);
  expect(positionsOf(talk, { ...at, locked: 8, anchor: 6 })).toEqual([6, 8]);
  expect(positionsOf(talk, { ...at, first: true, locked: 8, anchor: 6 })).toEqual([6, 7, 8]);
  expect(positionsOf(talk, { ...at, locked: 7 })).toEqual([7]);
  // Of tokens that share a character, one is enough.
  const character = { chips: [{ text: 'é', from: 1, to: 2, special: false }] };
  expect(allPositions(character, { ...view, sinks: new Set([2]) })).toEqual([]);
});

test('a turn is selected by what its speaker wrote, the last token locked', () => {
  const said: unknown[] = [];
  const select = (position: number, extend: boolean) => said.push([position, extend]);
  selectChips({ select }, talk.chips.slice(0, 11));
  selectChips({ select }, talk.chips.slice(9, 11));
  selectChips({ select }, []);
  expect(said).toEqual([
    [3, false],
    [8, true],
    [9, false],
    [10, true],
  ]);
});
