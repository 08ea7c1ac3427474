import { MOST_SLOTS } from './checks';
import type { Programs, Rows, Slice, Slot } from './compute';
import { latentOf } from './encode';
import { kernel, reads, writes } from './kernel';
import type { MatrixFormat } from './layout';
import type { Recorder } from './recorder';
import { main, reduction, rowQuads } from './snippets';
import { type GpuDictionary, packed } from './weights';

/**
 * Carry out each row's program on h in place. One workgroup a row: first every slot's latent and coefficient from the
 * unedited row, then the sum of all slots' moves, column by column, written only where something acted. A latent is read
 * from the row's codes. Where these are full, and may not be all that is active, one that is not among them is computed.
 *
 * The table: per row 4 words (first slot, slots, 0, 0), then per slot 8 words (mode, source row, strength,
 * on, vector, relative, gate, row). `gate`: the column of its flag, from 1 on, or 0; `row`: that of its program.
 */

const MODES: Record<Slot['mode'], number> = { add: 0, scale: 1, clamp: 2, ablate: 3 };
/** The mode of a slot whose gate is closed. */
const CLOSED = 4;
const ON: Record<Slot['on'], number> = { everywhere: 0, active: 1, preactivation: 2 };

const edit = (format: MatrixFormat) =>
  kernel({
    name: `edit ${format}`,
    args: ['rows', 'h_row', 'codes_row', 'report_row', 'd', 'quads', 'width', 'k', 'capped'],
    bindings: {
      table: reads('vec4<u32>'),
      h: rowQuads(false, 'read_write'),
      encoder: packed[format],
      decoder: packed[format],
      ids: reads('u32'),
      values: reads('f32'),
      vectors: rowQuads(false),
      report: writes('f32'),
    },
    body: () => /* wgsl */ `
struct Slot { mode: u32, row: u32, strength: f32, on: u32, along_vector: u32, relative: u32 }
const ADD = ${MODES.add}u;
const SCALE = ${MODES.scale}u;
const CLAMP = ${MODES.clamp}u;
const CLOSED = ${CLOSED}u;
const ACTIVE = ${ON.active}u;
const PREACTIVATION = ${ON.preactivation}u;
var<workgroup> latents: array<f32, ${MOST_SLOTS}>;
var<workgroup> coefficients: array<f32, ${MOST_SLOTS}>;
${reduction('total', 'f32', '+')}${latentOf}
fn slot_at(i: u32) -> Slot {
  let a = table[args.rows + 2u * i];
  let b = table[args.rows + 2u * i + 1u];
  return Slot(a.x, a.y, bitcast<f32>(a.z), a.w, b.x, b.y);
}

fn coefficient(slot: Slot, z: f32, norm: f32) -> f32 {
  switch (slot.mode) {
    case ADD: { return slot.strength * select(1.0, norm, slot.relative == 1u); }
    case SCALE: { return slot.strength * z; }
    case CLOSED: { return 0.0; }
    case CLAMP: { return select(slot.strength - z, 0.0, slot.on == ACTIVE && z == 0.0); }
    default: { return -slot.strength * z; }
  }
}
${main(256)} {
  let group = group_index(id, groups);
  if (group >= args.rows) { return; }
  let row = args.h_row + group;
  let program = table[group];

  var square = 0.0;
  for (var q = lane; q < args.quads; q += 256u) {
    let x = h_quad(row, q);
    square += dot(x, x);
  }
  let norm = sqrt(total(square, lane));

  for (var i = lane; i < program.y * args.k; i += 256u) {
    let slot = slot_at(program.x + i / args.k);
    let code = (args.codes_row + group) * args.k + i % args.k;
    if (slot.mode != ADD && slot.on != PREACTIVATION && ids[code] == slot.row) { latents[i / args.k] = values[code]; }
  }
  let beyond = args.capped == 1u && ids[(args.codes_row + group + 1u) * args.k - 1u] != 0xffffffffu;
  for (var s = 0u; s < program.y; s++) {
    let slot = slot_at(program.x + s);
    let bare = slot.on == PREACTIVATION;
    if (slot.mode != ADD && (bare || beyond)) {
      var part = 0.0;
      for (var q = lane; q < args.quads; q += 256u) { part += dot(encoder_quad(slot.row, q), h_quad(row, q)); }
      let sum = total(part, lane);
      if (lane == 0u && (bare || latents[s] == 0.0)) {
        let p = select(latent_of(sum, slot.row), preactivation_of(sum, slot.row), bare);
        latents[s] = select(0.0, p, p > 0.0);
      }
    }
  }
  workgroupBarrier();
  var acts = 0.0;
  if (lane < program.y) {
    coefficients[lane] = coefficient(slot_at(program.x + lane), latents[lane], norm);
    acts = select(0.0, 1.0, coefficients[lane] != 0.0);
  }
  let acted = total(acts, lane);

  var change = 0.0;
  for (var q = lane; q < args.quads; q += 256u) {
    var delta = vec4<f32>(0.0);
    for (var s = 0u; s < program.y; s++) {
      if (coefficients[s] == 0.0) { continue; }
      let slot = slot_at(program.x + s);
      if (slot.along_vector == 1u) {
        delta += coefficients[s] * vectors_quad(slot.row, q);
      } else {
        delta += (coefficients[s] * decoder_scale(slot.row)) * decoder_quad(slot.row, q);
      }
    }
    change += dot(delta, delta);
    if (acted > 0.0) {
      for (var c = 0u; c < 4u; c++) {
        if (4u * q + c < args.d) { h[row * args.d + 4u * q + c] += delta[c]; }
      }
    }
  }
  let moved = sqrt(total(change, lane));
  if (lane == 0u) {
    let at = 4u * (args.report_row + group);
    report[at] = acted;
    report[at + 1u] = moved;
    report[at + 2u] = norm;
    report[at + 3u] = 0.0;
  }
}
`,
  });

