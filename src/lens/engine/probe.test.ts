import { describe, expect, test } from 'vitest';
import { judgeActivations, largestDifference, type ProbeRun } from './probe';

test('the probe’s difference is relative to the largest logit, and infinite where there is none to compare', () => {
  expect(largestDifference(Float32Array.of(1, -8, 3), Float32Array.of(1, -8, 3))).toBe(0);
  expect(largestDifference(Float32Array.of(1, -8, 4), Float32Array.of(1, -8, 3))).toBeCloseTo(1 / 8, 6);
  expect(largestDifference(Float32Array.of(1, Number.NaN), Float32Array.of(1, 2))).toBe(Number.POSITIVE_INFINITY);
  expect(largestDifference(Float32Array.of(1, Number.POSITIVE_INFINITY), Float32Array.of(1, 2))).toBe(
    Number.POSITIVE_INFINITY,
  );
});

describe('half-float activations', () => {
  // Two tokens of three numbers at two sites; the first token is a sink.
  const sink = Float32Array.of(12_000, -2, 3);
  const run = (change: (run: ProbeRun) => unknown = () => {}): ProbeRun => {
    const made = {
      d: 3,
      residuals: [4, 9].map((layer) => ({ layer, h: Float32Array.of(...sink, 1, 2, -2) })),
      logits: Float32Array.from({ length: 40 }, (_, id) => (id * 7) % 40),
    };
    change(made);
    return made;
  };

  test('that agree within the tolerances are taken', () => {
    const verdict = judgeActivations(
      run(),
      run(({ residuals, logits }) => {
        residuals[0]!.h[0]! += 100; // .8 % of the sink
        logits[17]! += 0.09; // the largest
        logits[0]! -= 5; // the smallest, which the comparison leaves out
      }),
    );
    expect(verdict).toMatchObject({ ok: true, sentence: null });
    expect(verdict.residual).toBeCloseTo(100 / 12_000, 4);
    expect(verdict.logit).toBeCloseTo(0.09, 5);
  });

  test.each<[string, (run: ProbeRun) => unknown, RegExp]>([
    [
      'the sink is off',
      ({ residuals }) => residuals[1]!.h.fill(11_800, 0, 1),
      /1\.7 % of the residual at token 0 behind block 9/,
    ],
    [
      'a common token is off, less than the sink is wide',
      ({ residuals }) => residuals[0]!.h.fill(2.1, 4, 5),
      /3\.3 % of the residual at token 1 behind block 4/,
    ],
    [
      'an ordinary channel is off beside an outlier',
      ({ residuals }) => residuals[0]!.h.fill(3.2, 2, 3),
      /5\.5 % of the residual at token 0 behind block 4/,
    ],
    [
      'the sink overflows',
      ({ residuals }) => residuals[0]!.h.fill(Number.POSITIVE_INFINITY, 0, 1),
      /overflow at token 0 behind block 4/,
    ],
    [
      'a residual is no number',
      ({ residuals }) => residuals[1]!.h.fill(Number.NaN, 5),
      /overflow at token 1 behind block 9/,
    ],
    ['a leading logit is off', ({ logits }) => logits.fill(39.3, 17, 18), /leading logit by 0\.30 nats/],
    ['any logit is no number', ({ logits }) => logits.fill(Number.NaN, 0, 1), /leading logit by Infinity/],
  ])('%s: float32, and a sentence', (_, change, sentence) => {
    const verdict = judgeActivations(run(), run(change));
    expect(verdict.ok).toBe(false);
    expect(verdict.sentence).toMatch(sentence);
    expect(verdict.sentence).toContain('activations are float32');
  });
});
