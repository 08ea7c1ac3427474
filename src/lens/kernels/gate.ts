import type { GateSlot, Gates } from './compute';
import { latentOf } from './encode';
import { kernel, reads, writes } from './kernel';
import type { MatrixFormat } from './layout';
import type { Recorder } from './recorder';
import { main, reduction, rowQuads } from './snippets';
import { type GpuDictionary, packed } from './weights';

/**
 * Gates over the codes of sequences. One workgroup a sequence and gate: all lanes look for the feature in the codes of
 * 256 rows, then one walks down these rows, since each flag follows from the one before. Where a row's codes are
 * full, and may not be all that is active, the latent is computed as an edit's is (edit.ts).
 *
 * The table: per gate 4 words (feature, above, until, column). Latents and bounds are compared by their bits, which
 * for numbers from 0 on have the numbers' order: a device may flush subnormals, or take NaN for anything.
 */

/** In place of `until`, of a gate that stays open until a turn begins; no number's bits. */
const TURN = 0xffffffff;

const gate = (format: MatrixFormat) =>
  kernel({
    name: `gate ${format}`,
    args: [
      'gates',
      'sequences',
      'tokens',
      'h_row',
      'codes_row',
      'd',
      'quads',
      'width',
      'k',
      'capped',
      'before_row',
      'flags_row',
      'columns',
    ],
    bindings: {
      table: reads('vec4<u32>'),
      begins: reads('u32'),
      h: rowQuads(false),
      encoder: packed[format],
      ids: reads('u32'),
      values: reads('u32'),
      flags: writes('u32'),
    },
    body: () => /* wgsl */ `
const TURN = ${TURN}u;
const INFINITY = 0x7f800000u;
const UNUSED = 0xffffffffu;
var<workgroup> latents: array<u32, 256>;
${reduction('total', 'f32', '+')}${latentOf}${main(256)} {
  let group = group_index(id, groups);
  if (group >= args.gates * args.sequences) { return; }
  let sequence = group / args.gates;
  let gate = table[group % args.gates];
  let turn = gate.z == TURN;
  var open = false;
  if (lane == 0u) { open = flags[(args.before_row + sequence) * args.columns + gate.w] != 0u; }
  for (var start = 0u; start < args.tokens; start += 256u) {
    let count = min(256u, args.tokens - start);
    let first = sequence * args.tokens + start;
    latents[lane] = 0u;
    workgroupBarrier();
    let code = (args.codes_row + first) * args.k;
    for (var i = lane; i < count * args.k; i += 256u) {
      let z = values[code + i];
      if (ids[code + i] == gate.x && z <= INFINITY) { latents[i / args.k] = z; }
    }
    for (var t = 0u; t < count * args.capped; t++) {
      if (ids[code + (t + 1u) * args.k - 1u] == UNUSED) { continue; }
      var part = 0.0;
      for (var q = lane; q < args.quads; q += 256u) {
        part += dot(encoder_quad(gate.x, q), h_quad(args.h_row + first + t, q));
      }
      let z = bitcast<u32>(latent_of(total(part, lane), gate.x));
      if (lane == 0u && latents[t] == 0u && z <= INFINITY) { latents[t] = z; }
    }
    workgroupBarrier();
    if (lane == 0u) {
      for (var t = 0u; t < count; t++) {
        let z = latents[t];
        if (turn && begins[first + t] == 1u) { open = false; }
        open = z > gate.y || (open && (turn || z > gate.z));
        flags[(args.flags_row + first + t) * args.columns + gate.w] = select(0u, 1u, open);
      }
    }
    workgroupBarrier();
  }
}
`,
  });

function tableOf(gates: GateSlot[]): Uint32Array {
  const words = new Uint32Array(4 * gates.length);
  const floats = new Float32Array(words.buffer);
  for (const [i, { feature, above, until = above, reach, column }] of gates.entries()) {
    words.set([feature, 0, TURN, column], 4 * i);
    floats[4 * i + 1] = above;
    if (reach === 'token') floats[4 * i + 2] = until;
  }
  return words;
}

/** One dispatch. */
export function recordGate(recorder: Recorder, dictionary: GpuDictionary, gates: Gates): void {
  const { d, quads, width, k, format, activation, encoder } = dictionary;
  const { begins, h, codes, flags, sequences, before } = gates;
  recorder.dispatch(gate(format), {
    args: {
      gates: gates.gates.length,
      sequences,
      tokens: begins.length / sequences,
      h_row: h.from,
      codes_row: codes.from,
      ...{ d, quads, width, k, capped: activation === 'threshold' ? 1 : 0 },
      before_row: before,
      flags_row: flags.from,
      columns: flags.rows.cols,
    },
    bindings: {
      table: tableOf(gates.gates),
      begins: Uint32Array.from(begins, Number),
      h: h.rows,
      encoder: { buffer: encoder },
      ids: codes.rows.ids,
      values: codes.rows.values,
      flags: flags.rows,
    },
    groups: gates.gates.length * sequences,
  });
}
