import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import { writeAt } from './write-at.mjs';

/** Writes what `torch.save({name: tensor, …}, path)` of PyTorch 1.13 writes for contiguous float32 tensors, byte for
 *  byte, without holding more than a piece of them. `chunks()` gives a tensor's numbers in order.
 *  @import { Tensor } from './qwen.mjs'
 *  @param {string} path
 *  @param {(Tensor & { chunks(): Iterable<Buffer> })[]} tensors */
export async function writeTorchFile(path, tensors) {
  const file = await open(path, 'w');
  try {
    const zip = new ZipWriter(file, basename(path).replace(/\.[^.]*$/, ''));
    await zip.add('data.pkl', [pickleOf(tensors)]);
    for (const [i, tensor] of tensors.entries()) {
      const size = await zip.add(`data/${i}`, tensor.chunks());
      if (size !== 4 * count(tensor.shape))
        throw new Error(`${tensor.name}: ${size} bytes came for the shape [${tensor.shape}].`);
    }
    await zip.add('version', [Buffer.from('3\n')]);
    return await zip.end();
  } finally {
    await file.close();
  }
}

const count = (/** @type {number[]} */ shape) => shape.reduce((product, n) => product * n, 1);

/** Stored, in a stream (sizes and checksum stand behind an entry), names in UTF-8. */
const FLAGS = 0x0808;
const ALIGNED = 64;

/** Entries that are stored as they are, each at a multiple of 64 bytes; smaller than 4 GiB in all. */
class ZipWriter {
  at = 0;
  entries = /** @type {{ name: Buffer, begin: number, size: number, crc: number }[]} */ ([]);

  constructor(/** @type {import('node:fs/promises').FileHandle} */ file, /** @type {string} */ folder) {
    this.file = file;
    this.folder = folder;
  }

  async write(/** @type {Buffer} */ buffer) {
    this.at = await writeAt(this.file, buffer, this.at);
  }

  /** Resolves to the entry's size. */
  async add(/** @type {string} */ path, /** @type {Iterable<Buffer>} */ chunks) {
    const name = Buffer.from(`${this.folder}/${path}`);
    const begin = this.at;
    await this.write(this.localHeader(name));
    let [size, crc] = [0, 0];
    for (const chunk of chunks) {
      crc = crc32(chunk, crc);
      size += chunk.length;
      await this.write(chunk);
    }
    await this.write(numbers(4, 0x08074b50, crc, size, size));
    this.entries.push({ name, begin, size, crc });
    return size;
  }

  /** Padded by an extra field of Z's, so that what follows is aligned. */
  localHeader(/** @type {Buffer} */ name) {
    const bare = this.at + 30 + name.length + 4;
    const padding = (ALIGNED - (bare % ALIGNED)) % ALIGNED;
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(FLAGS, 6);
    head.writeUInt16LE(name.length, 26);
    head.writeUInt16LE(4 + padding, 28);
    const extra = Buffer.alloc(4 + padding, 'Z');
    extra.write('FB', 0);
    extra.writeUInt16LE(padding, 2);
    return Buffer.concat([head, name, extra]);
  }

  /** The directory, and the end records, the 64-bit one first as torch writes it always. Resolves to the file's
   *  size. */
  async end() {
    const begin = this.at;
    for (const { name, begin: offset, size, crc } of this.entries) {
      const head = Buffer.alloc(46);
      head.writeUInt32LE(0x02014b50, 0);
      head.writeUInt16LE(FLAGS, 8);
      head.writeUInt32LE(crc, 16);
      head.writeUInt32LE(size, 20);
      head.writeUInt32LE(size, 24);
      head.writeUInt16LE(name.length, 28);
      head.writeUInt32LE(offset, 42);
      await this.write(Buffer.concat([head, name]));
    }
    const [entries, size, end] = [this.entries.length, this.at - begin, this.at];
    const record = Buffer.alloc(56);
    record.writeUInt32LE(0x06064b50, 0);
    record.writeUInt32LE(44, 4);
    record.writeUInt16LE(0x031e, 12);
    record.writeUInt16LE(0x002d, 14);
    record.writeUInt32LE(entries, 24);
    record.writeUInt32LE(entries, 32);
    record.writeUInt32LE(size, 40);
    record.writeUInt32LE(begin, 48);
    const locator = numbers(5, 0x07064b50, 0, end, 0, 1);
    const last = Buffer.alloc(22);
    last.writeUInt32LE(0x06054b50, 0);
    last.writeUInt16LE(entries, 8);
    last.writeUInt16LE(entries, 10);
    last.writeUInt32LE(size, 12);
    last.writeUInt32LE(begin, 16);
    await this.write(Buffer.concat([record, locator, last]));
    return this.at;
  }
}

