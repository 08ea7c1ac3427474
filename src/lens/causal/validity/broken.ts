import { uniform } from '../../maths/random';
import type { Piece } from '../predicates/continuation';
import { type Count, fired } from './check-set';

/** Broken texts: a rule that fires on noise is satisfied by breaking the model. */

export const BROKEN = 60;
/** Share of broken texts on which a rule may fire before the fluency guard is obligatory. */
const MOST_FIRED = 0.05;
const STREAM = 0x20000002;

/** A broken text and how it was made. */
export interface Broken {
  made: 'shuffled' | 'repeated' | 'strongest';
  pieces: Piece[];
}

/** 60 broken texts of real continuations: their tokens shuffled, one of their tokens repeated at the continuation's own
 *  length, and, where there are any, what the strongest random directions wrote, as they stand; a third each, or a half.
 *  Continuations without a token are left out; empty without any left. Equal seeds give equal texts. */
export function brokenTexts(
  continuations: readonly (readonly Piece[])[],
  strongest: readonly (readonly Piece[])[],
  seed: number,
): Broken[] {
  const real = continuations.map(plain).filter((pieces) => pieces.length > 0);
  if (real.length === 0) return [];
  const taken = strongest.slice(0, BROKEN / 3).map((pieces): Broken => ({ made: 'strongest', pieces: plain(pieces) }));
  const made = Array.from({ length: BROKEN - taken.length }, (_, n): Broken => {
    const of = real[Math.floor(n / 2) % real.length]!;
    const draw = (step: number, below: number) => Math.floor(uniform(seed ^ n, STREAM, step) * below);
    if (n % 2 === 0) return { made: 'shuffled', pieces: shuffled(of, draw) };
    const token = of[draw(0, of.length)]!;
    return { made: 'repeated', pieces: of.map(() => token) };
  });
  return [...made, ...taken];
}

const plain = (pieces: readonly Piece[]) => pieces.filter(({ special }) => !special);

/** Fisher and Yates' shuffle. */
function shuffled(of: readonly Piece[], draw: (step: number, below: number) => number): Piece[] {
  const out = [...of];
  for (let i = out.length - 1; i > 0; i--) {
    const j = draw(i, i + 1);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/** On how many broken texts a rule fired, and whether the claim therefore needs the guard. */
export function brokenCheck(values: readonly (number | null)[]): Count & { needsGuard: boolean } {
  const k = values.filter(fired).length;
  return { k, n: values.length, needsGuard: k > MOST_FIRED * values.length };
}