/** The table, its slots with closed gates marked as such. A dispatch of its own: the flags are one buffer more than the
 *  edit may bind on every device. */
const close = kernel({
  name: 'close edits',
  args: ['rows', 'words', 'flags_row', 'columns'],
  bindings: { table: reads('vec4<u32>'), flags: reads('u32'), out: writes('vec4<u32>') },
  body: () => /* wgsl */ `${main(256)} {
  let i = group_index(id, groups) * 256u + lane;
  if (i >= args.words) { return; }
  out[i] = table[i];
  if (i < args.rows || (i - args.rows) % 2u == 1u) { return; }
  let slot = table[i + 1u];
  if (slot.z == 0u) { return; }
  if (flags[(args.flags_row + slot.w) * args.columns + slot.z - 1u] == 0u) { out[i].x = ${CLOSED}u; }
}
`,
});

/** One dispatch, into a buffer that `scratch` gives. */
function closed(
  recorder: Recorder,
  programs: Slot[][],
  flags: Slice,
  scratch: (bytes: number) => GPUBuffer,
): { buffer: GPUBuffer; bytes: number } {
  const table = tableOf(programs);
  const out = { buffer: scratch(table.byteLength), bytes: table.byteLength };
  const words = table.length / 4;
  recorder.dispatch(close, {
    args: { rows: programs.length, words, flags_row: flags.from, columns: flags.rows.cols },
    bindings: { table, flags: flags.rows, out },
    groups: Math.ceil(words / 256),
  });
  return out;
}

function tableOf(programs: Slot[][]): Uint32Array {
  const slots = programs.reduce((sum, program) => sum + program.length, 0);
  const words = new Uint32Array(4 * programs.length + 8 * slots);
  const floats = new Float32Array(words.buffer);
  let next = 0;
  programs.forEach((program, i) => {
    words.set([next, program.length, 0, 0], 4 * i);
    for (const slot of program) {
      const at = 4 * programs.length + 8 * next++;
      words.set([MODES[slot.mode], slot.vector ?? slot.feature, 0, ON[slot.on]], at);
      const gate = slot.gate === undefined ? 0 : slot.gate + 1;
      words.set([slot.vector === undefined ? 0 : 1, slot.relative ? 1 : 0, gate, i], at + 4);
      floats[at + 2] = slot.strength;
    }
  });
  return words;
}

/** One dispatch, and one before it if a slot has a gate: this one writes into a buffer that `scratch` gives. */
export function recordEdit(
  recorder: Recorder,
  dictionary: GpuDictionary,
  { h, programs, codes, vectors, report, flags }: Programs & { vectors: Rows },
  scratch: (bytes: number) => GPUBuffer,
): void {
  const { d, quads, width, k, format, encoder, decoder } = dictionary;
  const capped = dictionary.activation === 'threshold' ? 1 : 0;
  const rows = programs.length;
  const { ids, values } = codes.rows;
  const gated = programs.some((slots) => slots.some(({ gate }) => gate !== undefined));
  recorder.dispatch(edit(format), {
    args: { rows, h_row: h.from, codes_row: codes.from, report_row: report.from, d, quads, width, k, capped },
    bindings: {
      table: flags && gated ? closed(recorder, programs, flags, scratch) : tableOf(programs),
      h: h.rows,
      encoder: { buffer: encoder },
      decoder: { buffer: decoder },
      ids,
      values,
      vectors,
      report: report.rows,
    },
    groups: rows,
  });
}
