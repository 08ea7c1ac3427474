import { CorruptFileError, UnsupportedModelError } from '../api/errors';

/**
 * A pickle of torch.save, read as data. It imports, calls and looks up nothing. A call that the pickle asks Python for
 * becomes a record, and only for the names below; any other opcode or name is refused. Opcodes: CPython's
 * Lib/pickletools.py.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | PickleList
  | PickleTuple
  | PickleDict
  | PickleGlobal
  | PickleCall
  | PicklePersistent;

export class PickleList {
  readonly items: PickleValue[] = [];
}
export class PickleTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}
/** A dict or OrderedDict. Keys compare as in a Map: two equal tuples are two keys. */
export class PickleDict {
  readonly entries = new Map<PickleValue, PickleValue>();
}
/** `torch._utils._rebuild_tensor_v2` and the like: only a name. */
export class PickleGlobal {
  constructor(readonly name: string) {}
}
/** A call that Python would make: the name and the arguments. */
export class PickleCall {
  constructor(
    readonly name: string,
    readonly args: readonly PickleValue[],
  ) {}
}
/** A persistent id: torch's reference to a storage. */
export class PicklePersistent {
  constructor(readonly id: PickleValue) {}
}
const ORDERED = 'collections.OrderedDict';
/** Allowed calls, with their least and most number of arguments. */
const CALLS: Readonly<Record<string, readonly [number, number]>> = {
  [ORDERED]: [0, 0],
  'torch._utils._rebuild_tensor_v2': [6, 7],
  'torch._utils._rebuild_parameter': [3, 3],
};
const STORAGE = /^torch\.(Double|Float|Half|BFloat16|Long|Int|Short|Char|Byte|Bool)Storage$/;

export const MAX_PICKLE = 4_000_000;
/** Every object takes at least one byte of pickle; this limit keeps a file of empty dicts from taking a hundred times
 *  its size. */
const MAX_OBJECTS = 250_000;
const MAX_STACK = 100_000;
const MAX_MARKS = 1000;

/** Throws CorruptFileError if the pickle ends early or contradicts itself, UnsupportedModelError if it holds anything
 *  but dicts of tensors and plain values. */
export function parsePickle(bytes: Uint8Array, file: string): PickleValue {
  if (bytes.length > MAX_PICKLE)
    throw corrupt(file, `has ${bytes.length} bytes, more than the ${MAX_PICKLE} that are allowed`);
  return new Unpickler(bytes, file).run();
}

class Unpickler {
  private readonly view: DataView;
  private readonly stack: PickleValue[] = [];
  /** Stack heights at each mark. */
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private objects = 0;
  private at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly file: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PickleValue {
    for (;;) {
      const at = this.at;
      const opcode = this.view.getUint8(this.take(1));
      if (opcode === 0x2e) return this.stop();
      if (!this.step(opcode)) {
        throw new UnsupportedModelError(
          `${this.file} holds the pickle opcode 0x${opcode.toString(16).padStart(2, '0')} at byte ${at}, which torch.save does not write for tensors. Nothing in it was executed.`,
          { file: this.file, opcode },
        );
      }
      if (this.stack.length > MAX_STACK || this.objects > MAX_OBJECTS)
        throw corrupt(this.file, 'holds more objects than a file of tensors has');
    }
  }

