import { describe, expect, it } from 'vitest';
import { AS_STORED } from '../folders/dictionary-weights';
import { type GateSlot, type Slot, STATS } from './compute';
import * as oracle from './oracle';

/** d 2, four features. Encoder rows, decoder rows and biases are chosen so that every result can be done in the
 *  head. */
const tiny: oracle.PlainDictionary = {
  d: 2,
  width: 4,
  k: 2,
  ...AS_STORED,
  encoder: Float32Array.of(1, 0, 0, 1, 1, 1, -1, 0),
  decoder: Float32Array.of(2, 0, 0, 3, 1, 1, 0, -1),
  encoderBias: Float32Array.of(0, 0.5, -1, 0),
  decoderBias: Float32Array.of(0.5, 0),
  center: Float32Array.of(1, 1),
};

const codesOf = (rows: number): oracle.PlainCodes => ({
  ids: new Uint32Array(rows * 2),
  values: new Float32Array(rows * 2),
  stats: new Float32Array(rows * STATS),
});

describe('pre-activations', () => {
  function preactivations(h: number[]): number[] {
    const count = h.length / 2;
    const p = new Float32Array(count * 4);
    oracle.encode(tiny, Float32Array.from(h), codesOf(count), p);
    return [...p];
  }

  it('are h W_enc + b_enc', () => {
    expect(preactivations([2, 3])).toEqual([2, 3.5, 4, -2]);
  });

  it('are the same in blocks of four rows as one by one', () => {
    const h = Array.from({ length: 14 }, (_, i) => i * i - 20);
    const single = Array.from({ length: 7 }, (_, r) => preactivations(h.slice(2 * r, 2 * r + 2))).flat();
    expect(preactivations(h)).toEqual(single);
    expect(new Set(single).size).toBeGreaterThan(20);
  });
});

function top(row: number[], n: number, positive = false): [number[], number[]] {
  const ids = new Uint32Array(n);
  const values = new Float32Array(n);
  oracle.topk(Float32Array.from(row), positive, ids, values);
  return [[...ids], [...values]];
}

describe('topk', () => {
  it('is descending, ties to the lower column', () => {
    expect(top([1, 5, 3, 5, 5], 4)).toEqual([
      [1, 3, 4, 2],
      [5, 5, 5, 3],
    ]);
    expect(top([7, 7, 7], 2)).toEqual([
      [0, 1],
      [7, 7],
    ]);
  });

  it('takes negatives, or with `positive` leaves their slots unused', () => {
    expect(top([-3, -1, -2], 2)).toEqual([
      [1, 2],
      [-1, -2],
    ]);
    expect(top([-3, 0, 2], 2, true)).toEqual([
      [2, oracle.UNUSED],
      [2, 0],
    ]);
  });

  it('holds zeros equal, never takes NaN, pads beyond the row', () => {
    expect(top([-0, 0, Number.NaN, Number.NEGATIVE_INFINITY], 5)).toEqual([
      [0, 1, 3, oracle.UNUSED, oracle.UNUSED],
      [0, 0, Number.NEGATIVE_INFINITY, 0, 0],
    ]);
  });

  it('takes denormals', () => {
    expect(top([0, 2 ** -149, -1], 1, true)).toEqual([[1], [2 ** -149]]);
  });
});

