/** Files that were damaged, for tests of parsers. `random`: numbers in [0, 1). */

const HOSTILE: unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e308,
  2 ** 53,
  '',
  '0',
  '\u0000',
  [],
  [[]],
  {},
  [-1],
  { a: 1 },
  'x'.repeat(30_000),
];

/** `value` with one place, anywhere in it, replaced, removed or added; it is changed itself. */
export function damage(value: unknown, random: () => number): unknown {
  const pick = <T>(list: T[]): T => list[Math.floor(random() * list.length)]!;
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0 || random() < 0.08)
    return pick(HOSTILE);
  const copy = value as Record<string, unknown>;
  const key = pick(Object.keys(copy));
  const kind = random();
  if (kind < 0.7) copy[key] = damage(copy[key], random);
  else if (kind < 0.9) delete copy[key];
  else if (!Array.isArray(copy)) copy[pick(['__proto__', 'constructor', 'extra'])] = structuredClone(copy[key]);
  return copy;
}

/** `text` cut off somewhere, or with one other character in it. */
export function mangle(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length);
  return random() < 0.5
    ? text.slice(0, at)
    : `${text.slice(0, at)}${String.fromCharCode(random() * 128)}${text.slice(at + 1)}`;
}