  /** Executes an opcode; false if it is not supported. */
  private step(opcode: number): boolean {
    switch (opcode) {
      case 0x80: // PROTO
        return this.protocol();
      case 0x95: // FRAME: how many bytes follow before the next one, for readers of pipes
        this.take(8);
        return true;
      case 0x28: // MARK
        this.marks.push(this.stack.length);
        if (this.marks.length > MAX_MARKS) throw corrupt(this.file, `is nested more than ${MAX_MARKS} deep`);
        return true;
      case 0x4e: // NONE
        return this.push(null);
      case 0x88: // NEWTRUE
        return this.push(true);
      case 0x89: // NEWFALSE
        return this.push(false);
      case 0x4b: // BININT1
        return this.push(this.view.getUint8(this.take(1)));
      case 0x4d: // BININT2
        return this.push(this.view.getUint16(this.take(2), true));
      case 0x4a: // BININT
        return this.push(this.view.getInt32(this.take(4), true));
      case 0x8a: // LONG1
        return this.push(this.long(this.view.getUint8(this.take(1))));
      case 0x47: // BINFLOAT
        return this.push(this.view.getFloat64(this.take(8)));
      case 0x58: // BINUNICODE
        return this.push(this.text(this.view.getUint32(this.take(4), true)));
      case 0x8c: // SHORT_BINUNICODE
        return this.push(this.text(this.view.getUint8(this.take(1))));
      case 0x5d: // EMPTY_LIST
        return this.push(new PickleList());
      case 0x7d: // EMPTY_DICT
        return this.push(new PickleDict());
      case 0x29: // EMPTY_TUPLE
        return this.push(new PickleTuple([]));
      case 0x85: // TUPLE1, TUPLE2, TUPLE3
      case 0x86:
      case 0x87:
        return this.push(new PickleTuple(this.popMany(opcode - 0x84)));
      case 0x74: // TUPLE
        return this.push(new PickleTuple(this.popToMark()));
      case 0x61: // APPEND
        return this.append(this.popMany(1));
      case 0x65: // APPENDS
        return this.append(this.popToMark());
      case 0x73: // SETITEM
        return this.set(this.popMany(2));
      case 0x75: // SETITEMS
        return this.set(this.popToMark());
      case 0x71: // BINPUT
        return this.remember(this.view.getUint8(this.take(1)));
      case 0x72: // LONG_BINPUT
        return this.remember(this.view.getUint32(this.take(4), true));
      case 0x94: // MEMOIZE
        return this.remember(this.memo.size);
      case 0x68: // BINGET
        return this.recall(this.view.getUint8(this.take(1)));
      case 0x6a: // LONG_BINGET
        return this.recall(this.view.getUint32(this.take(4), true));
      case 0x63: // GLOBAL
        return this.global(this.line(), this.line());
      case 0x93: // STACK_GLOBAL
        return this.global(...(this.popMany(2) as [PickleValue, PickleValue]));
      case 0x52: // REDUCE
        return this.call();
      case 0x62: // BUILD
        return this.build();
      case 0x51: // BINPERSID
        return this.push(new PicklePersistent(this.pop()));
      default:
        return false;
    }
  }

  private stop(): PickleValue {
    const value = this.pop();
    if (this.stack.length > 0 || this.marks.length > 0) throw corrupt(this.file, 'ends with values left over');
    if (this.at !== this.bytes.length)
      throw corrupt(this.file, `has ${this.bytes.length - this.at} bytes behind its end`);
    return value;
  }

  private protocol(): true {
    const version = this.view.getUint8(this.take(1));
    if (version < 2 || version > 5)
      throw new UnsupportedModelError(
        `${this.file} is a pickle of protocol ${version}; torch.save writes 2. Nothing in it was executed.`,
        { file: this.file },
      );
    return true;
  }

  /** In Python, `getattr(module, name)`; here only the name, and only one that tensors need. */
  private global(module: PickleValue, name: PickleValue): true {
    const full = `${typeof module === 'string' ? module : '?'}.${typeof name === 'string' ? name : '?'}`;
    if (!Object.hasOwn(CALLS, full) && !STORAGE.test(full)) {
      throw new UnsupportedModelError(
        `${this.file} asks Python for ${JSON.stringify(full.slice(0, 120))}, which a file of tensors does not need. Nothing in it was executed.`,
        { file: this.file, global: full.slice(0, 120) },
      );
    }
    return this.push(new PickleGlobal(full));
  }

