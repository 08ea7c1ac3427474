import { InvalidOptionError, UnsupportedModelError } from '../api/errors';
import { float16ToFloat32 } from '../formats/halves';
import * as check from './checks';
import type { Codes, Compute, Dictionary, Rows } from './compute';
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

function words(rows: Rows): Uint32Array {
  const a = cpuArray(rows);
  return new Uint32Array(a.buffer, a.byteOffset, a.length);
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
  get bytes() {
    const { encoder, decoder, encoderBias, decoderBias, center } = this.plain;
    return [encoder, decoder, encoderBias, decoderBias, center].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }
}

function plainOf(dictionary: Dictionary): oracle.PlainDictionary {
  if (!(dictionary instanceof CpuDictionary))
    throw new InvalidOptionError('This dictionary is not in host memory; use the Compute that made it.');
  return dictionary.plain;
}

/** Rows of pre-activations at a time: 64 MiB at most, one row at least. */
const scratchRows = (width: number, count: number) => Math.max(1, Math.min(count, Math.floor(2 ** 24 / width)));

/** The safety net: every operation at once, on the host, with the oracle's loops. */
export function createWasmCompute(): Compute {
  let scratch = new Float32Array(0);
  return {
    rows(rows, cols, data) {
      const made = new CpuRows(rows, cols, new Float32Array(rows * cols));
      if (data) {
        check.checkData(rows, cols, data.length);
        words(made).set(new Uint32Array(data.buffer, data.byteOffset, data.length));
      }
      return made;
    },
    release() {},
    copy(src, srcRow, dst, dstRow, count) {
      check.checkCols(dst, src.cols, 'The destination');
      check.checkRange(src, srcRow, count, 'The source');
      check.checkRange(dst, dstRow, count, 'The destination');
      words(dst).set(words(src).subarray(srcRow * src.cols, (srcRow + count) * src.cols), dstRow * dst.cols);
    },
    flush() {},
    async read(list) {
      return list.map((rows) => new Float32Array(words(rows).slice().buffer));
    },

    dictionary(weights) {
      check.checkWeights(weights);
      const floats = (a: Float32Array | Uint16Array) => (a instanceof Uint16Array ? float16ToFloat32(a) : a);
      const { d, width, k, encoderBias, decoderBias, center } = weights;
      return new CpuDictionary({
        d,
        width,
        k,
        encoder: floats(weights.encoder),
        decoder: floats(weights.decoder),
        encoderBias,
        decoderBias,
        center,
      });
    },
    async dictionaryFromParts() {
      throw new UnsupportedModelError(
        'Dictionaries that are kept in pieces need WebGPU. Use a browser with WebGPU on a real GPU.',
      );
    },
    releaseDictionary() {},
    codes(dictionary, count): Codes {
      return {
        ids: this.rows(count, dictionary.k),
        values: this.rows(count, dictionary.k),
        stats: this.rows(count, 4),
      };
    },
    releaseCodes() {},

    encode(dictionary, h, hRow, count, out, outRow) {
      check.checkEncode(dictionary, h, hRow, count, out, outRow);
      const plain = plainOf(dictionary);
      const step = scratchRows(plain.width, count);
      if (scratch.length < step * plain.width) scratch = new Float32Array(step * plain.width);
      for (let r = 0; r < count; r += step) {
        const some = Math.min(step, count - r);
        oracle.encode(
          plain,
          cpuArray(h),
          hRow + r,
          some,
          words(out.ids),
          cpuArray(out.values),
          cpuArray(out.stats),
          outRow + r,
          scratch,
        );
      }
    },
    preactivation(dictionary, h, count, feature, out) {
      check.checkPreactivation(dictionary, h, count, feature, out);
      const result = cpuArray(out);
      for (let r = 0; r < count; r++)
        result[r] = oracle.reluPreactivation(plainOf(dictionary), cpuArray(h), r, feature);
    },
    decoderRow(dictionary, feature, out, row) {
      check.checkDecoderRow(dictionary, feature, out, row);
      const { d, decoder } = plainOf(dictionary);
      cpuArray(out).set(decoder.subarray(feature * d, (feature + 1) * d), row * d);
    },
    similar(dictionary, feature, out) {
      check.checkSimilar(dictionary, feature, out);
      oracle.similar(plainOf(dictionary), feature, cpuArray(out));
    },
    scatter(dictionary, codes, row, count, out) {
      check.checkScatter(dictionary, codes, row, count, out);
      oracle.scatter(
        dictionary.width,
        dictionary.k,
        words(codes.ids),
        cpuArray(codes.values),
        row,
        count,
        cpuArray(out),
      );
    },
    edit(dictionary, h, hRow, programs, codes, codesRow, vectors, report, reportRow) {
      check.checkEdit(dictionary, h, hRow, programs, codes, codesRow, vectors, report, reportRow);
      const plain = plainOf(dictionary);
      const along = vectors && cpuArray(vectors);
      programs.forEach((slots, i) => {
        oracle.editRow(
          plain,
          cpuArray(h),
          hRow + i,
          slots,
          words(codes.ids),
          cpuArray(codes.values),
          codesRow + i,
          along,
          cpuArray(report),
          reportRow + i,
        );
      });
    },
    match(h, hRow, moves, directions, source, report, reportRow) {
      check.checkMatch(h, hRow, moves, directions, source, report, reportRow);
      for (const move of moves)
        oracle.matchRow(
          h.cols,
          cpuArray(h),
          hRow,
          move,
          cpuArray(directions),
          cpuArray(source),
          cpuArray(report),
          reportRow,
        );
    },
    topk(x, count, n, ids, values) {
      check.checkTopk(x, count, n, ids, values);
      for (let r = 0; r < count; r++)
        oracle.topk(cpuArray(x), r * x.cols, x.cols, n, false, words(ids), cpuArray(values), r * n);
    },
    logsumexp(x, count, targets, out) {
      check.checkLogsumexp(x, count, targets, out);
      const logits = cpuArray(x);
      for (let r = 0; r < count; r++) {
        const target = targets?.[r] ?? oracle.UNUSED;
        cpuArray(out).set(
          [oracle.logsumexp(logits, r, x.cols), target === oracle.UNUSED ? 0 : logits[r * x.cols + target]!],
          r * 2,
        );
      }
    },
    kl(p, q, pairs, out) {
      check.checkKl(p, q, pairs, out);
      pairs.forEach((pair, i) => {
        cpuArray(out)[i] = oracle.kl(cpuArray(p), pair.p, cpuArray(q), pair.q, p.cols);
      });
    },
    takeDispatches: () => 0,
    destroy() {},
  };
}
