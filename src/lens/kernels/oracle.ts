import type { Shaping } from '../folders/dictionary-weights';
import { ACTIVE, type GateSlot, PEAK, type Slot, STATS } from './compute';

/**
 * The plain truth of every operation: pure loops over row-major arrays, sums in float64, results rounded to float32
 * once. The WGSL kernels are tested against these functions, and the wasm net computes with them. An array holds
 * exactly the rows to compute: pass a view (`subarray`) of a longer array.
 */

/** Id of a slot that holds no latent. */
export const UNUSED = 0xffffffff;

/** A dictionary in float32. Both matrices have one row of d numbers a feature, which its scale multiplies. */
export interface PlainDictionary extends Shaping {
  d: number;
  width: number;
  /** Codes that are kept a row. */
  k: number;
  encoder: Float32Array;
  decoder: Float32Array;
  encoderBias: Float32Array;
  decoderBias: Float32Array;
  center: Float32Array;
}

/** Codes of some rows: ids and values [rows, k], stats [rows, STATS]. */
export interface PlainCodes {
  ids: Uint32Array;
  values: Float32Array;
  stats: Float32Array;
}

/** Row `row` of a matrix of `cols` columns; it shares the matrix's memory. */
export function rowOf<T extends Float32Array | Uint32Array>(matrix: T, row: number, cols: number): T {
  return matrix.subarray(row * cols, (row + 1) * cols) as T;
}

const FEATURE_BLOCK = 16;

/** p = h W_enc + b_enc of each row, 0 for what is not above its threshold, into out [rows, width]. Blocks of 16 features
 *  and 4 rows stay in the first cache. */
function preactivations(dictionary: PlainDictionary, h: Float32Array, out: Float32Array): void {
  const { d, width, encoder, encoderScale, encoderBias, threshold } = dictionary;
  const count = h.length / d;
  for (let block = 0; block < width; block += FEATURE_BLOCK) {
    const end = Math.min(block + FEATURE_BLOCK, width);
    let row = 0;
    for (; row + 4 <= count; row += 4) {
      const a = row * d;
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
        const scale = encoderScale ? encoderScale[f]! : 1;
        const bias = encoderBias[f]!;
        out[row * width + f] = s0 * scale + bias;
        out[(row + 1) * width + f] = s1 * scale + bias;
        out[(row + 2) * width + f] = s2 * scale + bias;
        out[(row + 3) * width + f] = s3 * scale + bias;
      }
    }
    for (; row < count; row++) {
      const one = rowOf(h, row, d);
      for (let f = block; f < end; f++) out[row * width + f] = preactivation(dictionary, one, f);
    }
  }
  if (!threshold) return;
  for (let i = 0; i < count * width; i++) if (out[i]! > 0 && out[i]! <= threshold[i % width]!) out[i] = 0;
}

/** relu of one feature's pre-activation, whatever its threshold; NaN becomes 0. */
export function reluPreactivation(dictionary: PlainDictionary, h: Float32Array, feature: number): number {
  const p = preactivation(dictionary, h, feature);
  return Number.isNaN(p) ? 0 : Math.max(0, p);
}

/** The same, but 0 where it is not above its threshold. */
export function aboveThreshold(dictionary: PlainDictionary, h: Float32Array, feature: number): number {
  const p = reluPreactivation(dictionary, h, feature);
  return p > (dictionary.threshold?.[feature] ?? 0) ? p : 0;
}

/** The bare pre-activation of one feature for one row of h. */
function preactivation(dictionary: PlainDictionary, h: Float32Array, feature: number): number {
  const { d, encoder, encoderScale } = dictionary;
  let sum = 0;
  for (let i = 0; i < d; i++) sum += encoder[feature * d + i]! * h[i]!;
  return Math.fround(sum * (encoderScale ? encoderScale[feature]! : 1) + dictionary.encoderBias[feature]!);
}

/** The ids.length largest of a row, descending, ties by lower column. NaN is never chosen, -0 counts as 0. `positive`
 *  keeps only values above 0. Unused slots: id UNUSED, value 0. */
export function topk(row: Float32Array, positive: boolean, ids: Uint32Array, values: Float32Array): void {
  const n = ids.length;
  const valid = row.filter((v) => (positive ? v > 0 : !Number.isNaN(v))).sort();
  const kept = Math.min(n, valid.length);
  const threshold = kept === 0 ? Number.POSITIVE_INFINITY : valid[valid.length - kept]!;
  let above = 0;
  for (const v of row) if (v > threshold) above++;
  let ties = kept - above;
  const columns: number[] = [];
  for (let i = 0; i < row.length && columns.length < kept; i++)
    if (row[i]! > threshold || (row[i] === threshold && ties-- > 0)) columns.push(i);
  columns.sort((a, b) => row[b]! - row[a]! || a - b);
  for (let j = 0; j < n; j++) {
    ids[j] = j < kept ? columns[j]! : UNUSED;
    values[j] = j < kept ? row[columns[j]!]! + 0 : 0;
  }
}