describe('encode', () => {
  function encode(h: number[]) {
    const codes = codesOf(1);
    oracle.encode(tiny, Float32Array.from(h), codes, new Float32Array(4));
    return { ids: [...codes.ids], values: [...codes.values], stats: [...codes.stats] };
  }

  it('gives the two largest and the error of their reconstruction', () => {
    // p = 2, 3.5, 4, -2; h^ = 4 (1, 1) + 3.5 (0, 3) + (0.5, 0) = (4.5, 14.5)
    expect(encode([2, 3])).toEqual({
      ids: [2, 1],
      values: [4, 3.5],
      stats: [2.5 ** 2 + 11.5 ** 2, 1 + 4, 13, 2, Math.fround(9 / 13)],
    });
  });

  it('takes what is above its threshold, in rows that are scaled, and reconstructs from all of it', () => {
    // p = 2, 2 * 3 + 0.5, 5 - 1, -2; feature 0 only reaches its threshold. One of two is kept.
    const dictionary: oracle.PlainDictionary = {
      ...tiny,
      k: 1,
      activation: 'threshold',
      encoderScale: Float32Array.of(1, 2, 1, 1),
      decoderScale: Float32Array.of(1, 0.5, 1, 0),
      threshold: Float32Array.of(2, 0, 3.5, 0),
    };
    const codes = { ids: new Uint32Array(1), values: new Float32Array(1), stats: new Float32Array(STATS) };
    const p = new Float32Array(4);
    oracle.encode(dictionary, Float32Array.of(2, 3), codes, p);
    expect([...p]).toEqual([0, 6.5, 4, -2]);
    expect([codes.ids[0], codes.values[0]]).toEqual([1, 6.5]);
    // h^ = 6.5 / 2 (0, 3) + 4 (1, 1) + (0.5, 0) = (4.5, 13.75)
    expect([...codes.stats]).toEqual([2.5 ** 2 + 10.75 ** 2, 1 + 4, 13, 2, Math.fround(9 / 13)]);
    expect(oracle.aboveThreshold(dictionary, Float32Array.of(2, 3), 0)).toBe(0);
    expect(oracle.reluPreactivation(dictionary, Float32Array.of(2, 3), 0)).toBe(2);
    expect([...oracle.decoderRow(dictionary, 1)]).toEqual([0, 1.5]);
  });

  it('flags rows that are not finite and gives them no codes', () => {
    const none = { ids: [oracle.UNUSED, oracle.UNUSED], values: [0, 0], stats: [0, 0, 0, -1, 0] };
    expect(encode([Number.NaN, 0])).toEqual(none);
    expect(encode([0, Number.NEGATIVE_INFINITY])).toEqual(none);
    expect(encode([3e38, 3e38])).toEqual(none);
  });
});

it('scatter puts codes in their places and zeros elsewhere', () => {
  const out = new Float32Array(8).fill(9);
  oracle.scatter(tiny, { ids: Uint32Array.of(3, oracle.UNUSED, 2, 0), values: Float32Array.of(5, 0, 7, 6) }, out);
  expect([...out]).toEqual([0, 0, 0, 5, 6, 0, 7, 0]);
});

describe('edit', () => {
  const slot = { feature: 1, strength: 2, on: 'active' as const };
  /** h = (3, 4): p = 3, 4.5, 6, -3; codes 2 (6) and 1 (4.5). Decoder row 1 is (0, 3). */
  function edit(slots: Slot[]) {
    const h = Float32Array.of(3, 4);
    const codes = { ids: Uint32Array.of(2, 1), values: Float32Array.of(6, 4.5) };
    const report = oracle.editRow(tiny, h, slots, codes, Float32Array.of(9, 9, 1, 0));
    return { h: [...h], report };
  }

  it('adds, scales, clamps and ablates a latent in the top-k', () => {
    expect(edit([{ ...slot, mode: 'add' }])).toEqual({ h: [3, 10], report: [1, 6, 5, 0] });
    expect(edit([{ ...slot, mode: 'scale' }])).toEqual({ h: [3, 31], report: [1, 27, 5, 0] });
    expect(edit([{ ...slot, mode: 'clamp' }])).toEqual({ h: [3, -3.5], report: [1, 7.5, 5, 0] });
    expect(edit([{ ...slot, mode: 'ablate' }])).toEqual({ h: [3, -23], report: [1, 27, 5, 0] });
  });

  it('leaves a latent outside the top-k alone, but for add and on the pre-activation', () => {
    for (const mode of ['scale', 'clamp', 'ablate'] as const)
      expect(edit([{ ...slot, mode, feature: 0 }])).toEqual({ h: [3, 4], report: [0, 0, 5, 0] });
    expect(edit([{ ...slot, mode: 'add', feature: 0 }]).h).toEqual([7, 4]);
    for (const mode of ['scale', 'ablate'] as const)
      expect(edit([{ ...slot, mode, feature: 0, on: 'everywhere' }]).report[0]).toBe(0);
    expect(edit([{ ...slot, mode: 'ablate', strength: 1, feature: 0, on: 'preactivation' }]).h).toEqual([-3, 4]);
    expect(edit([{ ...slot, mode: 'scale', feature: 3, on: 'preactivation' }]).report[0]).toBe(0);
    expect(edit([{ ...slot, mode: 'clamp', feature: 3, on: 'preactivation' }])).toEqual({
      h: [3, 2],
      report: [1, 2, 5, 0],
    });
  });

  it('clamps everywhere from the code, which is 0 outside the top-k', () => {
    const clamp = { ...slot, mode: 'clamp' as const, on: 'everywhere' as const };
    // Feature 0 has the pre-activation 3 and is not in the top-k: the latent goes from 0 to 2 along (2, 0).
    expect(edit([{ ...clamp, feature: 0 }])).toEqual({ h: [7, 4], report: [1, 4, 5, 0] });
    expect(edit([clamp])).toEqual({ h: [3, -3.5], report: [1, 7.5, 5, 0] });
    expect(edit([{ ...clamp, strength: 0 }])).toEqual(edit([{ ...slot, mode: 'ablate', strength: 1 }]));
    expect(edit([{ ...clamp, strength: 0, feature: 0 }])).toEqual({ h: [3, 4], report: [0, 0, 5, 0] });
  });

  it('lets all slots see the unedited row', () => {
    const twice = edit([
      { ...slot, mode: 'ablate', strength: 1, on: 'preactivation' },
      { ...slot, mode: 'ablate', strength: 1, on: 'preactivation' },
    ]);
    expect(twice).toEqual({ h: [3, 4 - 27], report: [2, 27, 5, 0] });
  });

  it('moves along vectors, relative to |h| where asked', () => {
    expect(edit([{ ...slot, mode: 'add', vector: 1 }]).h).toEqual([5, 4]);
    expect(edit([{ ...slot, mode: 'add', vector: 1, relative: true }])).toEqual({ h: [13, 4], report: [1, 10, 5, 0] });
  });
});

