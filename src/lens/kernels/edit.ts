import { MOST_SLOTS } from './checks';
import type { Slot } from './compute';
import type { GpuRows } from './gpu-rows';
import type { MatrixFormat } from './layout';
import type { Recorder } from './recorder';
import { groupIndex, reduction, rowQuads } from './snippets';
import { type GpuDictionary, packedMatrix, packedPrelude } from './weights';

/**
 * Carry out each row's program on h in place. One workgroup a row: first every slot's latent and coefficient from the
 * unedited row, then the sum of all slots' moves, column by column, written only where something acted.
 *
 * The table: per row 4 words (first slot, slots, 0, 0), then per slot 8 words (mode, source row, strength,
 * preactivation, vector, relative, 0, 0).
 */

const MODES: Record<Slot['mode'], number> = { add: 0, scale: 1, clamp: 2, ablate: 3 };

const source = (format: MatrixFormat) => /* wgsl */ `
struct Args { rows: u32, h_row: u32, codes_row: u32, report_row: u32, d: u32, quads: u32, width: u32, k: u32 }
struct Slot { mode: u32, row: u32, strength: f32, preactivation: u32, along_vector: u32, relative: u32 }
const ADD = ${MODES.add}u;
const SCALE = ${MODES.scale}u;
const CLAMP = ${MODES.clamp}u;
@group(0) @binding(0) var<uniform> args: Args;
@group(0) @binding(1) var<storage, read> table: array<vec4<u32>>;
${rowQuads('h', 2, false, 'read_write')}
${packedPrelude(format)}${packedMatrix('encoder', 3, format)}${packedMatrix('decoder', 4, format)}
@group(0) @binding(5) var<storage, read> ids: array<u32>;
@group(0) @binding(6) var<storage, read> values: array<f32>;
${rowQuads('vectors', 7, false)}
@group(0) @binding(8) var<storage, read_write> report: array<f32>;
var<workgroup> latents: array<f32, ${MOST_SLOTS}>;
var<workgroup> coefficients: array<f32, ${MOST_SLOTS}>;
${groupIndex}${reduction('total', 'f32', '+')}

fn slot_at(i: u32) -> Slot {
  let a = table[args.rows + 2u * i];
  let b = table[args.rows + 2u * i + 1u];
  return Slot(a.x, a.y, bitcast<f32>(a.z), a.w, b.x, b.y);
}

fn coefficient(slot: Slot, z: f32, norm: f32) -> f32 {
  switch (slot.mode) {
    case ADD: { return slot.strength * select(1.0, norm, slot.relative == 1u); }
    case SCALE: { return slot.strength * z; }
    case CLAMP: { return select(0.0, slot.strength - z, z > 0.0 || slot.preactivation == 1u); }
    default: { return -slot.strength * z; }
  }
}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
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
    if (slot.mode != ADD && slot.preactivation == 0u && ids[code] == slot.row) { latents[i / args.k] = values[code]; }
  }
  for (var s = 0u; s < program.y; s++) {
    let slot = slot_at(program.x + s);
    if (slot.mode != ADD && slot.preactivation == 1u) {
      var part = 0.0;
      for (var q = lane; q < args.quads; q += 256u) { part += dot(encoder_quad(slot.row, q), h_quad(row, q)); }
      let p = total(part, lane) * encoder_scale(slot.row) + encoder_tail(slot.row >> 2u)[slot.row & 3u];
      if (lane == 0u) { latents[s] = select(0.0, p, p > 0.0); }
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
`;

function tableOf(programs: Slot[][]): Uint32Array {
  const slots = programs.reduce((sum, program) => sum + program.length, 0);
  const words = new Uint32Array(4 * programs.length + 8 * slots);
  const floats = new Float32Array(words.buffer);
  let next = 0;
  programs.forEach((program, i) => {
    words.set([next, program.length, 0, 0], 4 * i);
    for (const slot of program) {
      const at = 4 * programs.length + 8 * next++;
      words.set([MODES[slot.mode], slot.vector ?? slot.feature, 0, slot.on === 'preactivation' ? 1 : 0], at);
      words.set([slot.vector === undefined ? 0 : 1, slot.relative ? 1 : 0, 0, 0], at + 4);
      floats[at + 2] = slot.strength;
    }
  });
  return words;
}

/** One dispatch. `vectors` is never read where no slot names a vector; any buffer will do then. */
export function recordEdit(
  recorder: Recorder,
  dictionary: GpuDictionary,
  h: GpuRows,
  hRow: number,
  programs: Slot[][],
  ids: GpuRows,
  values: GpuRows,
  codesRow: number,
  vectors: { buffer: GPUBuffer; bytes: number },
  report: GpuRows,
  reportRow: number,
): void {
  const { encoder, decoder } = dictionary;
  recorder.dispatch({
    key: `edit ${dictionary.format}`,
    source: () => source(dictionary.format),
    args: [programs.length, hRow, codesRow, reportRow, dictionary.d, dictionary.quads, dictionary.width, dictionary.k],
    table: tableOf(programs),
    buffers: [
      h,
      { buffer: encoder, bytes: encoder.size },
      { buffer: decoder, bytes: decoder.size },
      ids,
      values,
      vectors,
      report,
    ],
    groups: programs.length,
  });
}
