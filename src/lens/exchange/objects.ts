/** Objects in untrusted data, and what is said of what is none or has too much. */

/** Most characters of a key in a message. */
export const LONGEST_KEY = 60;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const noObject = (value: unknown): string =>
  value === undefined ? 'must be an object' : 'does not hold a JSON object';

export const unknownKey = (key: string): string =>
  `has the key ${JSON.stringify(key.slice(0, LONGEST_KEY))}, which is not known here. It may be of a newer Lenslet`;