it('match moves a row by the source change along its direction, and not where the source did not act', () => {
  const moved = (source: number[]) => {
    const h = Float32Array.of(3, 4);
    return { report: oracle.matchRow(h, Float32Array.of(0.5, -0.5), Float32Array.from(source)), h: [...h] };
  };
  expect(moved([2, 10, 1, 0])).toEqual({ report: [2, 10, 5, 0], h: [8, -1] });
  expect(moved([0, 7, 1, 0])).toEqual({ report: [0, 0, 5, 0], h: [3, 4] });
});

it('logsumexp holds for large numbers', () => {
  expect(oracle.logsumexp(Float32Array.of(1000, 1000))).toBeCloseTo(1000 + Math.LN2, 10);
});

it('kl of (3/4, 1/4) and (1/2, 1/2), and of a row and itself shifted', () => {
  const p = Float32Array.of(Math.log(3), 0);
  expect(oracle.kl(p, Float32Array.of(5, 5))).toBeCloseTo(0.75 * Math.log(1.5) + 0.25 * Math.log(0.5), 6);
  expect(oracle.kl(Float32Array.of(1, 2), Float32Array.of(3, 4))).toBe(0);
  expect(oracle.kl(p, Float32Array.of(-3e38, -3e38))).toBeCloseTo(0.75 * Math.log(1.5) + 0.25 * Math.log(0.5), 6);
});

describe('rows that are no distribution', () => {
  const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: none } = Number;
  const lse = (...row: number[]) => oracle.logsumexp(Float32Array.from(row));
  const kl = (p: number[], q: number[]) => oracle.kl(Float32Array.from(p), Float32Array.from(q));

  it('have no log-sum-exp', () => {
    for (const row of [[nan], [1, nan, 2], [1, 2, nan], [inf], [1, inf], [none], [none, none]])
      expect(lse(...row)).toBeNaN();
  });

  it('have no KL, on either side', () => {
    for (const bad of [
      [1, nan],
      [nan, 1],
      [nan, nan],
      [1, inf],
      [none, none],
    ]) {
      expect(kl(bad, [1, 2])).toBeNaN();
      expect(kl([1, 2], bad)).toBeNaN();
      expect(kl([1, none], bad)).toBeNaN();
      expect(kl(bad, [none, 2])).toBeNaN();
    }
  });

  it('are not those with some -Infinity: probability 0 there', () => {
    expect(lse(none, 3, none)).toBe(3);
    expect(kl([none, 5, 5], [2, 2, 2])).toBeCloseTo(Math.log(1.5), 6);
    expect(kl([none, 5, 5], [none, 2, 2])).toBe(0);
    expect(kl([1, 5], [none, 2])).toBe(inf);
    expect(kl([-2000, 5], [none, 2])).toBe(inf);
  });
});

