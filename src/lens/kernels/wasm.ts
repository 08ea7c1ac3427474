import { InvalidOptionError } from '../api/errors';
import { float16ToFloat32 } from '../formats/halves';
import * as check from './checks';
import { type Codes, type Compute, type Dictionary, later, type Rows, type Slice, STATS, slice } from './compute';
import { readDictionaryParts } from './dictionary-host';
import * as oracle from './oracle';

/** Rows in the host's memory. */
class CpuRows implements Rows {
  constructor(
    readonly rows: number,
    readonly cols: number,
    readonly array: Float32Array,
  ) {}
}

/** The array behind rows of the wasm net, row-major and live. Rows of u32 share its buffer: `new Uint32Array(a.buffer,
 *  a.byteOffset, a.length)`. */
export function cpuArray(rows: Rows): Float32Array {
  if (!(rows instanceof CpuRows))
    throw new InvalidOptionError('These rows are not in host memory; use the Compute that made them.');
  return rows.array;
}

const bits = (a: Float32Array) => new Uint32Array(a.buffer, a.byteOffset, a.length);

/** `count` rows of the slice, live. */
function numbersOf({ rows, from }: Slice, count = 1): Float32Array {
  return cpuArray(rows).subarray(from * rows.cols, (from + count) * rows.cols);
}

const wordsOf = (rows: Slice, count = 1) => bits(numbersOf(rows, count));

function codesOf({ rows, from }: Slice<Codes>, count = 1): oracle.PlainCodes {
  return {
    ids: wordsOf(slice(rows.ids, from), count),
    values: numbersOf(slice(rows.values, from), count),
    stats: numbersOf(slice(rows.stats, from), count),
  };
}

class CpuDictionary implements Dictionary {
  constructor(readonly plain: oracle.PlainDictionary) {}
  get d() {
    return this.plain.d;
  }
  get width() {
    return this.plain.width;
  }
  get k() {
    return this.plain.k;
  }
  get activation() {
    return this.plain.activation;
  }
  get bytes() {
    const arrays = Object.values(this.plain).filter((value) => value instanceof Float32Array);
    return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }
}

function plainOf(dictionary: Dictionary): oracle.PlainDictionary {
  if (!(dictionary instanceof CpuDictionary))
    throw new InvalidOptionError('This dictionary is not in host memory; use the Compute that made it.');
  return dictionary.plain;
}

/** Rows of pre-activations at a time: 64 MiB at most, one row at least. */
const scratchRows = (width: number, count: number) => Math.max(1, Math.min(count, Math.floor(2 ** 24 / width)));

/** The safety net: every operation at once, on the host, with the oracle's loops. A table of operations, each of a few
 *  lines: hence its length. */
