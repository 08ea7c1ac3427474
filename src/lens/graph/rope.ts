/** Rotary tables of positions 0 to positions - 1 for a rotation of halves, as HF's Qwen3 computes them: angle =
 *  position * theta^(-2i / headDim) (Su et al., 2021, https://arxiv.org/abs/2104.09864, section 3.2). Both [positions,
 *  headDim / 2]. */
export function rotaryTables(
  positions: number,
  headDim: number,
  theta: number,
): { cos: Float32Array; sin: Float32Array } {
  const half = headDim / 2;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let i = 0; i < half; i++) {
    const frequency = theta ** (-i / half);
    for (let p = 0; p < positions; p++) {
      cos[p * half + i] = Math.cos(p * frequency);
      sin[p * half + i] = Math.sin(p * frequency);
    }
  }
  return { cos, sin };
}
