import { InvalidOptionError } from '../../api/errors';

/** Throws InvalidOptionError with what must hold, unless it does. A figure from numbers out of range would look like any
 *  other figure. */
export function demand(holds: boolean, what: string): void {
  if (!holds) throw new InvalidOptionError(what);
}

/** A share strictly between 0 and 1: a level, a power. */
export function demandShare(value: number, name: string): void {
  demand(value > 0 && value < 1, `${name} must lie between 0 and 1; it is ${value}.`);
}

/** A whole number from `least` on. */
export function demandCount(value: number, name: string, least = 0): void {
  demand(
    Number.isSafeInteger(value) && value >= least,
    `${name} must be a whole number from ${least}; it is ${value}.`,
  );
}

/** Numbers, at least `least` of them, all finite. */
export function demandNumbers(values: readonly number[], name: string, least = 1): void {
  demand(values.length >= least, `${name} must be ${least} or more; there are ${values.length}.`);
  demand(values.every(Number.isFinite), `${name} must all be finite numbers.`);
}