describe('a gate', () => {
  /** Where it is open, `1` and `0` a token. `latents`: of feature 1, null where another feature is the token's code;
   *  `turns`: the tokens that begin one. */
  function open(
    bounds: Omit<GateSlot, 'feature' | 'column'>,
    latents: (number | null)[],
    turns: number[] = [],
    before = false,
  ): string {
    // Two codes a token, the other one first.
    const ids = Uint32Array.from(latents.flatMap((z) => [3, z === null ? oracle.UNUSED : 1]));
    const values = Float32Array.from(latents.flatMap((z) => [100, z ?? 0]));
    const begins = latents.map((_, t) => turns.includes(t));
    const h = new Float32Array(latents.length * tiny.d);
    const said = oracle.gate(tiny, { feature: 1, column: 0, ...bounds }, h, { ids, values }, begins, before);
    return said.map(Number).join('');
  }
  const token = { above: 5, reach: 'token' } as const;
  const turn = { above: 5, reach: 'turn' } as const;

  it('of a token is open where the latent is above its bound, and not at it', () => {
    expect(open(token, [4, 5, 5.5, null, 6, 0])).toBe('001010');
    expect(open(token, [4, null], [], true)).toBe('00');
    expect(open({ ...token, above: 0 }, [null, 1e-40, 1])).toBe('011');
  });

  it('of a turn stays open until another begins, and may open where that begins', () => {
    expect(open(turn, [4, 6, 0, null, 1, 0, 7], [0, 4])).toBe('0111001');
    expect(open(turn, [6, 0, 6, 0, 0], [2, 4])).toBe('11110');
  });

  it('with a lower bound stays open until the latent is at most that, whatever turns begin', () => {
    expect(open({ ...token, until: 2 }, [3, 6, 3, 2, 3, 6, 2.5, null, 3], [2, 6])).toBe('011001100');
    expect(open({ ...token, until: 0 }, [6, 1e-40, null, 1])).toBe('1100');
    expect(open({ ...token, until: 5 }, [6, 5.5, 5])).toBe('110');
  });

  it('goes on from what it was before the first token', () => {
    expect(open(turn, [0, 0, 0], [2], true)).toBe('110');
    expect(open(turn, [0, 0], [0], true)).toBe('00');
    expect(open({ ...token, until: 2 }, [3, 1, 3], [0], true)).toBe('100');
  });

  it('takes NaN for nothing, and compares in float32', () => {
    expect(open(turn, [Number.NaN, 6, Number.NaN])).toBe('011');
    expect(open({ ...token, until: 2 }, [6, Number.NaN])).toBe('10');
    // 0.1 as float32 is above 0.1.
    expect(open({ ...token, above: 0.1 }, [0.1])).toBe('0');
  });

  it('finds a latent that the codes of a threshold dictionary had no room for, and in codes with room none', () => {
    const cut: oracle.PlainDictionary = { ...tiny, activation: 'threshold', threshold: Float32Array.of(0, 3, 0, 0) };
    const at = (feature: number, dictionary: oracle.PlainDictionary, last: number) => {
      const codes = { ids: Uint32Array.of(2, last), values: Float32Array.of(4, 0) };
      return oracle.gate(
        dictionary,
        { feature, column: 0, ...token, above: 1 },
        Float32Array.of(2, 2.5),
        codes,
        [false],
        false,
      )[0];
    };
    expect(at(0, cut, 3)).toBe(true);
    // Its pre-activation is its threshold.
    expect(at(1, cut, 3)).toBe(false);
    expect(at(0, cut, oracle.UNUSED)).toBe(false);
    expect(at(0, { ...cut, activation: 'topk' }, 3)).toBe(false);
  });

  it('that is closed keeps a slot from acting', () => {
    const slots = (gates: (number | undefined)[]) =>
      gates.map((gate): Slot => ({ mode: 'add', feature: 1, strength: 2, on: 'active', gate }));
    const codes = { ids: Uint32Array.of(0, 1), values: Float32Array.of(1, 1) };
    const moved = (gates: (number | undefined)[]) => {
      const h = Float32Array.of(1, 1);
      const [acted, change] = oracle.editRow(tiny, h, slots(gates), codes, null, Uint32Array.of(0, 1));
      return [...h, acted, change];
    };
    expect(moved([0])).toEqual([1, 1, 0, 0]);
    expect(moved([1])).toEqual([1, 7, 1, 6]);
    expect(moved([0, undefined, 1])).toEqual([1, 13, 2, 12]);
  });
});
