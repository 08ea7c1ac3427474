import { expect, test } from 'vitest';
import { type BoxEvent, type Composing, compose } from './composing';

/** What a run of events types, and what the box shows after each. */
function typedBy(events: BoxEvent[]) {
  let state: Composing = null;
  const typed: string[] = [];
  const shown: Composing[] = [];
  for (const event of events) {
    const next = compose(state, event);
    state = next.composing;
    shown.push(state);
    if (next.typed !== null) typed.push(next.typed);
  }
  return { typed, shown };
}
const start = (text: string): BoxEvent => ({ type: 'start', text });
const input = (text: string, composing: boolean): BoxEvent => ({ type: 'input', text, composing });
const end = (text: string): BoxEvent => ({ type: 'end', text });

test('half-composed input is shown and not typed, in Chrome’s order of events', () => {
  const { typed, shown } = typedBy([start('a'), input('an', true), input('ani', true), input('a你', true), end('a你')]);
  expect(typed).toEqual(['a你']);
  expect(shown).toEqual(['a', 'an', 'ani', 'a你', null]);
});

test('what comes after the end, as in Safari, is typed too', () => {
  expect(typedBy([start(''), input('ni', true), end('ni'), input('你', false)]).typed).toEqual(['ni', '你']);
});

test('a composition that is taken back types what stood there before', () => {
  expect(typedBy([start('a'), input('an', true), input('a', true), end('a')]).typed).toEqual(['a']);
});

test('plain input is typed at once', () => {
  expect(typedBy([input('a', false), input('ab', false)]).typed).toEqual(['a', 'ab']);
});