function numbers(/** @type {number} */ length, /** @type {number[]} */ ...values) {
  const buffer = Buffer.alloc(4 * length);
  for (const [i, value] of values.entries()) buffer.writeUInt32LE(value, 4 * i);
  return buffer;
}

/** The dict of tensors in Python's pickle protocol 2, memorised as Python's own pickler does. */
export function pickleOf(/** @type {Tensor[]} */ tensors) {
  const pickle = new Pickler();
  pickle.op('\x80\x02}').memorise();
  pickle.op('(');
  for (const [i, { name, shape }] of tensors.entries()) {
    pickle.text(name, null);
    pickle.global('torch._utils\n_rebuild_tensor_v2\n').op('((');
    pickle.text('storage').global('torch\nFloatStorage\n').text(String(i), null).text('cpu');
    pickle.integer(count(shape)).op('t').memorise().op('Q').integer(0);
    pickle.tuple(shape).tuple(shape.map((_, j) => count(shape.slice(j + 1))));
    pickle.op('\x89').global('collections\nOrderedDict\n').op(')R').memorise();
    pickle.op('t').memorise().op('R').memorise();
  }
  return pickle.op('u.').bytes();
}

class Pickler {
  parts = /** @type {Buffer[]} */ ([]);
  memo = /** @type {Map<string, number>} */ (new Map());
  next = 0;

  op(/** @type {string} */ text) {
    this.parts.push(Buffer.from(text, 'latin1'));
    return this;
  }

  memorise(/** @type {string | null} */ key = null) {
    if (key !== null) this.memo.set(key, this.next);
    this.parts.push(
      this.next < 256 ? Buffer.from([0x71, this.next]) : Buffer.concat([Buffer.from('r'), numbers(1, this.next)]),
    );
    this.next++;
    return this;
  }

  /** Writes an object once if Python holds it once. `key` null: an object of its own. */
  once(/** @type {string | null} */ key, /** @type {() => void} */ write) {
    const known = key === null ? undefined : this.memo.get(key);
    if (known === undefined) {
      write();
      return this.memorise(key);
    }
    this.parts.push(known < 256 ? Buffer.from([0x68, known]) : Buffer.concat([Buffer.from('j'), numbers(1, known)]));
    return this;
  }

  text(/** @type {string} */ text, /** @type {string | null} */ key = `text ${text}`) {
    const encoded = Buffer.from(text);
    return this.once(key, () => this.parts.push(Buffer.from('X'), numbers(1, encoded.length), encoded));
  }

  global(/** @type {string} */ name) {
    return this.once(`global ${name}`, () => this.op(`c${name}`));
  }

  integer(/** @type {number} */ value) {
    if (value < 256) this.parts.push(Buffer.from([0x4b, value]));
    else if (value < 65_536) this.parts.push(Buffer.from([0x4d, value & 255, value >> 8]));
    else this.parts.push(Buffer.from('J'), numbers(1, value));
    return this;
  }

  /** Of one or two numbers. */
  tuple(/** @type {number[]} */ values) {
    for (const value of values) this.integer(value);
    return this.op(values.length === 1 ? '\x85' : '\x86').memorise();
  }

  bytes() {
    return Buffer.concat(this.parts);
  }
}
