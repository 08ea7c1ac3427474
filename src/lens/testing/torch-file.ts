/** Torch files put together by hand, for what torch.save here does not write: other layouts, and lies. */

const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

export function joined(...parts: (Uint8Array | string | number[])[]): Uint8Array<ArrayBuffer> {
  const bytes = parts.map((part) => (typeof part === 'string' ? ascii(part) : part));
  const whole = new Uint8Array(bytes.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of bytes) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** `n` bytes, little-endian. */
export function le(value: number, n: 2 | 4 | 8): number[] {
  return Array.from({ length: n }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 255n));
}

export interface ZipPart {
  name: string;
  bytes: Uint8Array;
  /** What its records say, where that is not the truth. */
  says?: { method?: number; flags?: number; size?: number; inflated?: number; begin?: number; localName?: string };
  /** Sizes and place in the extra field of 64 bits. */
  wide?: boolean;
}

interface ZipWriting {
  /** As torch.save writes them; false: the short end record alone. */
  zip64?: boolean;
  says?: { count?: number; length?: number; begin?: number; wideCount?: number };
}

/** A zip in torch.save's layout: entries padded to 64 bytes by an extra field `FB`, a data descriptor behind each. */
export function zipOf(parts: ZipPart[], { zip64 = true, says: whole = {} }: ZipWriting = {}): Uint8Array<ArrayBuffer> {
  let body = new Uint8Array(0);
  const directory: Uint8Array[] = [];
  for (const { name, bytes, says = {}, wide = false } of parts) {
    const begin = body.length;
    const { method = 0, flags = 0x0808, size = bytes.length, inflated = size, localName = name } = says;
    const padding = 63 - ((begin + 30 + name.length + 4 + 63) % 64);
    const extra = joined('FB', le(padding, 2), new Uint8Array(padding).fill(0x5a));
    const fixed = [...le(flags, 2), ...le(method, 2), 0, 0, 0, 0];
    const local = joined(
      'PK\x03\x04',
      le(0, 2),
      fixed,
      le(0, 4),
      le(0, 4),
      le(0, 4),
      le(localName.length, 2),
      le(extra.length, 2),
      localName,
      extra,
    );
    body = joined(body, local, bytes, 'PK\x07\x08', le(0, 4), le(size, 4), le(size, 4));
    const at = says.begin ?? begin;
    const narrow = (value: number) => le(wide ? 0xffffffff : value, 4);
    const wideExtra = wide ? joined(le(1, 2), le(24, 2), le(inflated, 8), le(size, 8), le(at, 8)) : new Uint8Array(0);
    const sizes = [
      ...le(0, 4),
      ...narrow(size),
      ...narrow(inflated),
      ...le(name.length, 2),
      ...le(wideExtra.length, 2),
      ...le(0, 2),
    ];
    directory.push(
      joined('PK\x01\x02', le(0, 2), le(0, 2), fixed, sizes, le(0, 2), le(0, 2), le(0, 4), narrow(at), name, wideExtra),
    );
  }
  const central = joined(...directory);
  const { count = parts.length, length = central.length, begin = body.length, wideCount = count } = whole;
  const end64 = joined(
    'PK\x06\x06',
    le(44, 8),
    le(0x1e, 2),
    le(0x2d, 2),
    le(0, 4),
    le(0, 4),
    le(wideCount, 8),
    le(wideCount, 8),
    le(length, 8),
    le(begin, 8),
  );
  const locator = joined('PK\x06\x07', le(0, 4), le(body.length + central.length, 8), le(1, 4));
  const end = joined('PK\x05\x06', le(0, 4), le(count, 2), le(count, 2), le(length, 4), le(begin, 4), le(0, 2));
  return zip64 ? joined(body, central, end64, locator, end) : joined(body, central, end);
}

export class TensorSpec {
  /** `stride` and `count` of a tensor that has its storage for itself, where they are not given. */
  constructor(
    readonly key: string,
    readonly shape: number[],
    readonly options: { type?: string; offset?: number; stride?: number[]; count?: number } = {},
  ) {}
}

export type Picklable = TensorSpec | number | string | { [key: string]: Picklable };

const text = (value: string) => {
  const bytes = new TextEncoder().encode(value);
  return joined('X', le(bytes.length, 4), bytes);
};
const integer = (value: number) => (value < 2 ** 31 ? joined('J', le(value, 4)) : joined('\x8a\x08', le(value, 8)));
const tuple = (values: number[]) => joined('(', ...values.map(integer), 't');

function op(value: Picklable): Uint8Array {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return integer(value);
  if (!(value instanceof TensorSpec))
    return joined('}(', ...Object.entries(value).flatMap(([key, item]) => [text(key), op(item)]), 'u');
  const { key, shape, options } = value;
  const rowMajor = shape.map((_, i) => shape.slice(i + 1).reduce((product, n) => product * n, 1));
  const {
    type = 'FloatStorage',
    offset = 0,
    stride = rowMajor,
    count = shape.reduce((product, n) => product * n, 1),
  } = options;
  const storage = joined('(', text('storage'), `ctorch\n${type}\n`, text(key), text('cpu'), integer(count), 'tQ');
  return joined(
    'ctorch._utils\n_rebuild_tensor_v2\n(',
    storage,
    integer(offset),
    tuple(shape),
    tuple(stride),
    '\x89ccollections\nOrderedDict\n)RtR',
  );
}

/** Protocol 2, in torch.save's opcodes. */
export function pickleOf(value: Picklable): Uint8Array<ArrayBuffer> {
  return joined('\x80\x02', op(value), '.');
}

/** A torch file of this dict and these storages. */
export function torchOf(
  value: Picklable,
  storages: Record<string, Uint8Array>,
  more: ZipPart[] = [],
): Uint8Array<ArrayBuffer> {
  const data = Object.entries(storages).map(([key, bytes]) => ({ name: `archive/data/${key}`, bytes }));
  return zipOf([
    { name: 'archive/data.pkl', bytes: pickleOf(value) },
    ...more,
    ...data,
    { name: 'archive/version', bytes: ascii('3\n') },
  ]);
}