const allFinite = (row: Float32Array) => row.every((x) => Number.isFinite(x));

/** Codes and stats of h, [rows, d], into `out`: see Codes. Top-k SAEs are Gao et al.'s (2024,
 *  https://arxiv.org/abs/2406.04093, section 2.3), without their b_dec before the encoder: Qwen-Scope's convention
 *  (https://arxiv.org/abs/2605.11887). `scratch` is left with p, [rows, width]. */
export function encode(dictionary: PlainDictionary, h: Float32Array, out: PlainCodes, scratch: Float32Array): void {
  const { d, width, k } = dictionary;
  preactivations(dictionary, h, scratch);
  for (let r = 0; r < h.length / d; r++) {
    const [x, p] = [rowOf(h, r, d), rowOf(scratch, r, width)];
    const codes = { ids: rowOf(out.ids, r, k), values: rowOf(out.values, r, k), stats: rowOf(out.stats, r, STATS) };
    if (allFinite(x) && allFinite(p)) {
      topk(p, true, codes.ids, codes.values);
      codes.stats[ACTIVE] = activeOf(dictionary, p);
      decode(dictionary, x, p, codes);
    } else {
      codes.ids.fill(UNUSED);
      codes.values.fill(0);
      codes.stats.fill(0)[ACTIVE] = -1;
    }
  }
}

/** Latents of a row of pre-activations that are active: of a top-k dictionary those that it keeps. */
function activeOf({ k, activation }: PlainDictionary, p: Float32Array): number {
  const positive = p.reduce((count, x) => count + (x > 0 ? 1 : 0), 0);
  return activation === 'topk' ? Math.min(k, positive) : positive;
}

/** W_dec[feature], as its scale makes it. */
export function decoderRow({ d, decoder, decoderScale }: PlainDictionary, feature: number): Float32Array {
  const row = rowOf(decoder, feature, d);
  return decoderScale ? row.map((x) => x * decoderScale[feature]!) : row;
}

/** The stats of one row but its active latents, with h^ = sum z_i W_dec[i] + b_dec over all that are active: those of a
 *  threshold dictionary are in p. */
function decode(
  dictionary: PlainDictionary,
  h: Float32Array,
  p: Float32Array,
  { ids, values, stats }: PlainCodes,
): void {
  const { d, activation, decoder, decoderScale, decoderBias, center } = dictionary;
  const reconstruction = Float64Array.from(decoderBias);
  const add = (z: number, id: number) => {
    const scaled = decoderScale ? z * decoderScale[id]! : z;
    for (let i = 0; i < d; i++) reconstruction[i]! += scaled * decoder[id * d + i]!;
  };
  if (activation === 'topk') {
    for (const [j, id] of ids.entries()) if (id !== UNUSED) add(values[j]!, id);
  } else for (const [id, z] of p.entries()) if (z > 0) add(z, id);
  let error = 0;
  let spread = 0;
  let square = 0;
  let largest = 0;
  for (let i = 0; i < d; i++) {
    const x = h[i]!;
    error += (x - reconstruction[i]!) ** 2;
    spread += (x - center[i]!) ** 2;
    square += x * x;
    largest = Math.max(largest, x * x);
  }
  stats.set([error, spread, square]);
  stats[PEAK] = square === 0 ? 0 : largest / square;
}

/** Codes as dense latents, out [rows, width]. */
export function scatter(
  { width, k }: Pick<PlainDictionary, 'width' | 'k'>,
  { ids, values }: Pick<PlainCodes, 'ids' | 'values'>,
  out: Float32Array,
): void {
  out.fill(0);
  ids.forEach((id, i) => {
    if (id !== UNUSED) out[Math.floor(i / k) * width + id] = values[i]!;
  });
}

function norm(x: Float32Array | Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * x[i]!;
  return Math.sqrt(sum);
}

/** Cosines of one decoder row with all, into out [width]: see Compute.similar. */
export function similar({ d, width, decoder }: PlainDictionary, feature: number, out: Float32Array): void {
  const own = feature * d;
  const length = norm(rowOf(decoder, feature, d));
  for (let f = 0; f < width; f++) {
    let product = 0;
    for (let i = 0; i < d; i++) product += decoder[own + i]! * decoder[f * d + i]!;
    const both = length * norm(rowOf(decoder, f, d));
    out[f] = both === 0 ? 0 : Math.max(-1, Math.min(1, product / both));
  }
}

