import { InvalidOptionError } from '../api/errors';
import * as check from './checks';
import { type Codes, type Compute, type Dictionary, later, type Rows, STATS } from './compute';
import { recordDecode } from './decode';
import { recordDecoderRow } from './decoder-row';
import { uploadDictionaryParts } from './dictionary-upload';
import { recordEdit } from './edit';
import { recordPreactivations } from './encode';
import { recordGate } from './gate';
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
 * more than 128 MiB. Dispatches: encode 3 per chunk, edit 2 where a slot has a gate, everything else 1; copies and
 * clears count 0. `destroy` frees scratch and staging, but neither the device nor anything the caller must release.
 * `scratchBytes`: most bytes of pre-activations at a time; longer texts are encoded in chunks of rows. A table of
 * operations, each of a few lines, which share the recorder and the scratch: hence its length.
 */
export function createWebGpuCompute(device: GPUDevice, scratchBytes = SCRATCH_BYTES): Compute {
  const recorder = new Recorder(device);
  /** Bound in place of the vectors if no edit names one. */
  const nothing = new GpuRows(1, 4, storageBuffer(device, 16, 'nothing'));
  const scratch = new Map<string, GPUBuffer>();

  function scratchOf(what: string, bytes: number): GPUBuffer {
    const known = scratch.get(what);
    if (known && known.size >= bytes) return known;
    if (known) recorder.retire(known);
    const made = storageBuffer(device, bytes, what);
    scratch.set(what, made);
    return made;
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
    copy(from, to, count) {
      check.checkCopy(from, to, count);
      const stride = from.rows.cols * 4;
      const [src, dst] = [gpuRows(from.rows).buffer, gpuRows(to.rows).buffer];
      recorder.copy(src, from.from * stride, dst, to.from * stride, count * stride);
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
        stats: this.rows(count, STATS),
      };
    },
    releaseCodes({ ids, values, stats }) {
      release(ids, values, stats);
    },

    encode(dictionary, h, count, out) {
      check.checkEncode(dictionary, h, count, out);
      const on = gpuDictionary(dictionary);
      const step = Math.max(1, Math.min(count, Math.floor(scratchBytes / (4 * on.width))));
      const p = scratchOf('The pre-activations', step * on.width * 4);
      for (let r = 0; r < count; r += step) {
        const some = { h: later(h, r), count: Math.min(step, count - r), out: later(out, r) };
        recordPreactivations(recorder, on, some, p);
        recordCodes(recorder, on, some, p);
        recordDecode(recorder, on, some, p);
      }
    },
    preactivation(dictionary, h, feature, out) {
      check.checkPreactivation(dictionary, h, feature, out);
      recordPreactivation(recorder, gpuDictionary(dictionary), h, feature, out, false);
    },
    aboveThreshold(dictionary, h, feature, out) {
      check.checkPreactivation(dictionary, h, feature, out);
      recordPreactivation(recorder, gpuDictionary(dictionary), h, feature, out, true);
    },
    decoderRow(dictionary, feature, out) {
      check.checkDecoderRow(dictionary, feature, out);
      recordDecoderRow(recorder, gpuDictionary(dictionary), feature, out);
    },
    similar(dictionary, feature, out) {
      check.checkSimilar(dictionary, feature, out);
      recordSimilar(recorder, gpuDictionary(dictionary), feature, out);
    },
    scatter(dictionary, codes, count, out) {
      check.checkScatter(dictionary, codes, count, out);
      recordScatter(recorder, dictionary, codes, count, out);
    },
    gate(dictionary, gates) {
      check.checkGate(dictionary, gates);
      recordGate(recorder, gpuDictionary(dictionary), gates);
    },
    edit(dictionary, edits) {
      check.checkEdit(dictionary, edits);
      const moved = { ...edits, vectors: edits.vectors ?? nothing };
      recordEdit(recorder, gpuDictionary(dictionary), moved, (bytes) => scratchOf('The edits', bytes));
    },
    match(matched) {
      check.checkMatch(matched);
      recordMatch(recorder, matched);
    },
    topk(x, count, n, ids, values) {
      check.checkTopk(x, count, n, ids, values);
      recordTopk(recorder, x, count, ids, values);
    },
    logsumexp(x, count, targets, out) {
      check.checkLogsumexp(x, count, targets, out);
      recordLogsumexp(recorder, x, count, targets, out);
    },
    kl(p, q, pairs, out) {
      check.checkKl(p, q, pairs, out);
      recordKl(recorder, p, q, pairs, out);
    },
    takeDispatches: () => recorder.takeDispatches(),
    destroy() {
      recorder.destroy();
      nothing.buffer.destroy();
      for (const buffer of scratch.values()) buffer.destroy();
    },
  };
}
