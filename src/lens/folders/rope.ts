import type { JsonObject } from '../formats/json';
import { unsupported } from './families/refuse';

/** All frequencies are divided by `factor` (HF modeling_rope_utils.py, `_compute_linear_scaling_rope_parameters`). */
export interface LinearScaling {
  factor: number;
}

/** Llama 3.1's way to stretch the frequencies to a longer context (`_compute_llama3_parameters` there): only slow ones
 *  are divided. */
export interface Llama3Scaling extends LinearScaling {
  /** Turns within the original context: a frequency with fewer than `slow` is slow, one with more than `fast` stays. */
  slow: number;
  fast: number;
  /** Positions that the frequencies were first trained on. */
  originalContext: number;
}

export type RopeScaling = LinearScaling | Llama3Scaling;

/** The facts that rotary frequencies are computed from. */
export interface Rope {
  /** Base of the frequencies. */
  theta: number;
  scaling: RopeScaling | null;
}

export type RopeType = 'default' | 'linear' | 'llama3';

const MOST_POSITIONS = 1 << 24;
const THETA = [1, 1e12] as const;

/** The keys of a whole model's rotary frequencies: `rope_theta` and `rope_scaling` at the top level, or both in
 *  `rope_parameters`, as transformers 5 writes them. Throws UnsupportedModelError for a type that is not among `known`,
 *  CorruptFileError for numbers that make no sense or two places that differ. */
export function parseRope(config: JsonObject, known: readonly RopeType[]): Rope {
  refusePartial(config, 'partial_rotary_factor', config.get('partial_rotary_factor'));
  const scalings = ['rope_scaling', 'rope_parameters'].flatMap((key) => {
    const rope = config.object(key);
    return rope ? [{ key, scaling: parseScaling(config, key, rope, known) }] : [];
  });
  const [first, second] = scalings;
  if (first && second && JSON.stringify(first.scaling) !== JSON.stringify(second.scaling))
    config.refuse(first.key, `must agree with ${second.key}`);
  return { theta: wholeTheta(config), scaling: first?.scaling ?? null };
}

/** One object of rotary facts, which stands under `key`; null: frequencies as they are. */
export function parseScaling(
  config: JsonObject,
  key: string,
  rope: JsonObject,
  known: readonly RopeType[],
): RopeScaling | null {
  const named = rope.get('rope_type') ?? rope.get('type') ?? 'default';
  const type = known.find((one) => one === named);
  if (!type) throw unsupported(config, key, named, `of the type ${known.map((one) => `"${one}"`).join(' or ')}`);
  refusePartial(config, `${key}.partial_rotary_factor`, rope.get('partial_rotary_factor'));
  if (type === 'default') return null;
  if (type === 'linear') return { factor: rope.number('factor', 1, 1e6) };
  const slow = rope.number('low_freq_factor', 1e-6, 1e6);
  const fast = rope.number('high_freq_factor', 1e-6, 1e6);
  if (fast <= slow) rope.refuse('high_freq_factor', `must be above low_freq_factor (${slow})`);
  return {
    factor: rope.number('factor', 1, 1e6),
    slow,
    fast,
    originalContext: rope.integer('original_max_position_embeddings', 1, MOST_POSITIONS),
  };
}

/** The base of rotary frequencies. */
export const parseTheta = (config: JsonObject, key: string): number => config.number(key, ...THETA);

function wholeTheta(config: JsonObject): number {
  const nested = config.object('rope_parameters');
  if (nested?.get('rope_theta') === undefined) return parseTheta(config, 'rope_theta');
  const theta = parseTheta(nested, 'rope_theta');
  if (config.get('rope_theta') !== undefined && config.get('rope_theta') !== theta)
    config.refuse('rope_theta', `must agree with rope_parameters.rope_theta (${theta})`);
  return theta;
}

function refusePartial(config: JsonObject, key: string, value: unknown): void {
  if (value !== undefined && value !== 1) throw unsupported(config, key, value, '1');
}
