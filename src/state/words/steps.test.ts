import { expect, it, vi } from 'vitest';
import { readingOf } from '../reading/trace';
import type { VerbalSample } from './record';
import { paced, sharedChips, take } from './steps';

const reading = (...texts: string[]) =>
  readingOf(
    texts.join(''),
    texts.map((text, position) => ({ id: 1, text, position, special: false })),
    {},
    new Float32Array(texts.length),
    [],
  );

it('appends a token with what it added and its relevancy', () => {
  const sample: VerbalSample = { text: '', score: null, done: null };
  const step = { position: 1, sample: 0, token: 5 };
  take(sample, { ...step, text: 'One', relevancy: 0.5, done: null });
  take(sample, { ...step, text: 'One two', relevancy: 0.25, done: 'stop' });
  expect(sample).toEqual({
    text: 'One two',
    score: null,
    done: 'stop',
    pieces: [
      { text: 'One', relevancy: 0.5 },
      { text: ' two', relevancy: 0.25 },
    ],
  });
});

it('counts the tokens that two texts begin with alike', () => {
  expect(sharedChips(reading('a', ' b', ' c'), reading('a', ' b', ' d'))).toBe(2);
  expect(sharedChips(reading('a'), reading('a', ' b'))).toBe(1);
  expect(sharedChips(reading('x'), reading('a'))).toBe(0);
});

it('draws the first at once, then one in 50 ms, and the last before a pause without another', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const draw = vi.fn();
  const drawing = paced(draw, 50);
  for (let i = 0; i < 5; i++) drawing.ask();
  expect(draw).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(49);
  expect(draw).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1);
  expect(draw).toHaveBeenCalledTimes(2);
  drawing.ask();
  drawing.stop();
  vi.advanceTimersByTime(200);
  expect(draw).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
});
