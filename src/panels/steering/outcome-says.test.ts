import { expect, test } from 'vitest';
import { drawsSay, outcomeSays, rangeSays } from './outcome-says';

const run = { kl: 0.7361, low: 0.2124, high: 0.8021, draws: 8, acted: 12, of: 12 };
const texts = { baseline: 12.14, steered: 46.23, control: 1616.4 };

test('a run is described: how far, where the draws lie, and how usual each text is', () => {
  expect(outcomeSays(run, texts)).toBe(
    'Mean KL(steered || baseline) 0.736 nats; 8 random draws of the same |change| 0.212 to 0.802. Perplexity of the steered text 46.2, of the baseline 12.1, of the control 1,616.',
  );
});

test('nothing is concluded from where the KL lies among the draws', () => {
  const judged = /more|less|above|below|beyond|chance|effect|significant/i;
  for (const kl of [0.0001, 0.2124, 0.5, 0.8021, 9]) {
    expect(outcomeSays({ ...run, kl }, texts)).not.toMatch(judged);
    expect(drawsSay({ ...run, kl })).not.toMatch(judged);
  }
});

test('a KL is written so that it is told from the draws beside it', () => {
  const close = { ...run, kl: 0.0024, low: 0.0004, high: 0.00196 };
  expect(outcomeSays(close, texts)).toContain('0.0024 nats; 8 random draws of the same |change| <0.001 to 0.0020.');
  expect(outcomeSays({ ...close, low: 0.00241 }, texts)).toContain('0.00240 nats');
  expect([rangeSays(close), rangeSays(null)]).toEqual(['<0.001 to 0.0020', '–']);
  expect(drawsSay({ ...run, draws: 1, low: 0.25, high: 0.25 })).toBe('1 random draw 0.250');
});

test('an edit that acted nowhere has nothing to compare; one of the prompt alone has', () => {
  expect(outcomeSays({ ...run, acted: 0, kl: 0 }, texts)).toBe(
    'The edit acted on 0 of 12 generated tokens: nothing to compare.',
  );
  expect(outcomeSays({ ...run, acted: 0 }, texts)).toMatch(/^Mean KL\(steered \|\| baseline\) 0\.736/);
});
