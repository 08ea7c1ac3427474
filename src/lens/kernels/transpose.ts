import type { Recorder } from './recorder';
import { groupIndex } from './snippets';

/** Tiles of 32 by 32 halves through workgroup memory. A lane writes words of two halves; at a piece's edges, where a word belongs to two pieces, it keeps the
 *  other half. */
const wgsl = /* wgsl */ `
struct Args { first: u32, rows: u32, cols: u32, begin: u32, count: u32, quads: u32 }
@group(0) @binding(0) var<uniform> args: Args;
@group(0) @binding(1) var<storage, read> source: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<u32>;
var<workgroup> tile: array<u32, ${32 * 33}>;
${groupIndex}
fn half_at(i: u32) -> u32 { return (source[i >> 1u] >> (16u * (i & 1u))) & 0xffffu; }

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let across = (args.count + 31u) / 32u;
  let group = group_index(id, groups);
  let first_feature = 32u * (group % across);
  let start = (args.first & 0xfffffffeu) + 32u * (group / across);
  let end = args.first + args.rows;
  if (start >= end) { return; }
  for (var i = lane >> 5u; i < 32u; i += 8u) {
    let column = start + i;
    let feature = first_feature + (lane & 31u);
    var half = 0u;
    if (column >= args.first && column < end && feature < args.count) { half = half_at((column - args.first) * args.cols + args.begin + feature); }
    tile[33u * i + (lane & 31u)] = half;
  }
  workgroupBarrier();
  for (var i = lane; i < 512u; i += 256u) {
    let feature = i >> 4u;
    let column = start + 2u * (i & 15u);
    if (first_feature + feature >= args.count || column >= end) { continue; }
    let place = (first_feature + feature) * 2u * args.quads + (column >> 1u);
    let at = 33u * (column - start) + feature;
    let halves = vec2<bool>(column >= args.first, column + 1u < end);
    var word = tile[at] | (tile[at + 33u] << 16u);
    if (!halves.x) { word = (word & 0xffff0000u) | (out[place] & 0xffffu); }
    if (!halves.y) { word = (word & 0xffffu) | (out[place] & 0xffff0000u); }
    out[place] = word;
  }
}
`;

/** What a piece of a transposed matrix [d, width] is, and which of its features are wanted. */
export interface TransposedPiece {
  buffer: GPUBuffer;
  /** The piece's first row of [d, width], and how many it has. */
  first: number;
  rows: number;
  width: number;
  /** Features from .. from + count go to rows 0 .. count of the target. */
  from: number;
  count: number;
}

/** One dispatch: halves of the piece into their columns of target [count, 4 * quads], halves too. */
export function recordTranspose(recorder: Recorder, piece: TransposedPiece, target: GPUBuffer, quads: number): void {
  const { buffer, first, rows, width, from, count } = piece;
  recorder.dispatch({
    key: 'transpose',
    source: () => wgsl,
    args: [first, rows, width, from, count, quads],
    buffers: [
      { buffer, bytes: Math.ceil((rows * width) / 2) * 4 },
      { buffer: target, bytes: target.size },
    ],
    groups: Math.ceil(count / 32) * Math.ceil((rows + (first % 2)) / 32),
  });
}