/** One gate over the tokens of one sequence: see Compute.gate. `h`: [tokens, d]; `open`: whether it was before the
 *  first. */
export function gate(
  dictionary: PlainDictionary,
  { feature, above, until = above, reach }: GateSlot,
  h: Float32Array,
  { ids, values }: Pick<PlainCodes, 'ids' | 'values'>,
  begins: readonly boolean[],
  open: boolean,
): boolean[] {
  const k = ids.length / begins.length;
  let now = open;
  return begins.map((turn, t) => {
    const codes = { ids: rowOf(ids, t, k), values: rowOf(values, t, k) };
    const z = latent(dictionary, rowOf(h, t, dictionary.d), feature, codes);
    if (z > Math.fround(above)) now = true;
    else if (reach === 'turn') now = now && !turn;
    else now = now && z > Math.fround(until);
    return now;
  });
}

/** A feature's latent at one row, 0 where it is not active. Where the codes of a threshold dictionary are full, one that is not among them
 *  may be active still. */
function latent(
  dictionary: PlainDictionary,
  h: Float32Array,
  feature: number,
  { ids, values }: Pick<PlainCodes, 'ids' | 'values'>,
): number {
  const kept = values[ids.indexOf(feature)] ?? 0;
  if (kept > 0 || dictionary.activation === 'topk' || ids.at(-1) === UNUSED) return kept;
  return aboveThreshold(dictionary, h, feature);
}

/** Carry out one row's slots: see Compute.edit. `codes`: the row's before any edit; `flags`: the row's. Returns its row
 *  of the report. */
export function editRow(
  dictionary: PlainDictionary,
  h: Float32Array,
  slots: Slot[],
  codes: Pick<PlainCodes, 'ids' | 'values'>,
  vectors: Float32Array | null,
  flags: Uint32Array | null = null,
): number[] {
  const { d } = dictionary;
  const before = norm(h);
  const delta = new Float64Array(d);
  let acted = 0;
  for (const slot of slots) {
    if (slot.gate !== undefined && flags?.[slot.gate] !== 1) continue;
    let coefficient = slot.relative ? slot.strength * before : slot.strength;
    if (slot.mode !== 'add') {
      let z = 0;
      if (slot.on === 'preactivation') z = reluPreactivation(dictionary, h, slot.feature);
      else z = latent(dictionary, h, slot.feature, codes);
      if (slot.mode === 'scale') coefficient = slot.strength * z;
      else if (slot.mode === 'ablate') coefficient = -slot.strength * z;
      else coefficient = slot.on === 'active' && z === 0 ? 0 : slot.strength - z;
    }
    if (coefficient === 0) continue;
    acted++;
    const along = slot.vector === undefined ? decoderRow(dictionary, slot.feature) : rowOf(vectors!, slot.vector, d);
    for (let i = 0; i < d; i++) delta[i]! += coefficient * along[i]!;
  }
  if (acted > 0) for (let i = 0; i < d; i++) h[i]! += delta[i]!;
  return [acted, norm(delta), before, 0];
}

/** One matched move: see Compute.match. `source`: a row of a report. Returns the moved row's. */
export function matchRow(h: Float32Array, direction: Float32Array, source: Float32Array): number[] {
  const acted = source[0]!;
  const change = acted > 0 ? source[1]! : 0;
  const before = norm(h);
  if (acted > 0) for (let i = 0; i < h.length; i++) h[i]! += change * direction[i]!;
  return [acted, change, before, 0];
}

/** The largest number m of a row, and log sum exp(x - m). Apart, so that their sum's rounding enters no probability. */
function normaliser(row: Float32Array): [number, number] {
  let max = Number.NEGATIVE_INFINITY;
  for (const x of row) if (x > max) max = x;
  let sum = 0;
  for (const x of row) sum += Math.exp(x - max);
  return [max, Math.log(sum)];
}

/** log sum exp of a row. NaN if the row is not a distribution: see Compute.logsumexp. */
export function logsumexp(row: Float32Array): number {
  const [max, rest] = normaliser(row);
  return max + rest;
}

/** KL(softmax p || softmax q) = sum p (log p - log q) in nats, over a row of each. NaN and infinity: see
 *  Compute.kl. */
export function kl(p: Float32Array, q: Float32Array): number {
  const [pMax, pRest] = normaliser(p);
  const [qMax, qRest] = normaliser(q);
  if (Number.isNaN(pRest) || Number.isNaN(qRest)) return Number.NaN;
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const logp = p[i]! - pMax - pRest;
    const logq = q[i]! - qMax - qRest;
    if (logp === Number.NEGATIVE_INFINITY) continue;
    // Also where p is so small that its float64 is 0.
    if (logq === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
    sum += Math.exp(logp) * (logp - logq);
  }
  return Math.max(0, sum);
}
