import { CorruptFileError } from '../api/errors';
import type { ParityCase } from '../api/lens';
import type { SiteCodes } from '../api/site';
import { parseJson } from '../formats/json';
import { scientific } from '../maths/figures';
import type { Source } from '../sources/source';
import { logSumExp } from './sampler';

/** Tolerances against PyTorch in float32, at every position. */
export const LIMITS = { residual: 1e-4, logit: 1e-3, fvu: 1e-3, tie: 1e-4 };

interface SiteOffsets {
  residual: number;
  values: number;
  fvu: number;
  norm: number;
  edge: number;
}

export interface GoldenText {
  name: string;
  text: string;
  ids: number[];
  /** Ids of PyTorch's greedy continuation. */
  continuation: number[];
  codes: Record<string, number[]>;
  topIds: number[];
  offsets: { lse: number; topLogits: number; probeLogits: number } & Record<string, number | SiteOffsets>;
}

/** PyTorch's numbers for this folder's weights: `training/fixtures/golden.py` writes them. */
export interface Golden {
  d: number;
  k: number;
  sites: number[];
  top: number;
  probes: number[];
  texts: GoldenText[];
  bin: Float32Array;
}

/** Reads golden.json with its binary. Throws MissingFileError without them, CorruptFileError if they do not fit each
 *  other. */
export async function openGolden(folder: Source, signal?: AbortSignal): Promise<Golden> {
  const json = parseJson(await folder.read('golden.json', { signal }), 'golden.json') as Partial<Golden> & {
    format?: string;
  };
  if (json?.format !== 'lenslet-golden-1' || !Array.isArray(json.texts) || !Array.isArray(json.sites)) {
    throw new CorruptFileError(
      'golden.json is not in the format lenslet-golden-1. Write it again with training/fixtures/golden.py.',
    );
  }
  const bytes = await folder.read('golden.bin', { signal });
  const golden = { ...json, bin: new Float32Array(bytes.slice().buffer, 0, bytes.length >> 2) } as Golden;
  const { bin } = golden;
  for (const { name, ids, offsets } of golden.texts) {
    const ends = golden.sites.map((layer) => (offsets[layer] as SiteOffsets).residual + ids.length * golden.d);
    if (![...ends, offsets.probeLogits + ids.length * golden.probes.length].every((end) => end <= bin.length)) {
      throw new CorruptFileError(
        `golden.bin is too short for the text "${name}". Write both again with training/fixtures/golden.py.`,
      );
    }
  }
  return golden;
}

/** The results of a run over a golden text. */
export interface Measured {
  sites: { codes: SiteCodes; residual: Float32Array }[];
  /** All logits after a position, [V]. */
  logits(position: number): Float32Array;
}

/** Largest differences of a run from PyTorch's numbers, and where the worst of them is. */
export function compare(golden: Golden, text: GoldenText, run: Measured, name: string): ParityCase {
  const result: ParityCase = { name, ok: true, residual: 0, logit: 0, fvu: 0, mismatches: 0, worst: '' };
  let severity = -1;
  const note = (share: number, words: () => string) => {
    if (share <= severity) return;
    severity = share;
    result.worst = words();
  };
  const { bin, d, k } = golden;
  const length = text.ids.length;
  for (const { codes, residual } of run.sites) {
    const { layer } = codes;
    const offsets = text.offsets[layer] as SiteOffsets;
    for (let t = 0; t < length; t++) {
      const relative = difference(
        residual.subarray(t * d, (t + 1) * d),
        bin.subarray(offsets.residual + t * d, offsets.residual + (t + 1) * d),
      );
      result.residual = Math.max(result.residual, relative);
      note(relative / LIMITS.residual, () => `residual ${layer} at token ${t}: ${scientific(relative)}`);
      const fvu = Math.abs(codes.fvu[t]! - bin[offsets.fvu + t]!);
      result.fvu = Math.max(result.fvu, fvu);
      note(fvu / LIMITS.fvu, () => `FVU ${layer} at token ${t}: ${scientific(fvu)}`);
      const wrong = mismatches(
        codes,
        text.codes[layer]!,
        bin.subarray(offsets.values, offsets.values + length * k),
        t,
        k,
      );
      result.mismatches += wrong;
      if (wrong > 0) note(1 + wrong, () => `${wrong} top-k ids ${layer} at token ${t}`);
    }
  }
  for (let t = 0; t < length; t++) {
    const logits = run.logits(t);
    const check = (what: string, actual: number, expected: number) => {
      const off = Math.abs(actual - expected);
      const seen = Number.isFinite(off) ? off : Number.POSITIVE_INFINITY;
      result.logit = Math.max(result.logit, seen);
      note(seen / LIMITS.logit, () => `${what} at token ${t}: ${scientific(off)}`);
    };
    // The log-sum-exp stands for the logits that are not stored.
    check('log-sum-exp', logSumExp(logits), bin[text.offsets.lse + t]!);
    for (let i = 0; i < golden.top; i++) {
      const id = text.topIds[t * golden.top + i]!;
      check(`logit of ${id}`, logits[id]!, bin[text.offsets.topLogits + t * golden.top + i]!);
    }
    for (const [i, id] of golden.probes.entries())
      check(`logit of ${id}`, logits[id]!, bin[text.offsets.probeLogits + t * golden.probes.length + i]!);
  }
  result.ok =
    result.residual <= LIMITS.residual &&
    result.logit <= LIMITS.logit &&
    result.fvu <= LIMITS.fvu &&
    result.mismatches === 0;
  return result;
}

/** |a - b| / |b|, Infinity for NaN. */
function difference(a: Float32Array, b: Float32Array): number {
  let error = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    error += (a[i]! - b[i]!) ** 2;
    norm += b[i]! ** 2;
  }
  const relative = Math.sqrt(error / norm);
  return Number.isFinite(relative) ? relative : Number.POSITIVE_INFINITY;
}

/** Counts the wrong slots of one token's top-k: values that are off; ids that golden lacks, unless tied with golden's
 *  smallest value; ids missing here although their golden value is clearly above that smallest value. */
function mismatches(codes: SiteCodes, goldenIds: number[], goldenValues: Float32Array, t: number, k: number): number {
  const expected = new Map<number, number>();
  for (let i = 0; i < k; i++) expected.set(goldenIds[t * k + i]!, goldenValues[t * k + i]!);
  const edge = goldenValues[t * k + k - 1]!;
  const tied = (a: number, b: number) => Math.abs(a - b) <= LIMITS.tie * Math.max(1, Math.abs(b));
  let wrong = 0;
  for (let i = 0; i < k; i++) {
    const id = codes.ids[t * k + i]!;
    if (!tied(codes.values[t * k + i]!, expected.get(id) ?? edge)) wrong++;
    expected.delete(id);
  }
  for (const value of expected.values()) if (!tied(value, edge)) wrong++;
  return wrong;
}
