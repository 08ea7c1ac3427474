import { InvalidEditError } from '../api/errors';

/** What an edit waits for: that a feature's latent, read before the edits of its site, is above a value. */
export interface Gate {
  layer: number;
  feature: number;
  above: number;
  /** Open at the tokens where the latent is above the value, or from there to the end of the turn. A plain text is one
   *  turn. */
  reach: 'token' | 'turn';
  /** Hysteresis: once open, the gate closes only where the latent is at most this. Without it: `above`. */
  until?: number;
}

const NUMBER = '(\\d{1,9}(?:\\.\\d{1,9})?(?:e[+-]?\\d{1,2})?)';
const FORM = new RegExp(`^(\\d{1,3}):(\\d{1,7})\\s*>\\s*${NUMBER}(?:\\s*(in\\s*turn)|\\s*until\\s*${NUMBER})?$`);

/** Reads the written form of Edit.when, with or without spaces: `3:650 > 5`, `3:650 > 5 in turn`,
 *  `3:650 > 5 until 2`. Throws InvalidEditError. */
export function parseWhen(text: string): Gate {
  // A program may hold any value here, whatever its type says.
  if (typeof text !== 'string') throw new InvalidEditError('"when" is words, such as 3:650 > 5.');
  const match = FORM.exec(text.trim());
  if (!match)
    throw new InvalidEditError(
      `"when" says "${text.slice(0, 80)}". Its forms are 3:650 > 5, 3:650 > 5 in turn and 3:650 > 5 until 2; values from 0 on.`,
    );
  const [, layer, feature, above, turn, until] = match;
  const gate: Gate = {
    layer: Number(layer),
    feature: Number(feature),
    above: Number(above),
    reach: turn ? 'turn' : 'token',
  };
  if (until !== undefined) gate.until = Number(until);
  if (![gate.above, gate.until ?? 0].every((value) => Number.isFinite(Math.fround(value))))
    throw new InvalidEditError(`"when" says "${text.slice(0, 80)}": a value is beyond float32.`);
  if (gate.until !== undefined && gate.until > gate.above)
    throw new InvalidEditError(
      `"when" says "${text.slice(0, 80)}": a gate that opens above ${gate.above} cannot close at ${gate.until}.`,
    );
  return gate;
}

/** The written form. Its values have nine digits, which tell every float32 from its neighbours. */
export function writeWhen({ layer, feature, above, reach, until }: Gate): string {
  const more = reach === 'turn' ? ' in turn' : until === undefined ? '' : ` until ${written(until)}`;
  return `${layer}:${feature} > ${written(above)}${more}`;
}

const WHOLE = new RegExp(`^${NUMBER}$`);

/** A number as `parseWhen` takes it: with an exponent where it would have too many digits without. */
function written(value: number): string {
  const nine = Number(value.toPrecision(9));
  return WHOLE.test(`${nine}`) ? `${nine}` : nine.toExponential();
}
