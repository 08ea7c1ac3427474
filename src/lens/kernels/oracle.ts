import type { MatchedMove, Slot } from './compute';

/**
 * The plain truth of every operation: pure loops over row-major arrays, sums in float64, results rounded to float32
 * once. The WGSL kernels are tested against these functions, and the wasm net computes with them.
 */

/** Id of a slot that holds no latent. */
export const UNUSED = 0xffffffff;

/** A dictionary in float32. Both matrices have one row of d numbers a feature. */
export interface PlainDictionary {
  d: number;
  width: number;
  k: number;
  encoder: Float32Array;
  decoder: Float32Array;
  encoderBias: Float32Array;
  decoderBias: Float32Array;
  center: Float32Array;
}

const FEATURE_BLOCK = 16;

/** p = h W_enc + b_enc for h[hRow .. hRow + count), into out [count, width]. Blocks of 16 features and 4 rows stay in
 *  the first cache. */
function preactivations(
  dictionary: PlainDictionary,
  h: Float32Array,
  hRow: number,
  count: number,
  out: Float32Array,
): void {
  const { d, width, encoder, encoderBias } = dictionary;
  for (let block = 0; block < width; block += FEATURE_BLOCK) {
    const end = Math.min(block + FEATURE_BLOCK, width);
    let row = 0;
    for (; row + 4 <= count; row += 4) {
      const a = (hRow + row) * d;
      const b = a + d;
      const c = b + d;
      const e = c + d;
      for (let f = block; f < end; f++) {
        const w = f * d;
        let s0 = 0;
        let s1 = 0;
        let s2 = 0;
        let s3 = 0;
        for (let i = 0; i < d; i++) {
          const weight = encoder[w + i]!;
          s0 += weight * h[a + i]!;
          s1 += weight * h[b + i]!;
          s2 += weight * h[c + i]!;
          s3 += weight * h[e + i]!;
        }
        const bias = encoderBias[f]!;
        out[row * width + f] = s0 + bias;
        out[(row + 1) * width + f] = s1 + bias;
        out[(row + 2) * width + f] = s2 + bias;
        out[(row + 3) * width + f] = s3 + bias;
      }
    }
    for (; row < count; row++)
      for (let f = block; f < end; f++) out[row * width + f] = preactivation(dictionary, h, hRow + row, f);
  }
}

/** relu of one feature's pre-activation; NaN becomes 0. */
export function reluPreactivation(dictionary: PlainDictionary, h: Float32Array, row: number, feature: number): number {
  const p = preactivation(dictionary, h, row, feature);
  return Number.isNaN(p) ? 0 : Math.max(0, p);
}

/** The bare pre-activation of one feature for one row of h. */
function preactivation(dictionary: PlainDictionary, h: Float32Array, row: number, feature: number): number {
  const { d, encoder } = dictionary;
  let sum = 0;
  for (let i = 0; i < d; i++) sum += encoder[feature * d + i]! * h[row * d + i]!;
  return Math.fround(sum + dictionary.encoderBias[feature]!);
}

/** The n largest of x[start .. start + cols), descending, ties by lower column, into ids and values from `at` on. NaN
 *  is never chosen, -0 counts as 0. `positive` keeps only values above 0. Unused slots: id UNUSED, value 0. */
export function topk(
  x: Float32Array,
  start: number,
  cols: number,
  n: number,
  positive: boolean,
  ids: Uint32Array,
  values: Float32Array,
  at: number,
): void {
  const row = x.subarray(start, start + cols);
  const valid = row.filter((v) => (positive ? v > 0 : !Number.isNaN(v))).sort();
  const kept = Math.min(n, valid.length);
  const threshold = kept === 0 ? Number.POSITIVE_INFINITY : valid[valid.length - kept]!;
  let above = 0;
  for (const v of row) if (v > threshold) above++;
  let ties = kept - above;
  const columns: number[] = [];
  for (let i = 0; i < cols && columns.length < kept; i++)
    if (row[i]! > threshold || (row[i] === threshold && ties-- > 0)) columns.push(i);
  columns.sort((a, b) => row[b]! - row[a]! || a - b);
  for (let j = 0; j < n; j++) {
    ids[at + j] = j < kept ? columns[j]! : UNUSED;
    values[at + j] = j < kept ? row[columns[j]!]! + 0 : 0;
  }
}

