/** Damage to files, the same for the same random numbers in [0, 1): what disks, networks and people who mean harm do to
 *  bytes. */

type Random = () => number;
type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

/** Lengths and positions that parsers trip over; each is also written one more and one less. */
const LENGTHS = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 2 ** 53, 2 ** 63, 2 ** 64];
const DECIMALS = [
  '0',
  '-0',
  '-1',
  '1e308',
  '1e-400',
  '1.5',
  '4294967296',
  '9007199254740993',
  '00',
  '18446744073709551616',
  '1'.repeat(400),
];
const VALUES = [
  'null',
  'true',
  '[]',
  '{}',
  '""',
  '"__proto__"',
  '{"__proto__": 1}',
  '[[]]',
  '[null]',
  '"\\u0000"',
  '"\\ud800"',
  '[0, 4]',
  '"../x"',
  '"blocks.7.hook_resid_post"',
];
/** A byte order mark, an overlong slash, a lone surrogate, one above U+10FFFF, a sign that turns the line, combining
 *  marks, a wide character, NUL. */
const UNICODE = [
  [0xef, 0xbb, 0xbf],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x80, 0xae],
  [0xcc, 0x81, 0xcc, 0x81],
  [0xf0, 0x9f, 0x98, 0x80],
  [0],
];
const NESTS: [string, string][] = [
  ['[', ']'],
  ['{"a":', '}'],
  ['(', 't'],
  ['}', ''],
  [']', 'e'],
  ['\x85', ''],
  ['q\x00h\x00\x86', ''],
  ['- ', ''],
];

const below = (n: number, random: Random) => Math.floor(random() * n);
const pick = <T>(list: readonly T[], random: Random): T => list[below(list.length, random)]!;
const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** `put` in place of the bytes [begin, end). */
function replaced(bytes: Uint8Array, begin: number, end: number, put: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.length - (end - begin) + put.length);
  whole.set(bytes.subarray(0, begin));
  whole.set(put, begin);
  whole.set(bytes.subarray(end), begin + put.length);
  return whole;
}

/** A place, and the end of a stretch of at most `most` bytes from there. */
function stretch(bytes: Uint8Array, random: Random, most: number): [number, number] {
  const begin = below(bytes.length + 1, random);
  return [begin, Math.min(bytes.length, begin + below(most, random))];
}

const flip: Mutation = (bytes, random) => {
  const copy = bytes.slice();
  if (copy.length > 0) copy[below(copy.length, random)]! ^= 1 << below(8, random);
  return copy;
};

const overwrite: Mutation = (bytes, random) => {
  const copy = bytes.slice();
  for (let n = 1 + below(4, random); n > 0 && copy.length > 0; n--)
    copy[below(copy.length, random)] = below(256, random);
  return copy;
};

const length: Mutation = (bytes, random) => {
  const size = pick([1, 2, 4, 8], random);
  if (bytes.length < size) return bytes;
  const stated = BigInt(random() < 0.3 ? bytes.length : pick(LENGTHS, random)) + BigInt(below(3, random) - 1);
  const big = random() < 0.1;
  const put = Uint8Array.from({ length: size }, (_, i) =>
    Number((stated >> BigInt(8 * (big ? size - 1 - i : i))) & 255n),
  );
  const at = below(bytes.length - size + 1, random);
  return replaced(bytes, at, at + size, put);
};

const cut: Mutation = (bytes, random) => bytes.slice(0, below(bytes.length + 1, random));
const remove: Mutation = (bytes, random) => replaced(bytes, ...stretch(bytes, random, 64), new Uint8Array(0));

const repeat: Mutation = (bytes, random) => {
  const at = below(bytes.length + 1, random);
  return replaced(bytes, at, at, bytes.subarray(...stretch(bytes, random, 256)));
};

const splice: Mutation = (bytes, random, other) => {
  const [from, to] = [below(bytes.length + 1, random), below(other.length + 1, random)];
  return replaced(bytes, from, bytes.length, other.subarray(to));
};

const unicode: Mutation = (bytes, random) => {
  const at = below(bytes.length + 1, random);
  return replaced(
    bytes,
    at,
    at + (random() < 0.5 && at < bytes.length ? 1 : 0),
    Uint8Array.from(pick(UNICODE, random)),
  );
};

const nest: Mutation = (bytes, random) => {
  const [open, close] = pick(NESTS, random);
  const depth = pick([3, 100, 2000, 20_000], random);
  const inside = ascii(open.repeat(depth) + (random() < 0.8 ? close.repeat(depth) : ''));
  const [begin, end] = random() < 0.6 ? valueIn(bytes, random) : stretch(bytes, random, 8);
  return replaced(bytes, begin, end, inside);
};

const number: Mutation = (bytes, random) => {
  const runs = [...new TextDecoder('latin1').decode(bytes).matchAll(/-?\d+/g)];
  if (runs.length === 0) return bytes;
  const run = pick(runs, random);
  return replaced(bytes, run.index, run.index + run[0].length, ascii(pick(DECIMALS, random)));
};

const value: Mutation = (bytes, random) =>
  replaced(bytes, ...valueIn(bytes, random), ascii(` ${pick(VALUES, random)}`));

/** Where one of the values of JSON or YAML stands; any stretch where there is none. */
function valueIn(bytes: Uint8Array, random: Random): [number, number] {
  const colons = colonsOf(bytes);
  return colons.length > 0 ? valueAfter(bytes, pick(colons, random)) : stretch(bytes, random, 8);
}

const colonsOf = (bytes: Uint8Array) => Array.from(bytes.keys()).filter((i) => bytes[i] === 0x3a);

/** What stands between a colon and the next comma, bracket or line's end. */
function valueAfter(bytes: Uint8Array, colon: number): [number, number] {
  let end = colon + 1;
  while (end < bytes.length && !',]}\n'.includes(String.fromCharCode(bytes[end]!))) end++;
  return [colon + 1, end];
}

/** `bytes` once for each of its values, with a list there that is nested so deep that no recursion gets to its end. */
export function nestedEach(bytes: Uint8Array): Uint8Array[] {
  const deep = ascii('['.repeat(20_000) + ']'.repeat(20_000));
  return colonsOf(bytes).map((colon) => replaced(bytes, ...valueAfter(bytes, colon), deep));
}

const MUTATIONS = [flip, flip, overwrite, length, length, cut, remove, repeat, splice, unicode, nest, number, value];

/** `bytes` after one mutation, or two or three, which is rarer: most of what is damaged twice fails at the first check;
 *  `other` is what a splice takes its second half from. */
export function mutate(bytes: Uint8Array, random: Random, other: Uint8Array = bytes): Uint8Array {
  let result = bytes;
  for (let n = pick([1, 1, 1, 2, 3], random); n > 0; n--) result = pick(MUTATIONS, random)(result, random, other);
  return result;
}
