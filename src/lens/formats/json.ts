import { CorruptFileError } from '../api/errors';

/** A UTF-8 JSON file as plain data. Throws CorruptFileError that names the file. */
export function parseJson(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    // The parser's own words quote the file's bytes.
    throw new CorruptFileError(`${file} is not JSON in UTF-8: it breaks off or is damaged. Download it again.`, {
      file,
    });
  }
}

/** Typed reading of one untrusted JSON object. Every refusal is a CorruptFileError with file and key. */
export class JsonObject {
  private readonly values: Map<string, unknown>;
  readonly file: string;

  constructor(value: unknown, file: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new CorruptFileError(`${file} does not hold a JSON object.`, { file });
    this.values = new Map(Object.entries(value));
    this.file = file;
  }

  /** The bare value; undefined where the key is missing or null. */
  get(key: string): unknown {
    return this.values.get(key) ?? undefined;
  }

  entries(): [string, unknown][] {
    return [...this.values];
  }

  integer(key: string, min: number, max: number): number {
    const value = this.get(key);
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
      this.refuse(key, `must be a whole number from ${min} to ${max}`);
    return value;
  }

  /** A finite number in [min, max]. */
  number(key: string, min: number, max: number): number {
    const value = this.get(key);
    if (typeof value !== 'number' || !(value >= min && value <= max))
      this.refuse(key, `must be a number from ${min} to ${max}`);
    return value;
  }

  boolean(key: string, otherwise: boolean): boolean {
    const value = this.get(key) ?? otherwise;
    if (typeof value !== 'boolean') this.refuse(key, 'must be true or false');
    return value;
  }

  /** A text of 1 to `most` UTF-16 units. */
  text(key: string, most: number): string {
    const value = this.get(key);
    if (typeof value !== 'string' || value === '' || value.length > most)
      this.refuse(key, `must be a text of 1 to ${most} characters`);
    return value;
  }

  oneOf<T extends string>(key: string, known: readonly T[]): T {
    const value = known.find((word) => word === this.get(key));
    if (value === undefined) this.refuse(key, `must be one of ${known.join(', ')}`);
    return value;
  }

  list(key: string, most: number): unknown[] {
    const value = this.get(key);
    if (!Array.isArray(value) || value.length > most) this.refuse(key, `must be a list of at most ${most} entries`);
    return value as unknown[];
  }

  object(key: string): JsonObject | null {
    const value = this.get(key);
    return value === undefined ? null : new JsonObject(value, `${this.file}: ${key}`);
  }

  refuse(key: string, rule: string): never {
    throw refusal(this.file, key, rule, this.get(key));
  }
}

/** An error that says which rule a key's value breaks; `rule` continues the sentence after the key. */
export const refusal = (file: string, key: string, rule: string, value: unknown): CorruptFileError =>
  new CorruptFileError(`${file}: "${key}" ${rule}, but is ${shown(value)}.`, { file, key });

/** A value for a message. JSON.parse accepts deep nesting that makes JSON.stringify throw a RangeError. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value) && value.some((entry) => typeof entry === 'object')) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return 'an object';
  const text = JSON.stringify(Array.isArray(value) ? value.slice(0, 60) : value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
