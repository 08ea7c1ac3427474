/** Puts a made-up trace under the open page, the same for the same seed: `tokens` tokens with `k` features each at
 *  every site, in the shape of a large model's, so that what the page does with it can be measured and counted without
 *  a model that computes it. Runs inside the page, on `window.lenslet`, and so refers to nothing outside of itself.
 *  From then on every text is traced as this one. */
export function synthesize({ tokens: count, k, seed }: { tokens: number; k: number; seed: number }): string {
  const lens = window.lenslet!;
  // mulberry32
  const uniform = (start: number) => {
    let state = start >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
  };
  const next = uniform(seed);
  const syllables = 'ka lo mi ren sto ble tra ving er an is the of and in to was said 的 了 我们 花园 在 是'.split(' ');
  const word = () =>
    Array.from({ length: 1 + Math.floor(next() * 3) }, () => syllables[Math.floor(next() * syllables.length)]).join('');
  const tokens = Array.from({ length: count }, (_, position) => {
    const before = position === 0 ? '' : next() < 0.02 ? '\n' : ' ';
    return { id: position, text: before + word(), position, special: false };
  });
  const text = tokens.map((token) => token.text).join('');

  /** Half of a token's features come from few common ones, the first of them active almost everywhere, the others from
   *  the whole dictionary. */
  const codesOf = (layer: number, width: number) => {
    const draw = uniform(seed + layer + 1);
    const common = k + 10;
    const ids = new Uint32Array(count * k);
    const values = new Float32Array(count * k);
    for (let t = 0; t < count; t++) {
      const chosen = new Set<number>();
      while (chosen.size < k / 2) chosen.add(Math.floor(draw() ** 2 * common));
      while (chosen.size < k) chosen.add(common + Math.floor(draw() * (width - common)));
      const order = [...chosen].map((id) => ({ id, at: draw() })).sort((a, b) => a.at - b.at);
      const strengths = Float32Array.from({ length: k }, () => 20 * draw() ** 2).sort((a, b) => b - a);
      for (let slot = 0; slot < k; slot++) ids[t * k + slot] = order[slot]!.id;
      values.set(strengths, t * k);
    }
    return {
      layer,
      k,
      ids,
      values,
      fvu: Float32Array.from({ length: count }, draw),
      centred: new Float32Array(count).fill(30),
      active: new Uint32Array(0),
      peak: new Float32Array(0),
      norm: new Float32Array(count).fill(10),
    };
  };
  const codes = new Map(lens.info.sites.map(({ layer, width }) => [layer, codesOf(layer, width)]));
  const surprisal = Float32Array.from({ length: count }, (_, t) => (t === 0 ? Number.NaN : 9 * next()));
  const likeliest = async (_: number, n: number) =>
    Array.from({ length: n }, (_, id) => ({ id, text: ` ${id}`, logprob: -1 - id / 4 }));
  lens.trace = async () => ({
    text,
    chat: null,
    tokens,
    site: (layer) => codes.get(layer)!,
    reports: () => [],
    residual: async () => new Float32Array(lens.info.d),
    top: likeliest,
    lens: (_, position, n) => likeliest(position, n),
    surprisal: async () => surprisal,
    dispose: () => {},
  });
  return text;
}