function isFiniteRow(x: Float32Array, start: number, cols: number): boolean {
  for (let i = start; i < start + cols; i++) if (!Number.isFinite(x[i])) return false;
  return true;
}

/** Codes and stats of h[hRow .. hRow + count) into rows outRow .. of ids, values [., k] and stats [., 4]: see Codes.
 *  `scratch` is left with p, [count, width]. */
export function encode(
  dictionary: PlainDictionary,
  h: Float32Array,
  hRow: number,
  count: number,
  ids: Uint32Array,
  values: Float32Array,
  stats: Float32Array,
  outRow: number,
  scratch: Float32Array,
): void {
  const { d, width, k } = dictionary;
  preactivations(dictionary, h, hRow, count, scratch);
  for (let r = 0; r < count; r++) {
    const at = (outRow + r) * k;
    if (isFiniteRow(h, (hRow + r) * d, d) && isFiniteRow(scratch, r * width, width)) {
      topk(scratch, r * width, width, k, true, ids, values, at);
      decode(dictionary, h, hRow + r, ids, values, outRow + r, stats);
    } else {
      ids.fill(UNUSED, at, at + k);
      values.fill(0, at, at + k);
      stats.set([0, 0, 0, 1], (outRow + r) * 4);
    }
  }
}

/** stats[row] = |h - h^|^2, |h - mu|^2, |h|^2, 0 with h^ = sum z_i W_dec[i] + b_dec. */
function decode(
  dictionary: PlainDictionary,
  h: Float32Array,
  hRow: number,
  ids: Uint32Array,
  values: Float32Array,
  row: number,
  stats: Float32Array,
): void {
  const { d, k, decoder, decoderBias, center } = dictionary;
  const reconstruction = Float64Array.from(decoderBias);
  for (let j = 0; j < k; j++) {
    const id = ids[row * k + j]!;
    if (id === UNUSED) continue;
    const z = values[row * k + j]!;
    for (let i = 0; i < d; i++) reconstruction[i]! += z * decoder[id * d + i]!;
  }
  let error = 0;
  let spread = 0;
  let square = 0;
  for (let i = 0; i < d; i++) {
    const x = h[hRow * d + i]!;
    error += (x - reconstruction[i]!) ** 2;
    spread += (x - center[i]!) ** 2;
    square += x * x;
  }
  stats.set([error, spread, square, 0], row * 4);
}

/** Codes of `count` rows from `row` on as dense latents, out [count, width]. */
export function scatter(
  width: number,
  k: number,
  ids: Uint32Array,
  values: Float32Array,
  row: number,
  count: number,
  out: Float32Array,
): void {
  out.fill(0, 0, count * width);
  for (let r = 0; r < count; r++) {
    for (let j = 0; j < k; j++) {
      const id = ids[(row + r) * k + j]!;
      if (id !== UNUSED) out[r * width + id] = values[(row + r) * k + j]!;
    }
  }
}

function norm(x: Float32Array | Float64Array, start: number, length: number): number {
  let sum = 0;
  for (let i = start; i < start + length; i++) sum += x[i]! * x[i]!;
  return Math.sqrt(sum);
}

/** Cosines of one decoder row with all, into out [width]: see Compute.similar. */
export function similar({ d, width, decoder }: PlainDictionary, feature: number, out: Float32Array): void {
  const own = feature * d;
  const length = norm(decoder, own, d);
  for (let f = 0; f < width; f++) {
    let product = 0;
    for (let i = 0; i < d; i++) product += decoder[own + i]! * decoder[f * d + i]!;
    const both = length * norm(decoder, f * d, d);
    out[f] = both === 0 ? 0 : Math.max(-1, Math.min(1, product / both));
  }
}

