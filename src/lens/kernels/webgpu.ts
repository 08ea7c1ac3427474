import { InvalidOptionError } from '../api/errors';
import * as check from './checks';
import type { Codes, Compute, Dictionary, Rows } from './compute';
import { recordDecode } from './decode';
import { recordDecoderRow } from './decoder-row';
import { uploadDictionaryParts } from './dictionary-upload';
import { recordEdit } from './edit';
import { recordPreactivations } from './encode';
import { GpuRows, gpuRows, storageBuffer } from './gpu-rows';
import { recordKl } from './kl';
import { recordLogsumexp } from './logsumexp';
import { recordMatch } from './match';
import { recordPreactivation } from './preactivation';
import { Recorder } from './recorder';
import { recordScatter } from './scatter';
import { recordSimilar } from './similar';
import { recordCodes, recordTopk } from './topk';
import { GpuDictionary, uploadDictionary } from './weights';

const SCRATCH_BYTES = 64 * 2 ** 20;

function gpuDictionary(dictionary: Dictionary): GpuDictionary {
  if (!(dictionary instanceof GpuDictionary))
    throw new InvalidOptionError('This dictionary is not on the GPU; use the Compute that made it.');
  return dictionary;
}

/**
 * Every operation as WGSL on `device`, which needs no feature and no limit above WebGPU's defaults, but for matrices of
 * more than 128 MiB. Dispatches: encode 3 per chunk, everything else 1; copies and clears are none. `destroy` frees
 * scratch and staging, not the device nor what the caller has not released. `scratchBytes`: most bytes of
 * pre-activations at a time; longer texts are encoded in chunks of rows.
 */
export function createWebGpuCompute(device: GPUDevice, scratchBytes = SCRATCH_BYTES): Compute {
  const recorder = new Recorder(device);
  const nothing = storageBuffer(device, 16, 'nothing');
  let scratch: GPUBuffer | null = null;

  function scratchOf(bytes: number): GPUBuffer {
    if (scratch && scratch.size >= bytes) return scratch;
    if (scratch) recorder.retire(scratch);
    scratch = storageBuffer(device, bytes, 'The pre-activations');
    return scratch;
  }

  function release(...list: Rows[]): void {
    for (const rows of list) recorder.retire(gpuRows(rows).buffer);
  }

  return {
    rows(rows, cols, data) {
      if (data) check.checkData(rows, cols, data.length);
      const buffer = storageBuffer(device, rows * cols * 4, `Rows [${rows}, ${cols}]`, data !== undefined);
      if (data) {
        const words = new Uint32Array(data.buffer, data.byteOffset, data.length);
        new Uint32Array(buffer.getMappedRange()).set(words);
        buffer.unmap();
      }
      return new GpuRows(rows, cols, buffer);
    },
    release,
    copy(src, srcRow, dst, dstRow, count) {
      check.checkCols(dst, src.cols, 'The destination');
      check.checkRange(src, srcRow, count, 'The source');
      check.checkRange(dst, dstRow, count, 'The destination');
      const stride = src.cols * 4;
      recorder.copy(gpuRows(src).buffer, srcRow * stride, gpuRows(dst).buffer, dstRow * stride, count * stride);
    },
    flush() {
      recorder.flush();
    },
    async read(list) {
      const parts = await recorder.read(
        list.map((rows) => ({ buffer: gpuRows(rows).buffer, bytes: rows.rows * rows.cols * 4 })),
      );
      return parts.map((part) => new Float32Array(part));
    },

    dictionary(weights) {
      check.checkWeights(weights);
      return uploadDictionary(device, weights);
    },
    dictionaryFromParts: (parts, options) => uploadDictionaryParts(device, recorder, parts, options),
    releaseDictionary(dictionary) {
      const { encoder, decoder } = gpuDictionary(dictionary);
      recorder.retire(encoder);
      recorder.retire(decoder);
    },
    codes(dictionary, count): Codes {
      return {
        ids: this.rows(count, dictionary.k),
        values: this.rows(count, dictionary.k),
        stats: this.rows(count, 4),
      };
    },
    releaseCodes({ ids, values, stats }) {
      release(ids, values, stats);
    },

    encode(dictionary, h, hRow, count, out, outRow) {
      check.checkEncode(dictionary, h, hRow, count, out, outRow);
      const on = gpuDictionary(dictionary);
      const [x, ids, values, stats] = [gpuRows(h), gpuRows(out.ids), gpuRows(out.values), gpuRows(out.stats)];
      const step = Math.max(1, Math.min(count, Math.floor(scratchBytes / (4 * on.width))));
      const p = scratchOf(step * on.width * 4);
      for (let r = 0; r < count; r += step) {
        const some = Math.min(step, count - r);
        recordPreactivations(recorder, on, x, hRow + r, some, p);
        recordCodes(recorder, p, on.width, some, x, hRow + r, ids, values, stats, outRow + r);
        recordDecode(recorder, on, x, hRow + r, some, ids, values, stats, outRow + r);
      }
    },
    preactivation(dictionary, h, count, feature, out) {
      check.checkPreactivation(dictionary, h, count, feature, out);
      recordPreactivation(recorder, gpuDictionary(dictionary), gpuRows(h), count, feature, gpuRows(out));
    },
    decoderRow(dictionary, feature, out, row) {
      check.checkDecoderRow(dictionary, feature, out, row);
      recordDecoderRow(recorder, gpuDictionary(dictionary), feature, gpuRows(out), row);
    },
    similar(dictionary, feature, out) {
      check.checkSimilar(dictionary, feature, out);
      recordSimilar(recorder, gpuDictionary(dictionary), feature, gpuRows(out));
    },
    scatter(dictionary, codes, row, count, out) {
      check.checkScatter(dictionary, codes, row, count, out);
      recordScatter(
        recorder,
        dictionary.width,
        dictionary.k,
        gpuRows(codes.ids),
        gpuRows(codes.values),
        row,
        count,
        gpuRows(out),
      );
    },
    edit(dictionary, h, hRow, programs, codes, codesRow, vectors, report, reportRow) {
      check.checkEdit(dictionary, h, hRow, programs, codes, codesRow, vectors, report, reportRow);
      const along = vectors ? gpuRows(vectors) : { buffer: nothing, bytes: nothing.size };
      const [ids, values] = [gpuRows(codes.ids), gpuRows(codes.values)];
      recordEdit(
        recorder,
        gpuDictionary(dictionary),
        gpuRows(h),
        hRow,
        programs,
        ids,
        values,
        codesRow,
        along,
        gpuRows(report),
        reportRow,
      );
    },
    match(h, hRow, moves, directions, source, report, reportRow) {
      check.checkMatch(h, hRow, moves, directions, source, report, reportRow);
      recordMatch(recorder, gpuRows(h), hRow, moves, gpuRows(directions), gpuRows(source), gpuRows(report), reportRow);
    },
    topk(x, count, n, ids, values) {
      check.checkTopk(x, count, n, ids, values);
      recordTopk(recorder, gpuRows(x), count, n, gpuRows(ids), gpuRows(values));
    },
    logsumexp(x, count, targets, out) {
      check.checkLogsumexp(x, count, targets, out);
      recordLogsumexp(recorder, gpuRows(x), count, targets, gpuRows(out));
    },
    kl(p, q, pairs, out) {
      check.checkKl(p, q, pairs, out);
      recordKl(recorder, gpuRows(p), gpuRows(q), pairs, gpuRows(out));
    },
    takeDispatches: () => recorder.takeDispatches(),
    destroy() {
      recorder.destroy();
      nothing.destroy();
      scratch?.destroy();
    },
  };
}