export function createWasmCompute(): Compute {
  let scratch = new Float32Array(0);
  return {
    rows(rows, cols, data) {
      const made = new CpuRows(rows, cols, new Float32Array(rows * cols));
      if (data) {
        check.checkData(rows, cols, data.length);
        bits(made.array).set(new Uint32Array(data.buffer, data.byteOffset, data.length));
      }
      return made;
    },
    release() {},
    copy(from, to, count) {
      check.checkCopy(from, to, count);
      wordsOf(to, count).set(wordsOf(from, count));
    },
    flush() {},
    async read(list) {
      return list.map((rows) => new Float32Array(bits(cpuArray(rows)).slice().buffer));
    },

    dictionary(weights) {
      check.checkWeights(weights);
      const floats = (a: Float32Array | Uint16Array) => (a instanceof Uint16Array ? float16ToFloat32(a) : a);
      const { dtype: _, ...rest } = weights;
      return new CpuDictionary({ ...rest, encoder: floats(weights.encoder), decoder: floats(weights.decoder) });
    },
    async dictionaryFromParts(parts, options) {
      return this.dictionary(await readDictionaryParts(parts, options));
    },
    releaseDictionary() {},
    codes(dictionary, count): Codes {
      return {
        ids: this.rows(count, dictionary.k),
        values: this.rows(count, dictionary.k),
        stats: this.rows(count, STATS),
      };
    },
    releaseCodes() {},

    encode(dictionary, h, count, out) {
      check.checkEncode(dictionary, h, count, out);
      const plain = plainOf(dictionary);
      const step = scratchRows(plain.width, count);
      if (scratch.length < step * plain.width) scratch = new Float32Array(step * plain.width);
      for (let r = 0; r < count; r += step) {
        const some = Math.min(step, count - r);
        oracle.encode(plain, numbersOf(later(h, r), some), codesOf(later(out, r), some), scratch);
      }
    },
    preactivation(dictionary, h, feature, out) {
      check.checkPreactivation(dictionary, h, feature, out);
      for (let r = 0; r < out.rows; r++)
        cpuArray(out)[r] = oracle.reluPreactivation(plainOf(dictionary), numbersOf(slice(h, r)), feature);
    },
    aboveThreshold(dictionary, h, feature, out) {
      check.checkPreactivation(dictionary, h, feature, out);
      for (let r = 0; r < out.rows; r++)
        cpuArray(out)[r] = oracle.aboveThreshold(plainOf(dictionary), numbersOf(slice(h, r)), feature);
    },
    decoderRow(dictionary, feature, out) {
      check.checkDecoderRow(dictionary, feature, out);
      numbersOf(out).set(oracle.decoderRow(plainOf(dictionary), feature));
    },
    similar(dictionary, feature, out) {
      check.checkSimilar(dictionary, feature, out);
      oracle.similar(plainOf(dictionary), feature, cpuArray(out));
    },
    scatter(dictionary, codes, count, out) {
      check.checkScatter(dictionary, codes, count, out);
      oracle.scatter(dictionary, codesOf(codes, count), numbersOf(slice(out), count));
    },
    gate(dictionary, gates) {
      check.checkGate(dictionary, gates);
      const { sequences, begins, h, codes, flags, before } = gates;
      const plain = plainOf(dictionary);
      const tokens = begins.length / sequences;
      for (let s = 0; s < sequences; s++) {
        const own = [s * tokens, (s + 1) * tokens] as const;
        const rows = numbersOf(later(h, own[0]), tokens);
        const at = codesOf(later(codes, own[0]), tokens);
        for (const gate of gates.gates) {
          const open = wordsOf(slice(flags.rows, before + s))[gate.column] === 1;
          const said = oracle.gate(plain, gate, rows, at, begins.slice(...own), open);
          for (const [t, now] of said.entries()) wordsOf(later(flags, own[0] + t))[gate.column] = Number(now);
        }
      }
    },
    edit(dictionary, edits) {
      check.checkEdit(dictionary, edits);
      const { h, programs, codes, vectors, report, flags } = edits;
      const along = vectors && cpuArray(vectors);
      programs.forEach((slots, i) => {
        const row = numbersOf(later(h, i));
        const open = flags ? wordsOf(later(flags, i)) : null;
        const said = oracle.editRow(plainOf(dictionary), row, slots, codesOf(later(codes, i)), along, open);
        numbersOf(later(report, i)).set(said);
      });
    },
    match(matched) {
      check.checkMatch(matched);
      const { h, moves, directions, source, report } = matched;
      for (const move of moves) {
        const direction = numbersOf(slice(directions, move.direction));
        const said = oracle.matchRow(numbersOf(later(h, move.row)), direction, numbersOf(slice(source, move.source)));
        numbersOf(later(report, move.row)).set(said);
      }
    },
    topk(x, count, n, ids, values) {
      check.checkTopk(x, count, n, ids, values);
      for (let r = 0; r < count; r++)
        oracle.topk(numbersOf(slice(x, r)), false, wordsOf(slice(ids, r)), numbersOf(slice(values, r)));
    },
    logsumexp(x, count, targets, out) {
      check.checkLogsumexp(x, count, targets, out);
      for (let r = 0; r < count; r++) {
        const row = numbersOf(slice(x, r));
        const target = targets?.[r] ?? oracle.UNUSED;
        numbersOf(slice(out, r)).set([oracle.logsumexp(row), target === oracle.UNUSED ? 0 : row[target]!]);
      }
    },
    kl(p, q, pairs, out) {
      check.checkKl(p, q, pairs, out);
      pairs.forEach((pair, i) => {
        cpuArray(out)[i] = oracle.kl(numbersOf(slice(p, pair.p)), numbersOf(slice(q, pair.q)));
      });
    },
    takeDispatches: () => 0,
    destroy() {},
  };
}