/** Carry out one row's slots: see Compute.edit. Row `codesRow` of ids and values holds the codes before any edit. */
export function editRow(
  dictionary: PlainDictionary,
  h: Float32Array,
  row: number,
  slots: Slot[],
  ids: Uint32Array,
  values: Float32Array,
  codesRow: number,
  vectors: Float32Array | null,
  report: Float32Array,
  reportRow: number,
): void {
  const { d, k, decoder } = dictionary;
  const before = norm(h, row * d, d);
  const delta = new Float64Array(d);
  let acted = 0;
  for (const slot of slots) {
    let coefficient = slot.relative ? slot.strength * before : slot.strength;
    if (slot.mode !== 'add') {
      let z = 0;
      if (slot.on === 'preactivation') z = reluPreactivation(dictionary, h, row, slot.feature);
      else for (let j = codesRow * k; j < codesRow * k + k; j++) if (ids[j] === slot.feature) z = values[j]!;
      if (slot.mode === 'scale') coefficient = slot.strength * z;
      else if (slot.mode === 'ablate') coefficient = -slot.strength * z;
      else coefficient = z > 0 || slot.on === 'preactivation' ? slot.strength - z : 0;
    }
    if (coefficient === 0) continue;
    acted++;
    const along = slot.vector === undefined ? decoder : vectors!;
    const from = (slot.vector ?? slot.feature) * d;
    for (let i = 0; i < d; i++) delta[i]! += coefficient * along[from + i]!;
  }
  report.set([acted, norm(delta, 0, d), before, 0], reportRow * 4);
  if (acted > 0) for (let i = 0; i < d; i++) h[row * d + i]! += delta[i]!;
}

/** One matched move: see Compute.match. */
export function matchRow(
  d: number,
  h: Float32Array,
  hRow: number,
  move: MatchedMove,
  directions: Float32Array,
  source: Float32Array,
  report: Float32Array,
  reportRow: number,
): void {
  const acted = source[move.source * 4]!;
  const change = acted > 0 ? source[move.source * 4 + 1]! : 0;
  const start = (hRow + move.row) * d;
  report.set([acted, change, norm(h, start, d), 0], (reportRow + move.row) * 4);
  if (acted > 0) for (let i = 0; i < d; i++) h[start + i]! += change * directions[move.direction * d + i]!;
}

/** The largest of one row of `cols` numbers, and log sum exp(x - it): apart, so that their sum's rounding need not be
 *  in a probability. */
function normaliser(x: Float32Array, row: number, cols: number): [number, number] {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = row * cols; i < (row + 1) * cols; i++) if (x[i]! > max) max = x[i]!;
  let sum = 0;
  for (let i = row * cols; i < (row + 1) * cols; i++) sum += Math.exp(x[i]! - max);
  return [max, Math.log(sum)];
}

/** log sum exp of one row of `cols` numbers. NaN where the row is no distribution: see Compute.logsumexp. */
export function logsumexp(x: Float32Array, row: number, cols: number): number {
  const [max, rest] = normaliser(x, row, cols);
  return max + rest;
}

/** KL(softmax p || softmax q) = sum p (log p - log q) in nats, over one row of each. NaN and infinity: see
 *  Compute.kl. */
export function kl(p: Float32Array, pRow: number, q: Float32Array, qRow: number, cols: number): number {
  const [pMax, pRest] = normaliser(p, pRow, cols);
  const [qMax, qRest] = normaliser(q, qRow, cols);
  if (Number.isNaN(pRest) || Number.isNaN(qRest)) return Number.NaN;
  let sum = 0;
  for (let i = 0; i < cols; i++) {
    const logp = p[pRow * cols + i]! - pMax - pRest;
    const logq = q[qRow * cols + i]! - qMax - qRest;
    if (logp === Number.NEGATIVE_INFINITY) continue;
    // Also where p is so small that its float64 is 0.
    if (logq === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
    sum += Math.exp(logp) * (logp - logq);
  }
  return Math.max(0, sum);
}
