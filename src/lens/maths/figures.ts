/** Figures as the page and the library write them: minus is −, decimals align, what is no number is a dash. */

const MINUS = '−';
const NOTHING = '–';

/** 3.14159, 2 -> "3.14"; −0.00 is written 0.00. */
export function fixed(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** With the sign always written, but for zero: +1.00, −0.35, 0.00. */
export function signed(value: number, digits: number): string {
  const text = fixed(value, digits);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/** A probability in three places: .318, 1.000, <.001. */
export function probability(p: number): string {
  if (!Number.isFinite(p)) return NOTHING;
  if (p > 0 && p < 0.0005) return '<.001';
  return p.toFixed(3).replace(/^0/, '');
}

/** A share as it is scored, in two places: .93, 1.00, −.10. */
export const score = (share: number | null | undefined): string => fixed(share, 2).replace(/^(−?)0\./, '$1.');

/** An activation or norm in about three significant figures: 0.042, 3.14, 128. */
export function figure(value: number): string {
  const size = Math.abs(value);
  return fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3);
}

/** .3124 -> "31 %", .0042 -> "0.4 %"; what is not zero never reads as zero: "<0.1 %". */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return '<0.1 %';
  return Number.isFinite(share) ? `${fixed(share * 100, share < 0.095 ? 1 : 0)} %` : NOTHING;
}

/** A KL in nats in three places: 0.736; what is not zero never reads as zero: <.001. */
export function nats(value: number | null | undefined): string {
  if (typeof value === 'number' && value !== 0 && Math.abs(value) < 0.0005) return '<.001';
  return fixed(value, 3);
}

/** 6144 -> "6,144". */
export const count = (n: number): string => n.toLocaleString('en-US');

/** 1, "file" -> "1 file"; 6144, "file" -> "6,144 files". */
export const counted = (n: number, what: string): string => `${count(n)} ${what}${n === 1 ? '' : 's'}`;

/** 3.44 GB, 537 MB, 0.2 MB, 43 kB: of powers of a thousand bytes, as disks and networks count. */
export function bytesSay(bytes: number): string {
  const { unit, size, digits } = unitFor(bytes);
  return `${fixed(bytes / size, digits)} ${unit}`;
}

/** "1.20 of 3.44 GB": both in the unit of the whole. "5.0 MB" where the total is unknown, nothing where no bytes are
 *  counted. */
export function bytesOf(loaded: number, total: number): string {
  if (!loaded && !total) return '';
  if (total <= 0) return bytesSay(loaded);
  const { unit, size, digits } = unitFor(total);
  return `${fixed(loaded / size, digits)} of ${fixed(total / size, digits)} ${unit}`;
}

function unitFor(bytes: number): { unit: string; size: number; digits: number } {
  if (bytes >= 1e9) return { unit: 'GB', size: 1e9, digits: 2 };
  if (bytes >= 1e5) return { unit: 'MB', size: 1e6, digits: bytes >= 1e8 ? 0 : 1 };
  return { unit: 'kB', size: 1e3, digits: 0 };
}

/** 13 MB: how large a file is, and how large one may be. */
export const megabytes = (bytes: number): string => `${count(Math.round(bytes / 1e6))} MB`;

/** 1,024 MiB, rounded up: of 2^20 bytes, as the limits of a GPU count. */
export const mebibytes = (bytes: number): string => `${count(Math.ceil(bytes / 2 ** 20))} MiB`;

/** 1.2e-6 -> "1.2e−6". */
export const scientific = (value: number): string =>
  Number.isFinite(value) ? value.toExponential(1).replace('-', MINUS) : NOTHING;

/** 0, 2 and 3. */
export function listed(items: readonly (string | number)[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