  private call(): true {
    const [callee, args] = this.popMany(2);
    const allowed =
      callee instanceof PickleGlobal && Object.hasOwn(CALLS, callee.name) ? CALLS[callee.name] : undefined;
    if (!allowed || !(callee instanceof PickleGlobal) || !(args instanceof PickleTuple))
      throw corrupt(this.file, 'calls what is no function');
    const { items } = args;
    if (items.length < allowed[0] || items.length > allowed[1])
      throw corrupt(this.file, `gives ${callee.name} ${items.length} arguments`);
    return this.push(callee.name === ORDERED ? new PickleDict() : new PickleCall(callee.name, items));
  }

  /** A state_dict keeps its versions as an attribute of the OrderedDict; nothing here reads them. */
  private build(): true {
    const [target] = this.popMany(2) as [PickleValue, PickleValue];
    if (!(target instanceof PickleDict)) throw corrupt(this.file, 'gives attributes to what has none');
    return this.push(target);
  }

  private append(items: PickleValue[]): true {
    const list = this.top();
    if (!(list instanceof PickleList)) throw corrupt(this.file, 'appends to what is no list');
    for (const item of items) list.items.push(item);
    return true;
  }

  private set(items: PickleValue[]): true {
    const dict = this.top();
    if (!(dict instanceof PickleDict) || items.length % 2 !== 0)
      throw corrupt(this.file, 'sets items of what is no dict');
    for (let i = 0; i < items.length; i += 2) dict.entries.set(items[i]!, items[i + 1]!);
    return true;
  }

  private remember(id: number): true {
    this.memo.set(id, this.top());
    return true;
  }

  private recall(id: number): true {
    const value = this.memo.get(id);
    if (value === undefined) throw corrupt(this.file, `asks for value ${id}, which it did not store`);
    return this.push(value);
  }

  private push(value: PickleValue): true {
    this.stack.push(value);
    this.objects++;
    return true;
  }

  /** The last value above the last mark. */
  private top(): PickleValue {
    const value = this.stack.length > (this.marks.at(-1) ?? 0) ? this.stack.at(-1) : undefined;
    if (value === undefined) throw corrupt(this.file, 'takes more values than it has');
    return value;
  }

  private pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  private popMany(n: number): PickleValue[] {
    if (this.stack.length - n < (this.marks.at(-1) ?? 0)) throw corrupt(this.file, 'takes more values than it has');
    return this.stack.splice(this.stack.length - n);
  }

  private popToMark(): PickleValue[] {
    const mark = this.marks.pop();
    if (mark === undefined) throw corrupt(this.file, 'closes what it did not open');
    return this.stack.splice(mark);
  }

  /** Returns the position of the next `n` bytes, and moves past them. */
  private take(n: number): number {
    const at = this.at;
    if (at + n > this.bytes.length)
      throw corrupt(this.file, `ends after ${this.bytes.length} bytes, in the middle of a value`);
    this.at += n;
    return at;
  }

  private text(length: number): string {
    const at = this.take(length);
    return decode(this.bytes.subarray(at, at + length), this.file);
  }

  /** Reads a module or a name: up to the end of the line. */
  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw corrupt(this.file, 'ends in the middle of a name');
    const line = decode(this.bytes.subarray(this.at, end), this.file);
    this.at = end + 1;
    return line;
  }

  /** Two's complement of `n` bytes. */
  private long(n: number): number {
    const at = this.take(n);
    if (n > 8) throw corrupt(this.file, `holds a number of ${n} bytes`);
    let value = 0n;
    for (let i = n - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[at + i]!);
    const number = Number(BigInt.asIntN(8 * n, value));
    if (!Number.isSafeInteger(number)) throw corrupt(this.file, `holds the number ${number}, above 2^53`);
    return number;
  }
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw corrupt(file, 'holds a text that is not UTF-8');
  }
}

function corrupt(file: string, why: string): CorruptFileError {
  return new CorruptFileError(`${file} is damaged: its pickle ${why}. Download it again. Nothing in it was executed.`, {
    file,
  });
}
