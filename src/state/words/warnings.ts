import { fixed } from '../../lens/maths/figures';

/** Positions below this are read less well: explanations were learnt with more text before the token. */
const EARLY = 10;
/** A norm this many times above or below the site's median stands apart. */
const OUTLIER = 3;

interface Read {
  position: number;
  /** Whether it is an attention sink at the site. */
  sink: boolean;
  special: boolean;
  /** |h| at the token; null: not known. */
  norm: number | null;
  /** The site's median on held-out text; null: not stored. */
  median: number | null;
}

/** Reasons to doubt the words about a token before looking at their score, each in a sentence. */
export function warningsOf({ position, sink, special, norm, median }: Read): string[] {
  const said: string[] = [];
  if (position === 0) said.push('Position 0 is an attention sink: its activation says little about the text.');
  else if (sink) said.push('Attention sink: its activation says little about the text.');
  else if (position < EARLY)
    said.push(`Early token: only ${position === 1 ? '1 token precedes' : `${position} tokens precede`} it.`);
  if (special) said.push('Special token: verbalizers learn from text, not from these.');
  if (norm !== null && median !== null && median > 0) {
    const times = norm / median;
    if (times > OUTLIER) said.push(`Outlier: residual norm ${fixed(times, 1)} × the layer’s median.`);
    else if (times < 1 / OUTLIER) said.push(`Outlier: residual norm ${fixed(times, 2)} × the layer’s median.`);
  }
  return said;
}
