/** Figures as the page and the library write them, one function a quantity. Minus is −, a number below one keeps its
 *  zero (0.318), thousands are grouped, decimals align; what is no number is a dash, and what is not zero never reads
 *  as zero. */

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

/** A number that a reader set, in all its digits, with the sign always written but for zero: +1.40, −0.00125, +12,345,
 *  +3e38. */
export function exactly(value: number): string {
  const size = Math.abs(value);
  const text =
    size >= 1e15 || (size > 0 && size < 1e-6)
      ? value.toExponential().replace('e+', 'e')
      : value.toLocaleString('en-US', { minimumFractionDigits: size < 1000 ? 2 : 0, maximumFractionDigits: 20 });
  return (value > 0 ? '+' : '') + text.replaceAll('-', MINUS);
}

/** In three places, but for what is smaller than they show. */
function inThree(value: number | null | undefined): string {
  return typeof value === 'number' && value !== 0 && Math.abs(value) < 0.0005 ? '<0.001' : fixed(value, 3);
}

/** A probability in three places: 0.318, 1.000, <0.001. */
export const probability = (p: number): string => inThree(p);

/** A share as it is scored (FVE, precision, recall, a rate, a relative error), in two places: 0.93, −0.10. */
export const score = (share: number | null | undefined): string => fixed(share, 2);

/** A cosine in three places: where most are close to 1, all that counts is behind 0.9. */
export const cosine = (value: number | null | undefined): string => fixed(value, 3);

/** A fraction of variance unexplained, in three places: 0.064. */
export const fvu = (value: number | null | undefined): string => fixed(value, 3);

/** A KL in nats, in three places: 0.736, <0.001. From 100 on one does, from 1,000 on none, so that it fits its column
 *  and its axis. */
export function nats(value: number | null | undefined): string {
  if (value && Number.isFinite(value) && value >= 999.95) return count(Math.round(value));
  return value && value >= 99.9995 ? fixed(value, 1) : inThree(value);
}

/** −log p in nats, in two places: 5.28. A log probability is written so too, with its sign. */
export const surprisal = (value: number | null | undefined): string => fixed(value, 2);

/** A perplexity: 46.2, 1,616, from 10^5 on 2.2e6. It has no upper bound and its column has. */
export function ppl(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  if (value >= 99_999.5) return scientific(value);
  return value >= 999.95 ? count(Math.round(value)) : fixed(value, 1);
}

/** An activation or norm in about three significant figures: 3.2e−8, 0.042, 3.14, 128, 12,345, 1.2e6. */
export function figure(value: number): string {
  const size = Math.abs(value);
  if (size >= 999_999.5 || (size > 0 && size < 0.0005)) return scientific(value);
  if (size >= 999.5) return value < 0 ? MINUS + count(Math.round(size)) : count(Math.round(size));
  return fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3);
}

/** 0.3124 -> "31 %", 0.0042 -> "0.4 %". What is not none never reads as none, nor what is not all as all: "<0.1 %",
 *  ">99.9 %", "100.2 %". From a million on it is 3.7e8 %. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return '<0.1 %';
  if (!Number.isFinite(share)) return NOTHING;
  if (share < 1 && share >= 0.9995) return '>99.9 %';
  if (share > 1 && share < 1.0005) return '>100 %';
  if (share >= 9999.995) return `${scientific(share * 100)} %`;
  if (share >= 9.995) return `${count(Math.round(share * 100))} %`;
  const nearAll = share !== 1 && share >= 0.995 && share < 1.005;
  return `${fixed(share * 100, share < 0.095 || nearAll ? 1 : 0)} %`;
}

/** Two values of one quantity, which `write` writes, with as many places as tell them apart: 0.0024 and 0.0019 where
 *  three places would be 0.002 twice. Equal values are written alike. */
export function apart(a: number, b: number, write: (value: number) => string): [string, string] {
  const usual: [string, string] = [write(a), write(b)];
  if (a === b || usual[0] !== usual[1]) return usual;
  const exponent = Math.floor(Math.log10(Math.max(Math.abs(a), Math.abs(b))));
  // Nine digits tell every float32 from its neighbours.
  for (let digits = 1; digits <= 9; digits++) {
    const more = (value: number) =>
      exponent < -4 ? scientific(value, digits - 1) : fixed(value, Math.max(0, digits - 1 - exponent));
    const now: [string, string] = [more(a), more(b)];
    if (now[0] !== now[1]) return now;
  }
  return usual;
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

/** 1.24e-6 -> "1.2e−6", 2225287 -> "2.2e6". */
export const scientific = (value: number, digits = 1): string =>
  Number.isFinite(value) ? value.toExponential(digits).replace('+', '').replaceAll('-', MINUS) : NOTHING;

/** 0, 2 and 3. */
export function listed(items: readonly (string | number)[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
