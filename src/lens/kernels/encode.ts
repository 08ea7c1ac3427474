import type { Codes, Slice } from './compute';
import { kernel, writes } from './kernel';
import type { MatrixFormat } from './layout';
import type { Recorder } from './recorder';
import { main, rowQuads } from './snippets';
import { type GpuDictionary, packed } from './weights';

/** Pre-activations p = h W_enc + b_enc, [count, width], float32 sums; 0 for what is not above its threshold. Two kernels: up to 8 rows are bound by reading
 *  W_enc once, more rows by arithmetic. */

const FEW = 8;

/** Rows that are encoded together. */
export interface Encoding {
  h: Slice;
  count: number;
  out: Slice<Codes>;
}

/** `preactivation_of(sum, feature)`: p of the sum of its products. `latent_of(sum, feature)`: the same, but 0 where it is above 0 but not above the feature's threshold.
 *  Compared by bits, which above 0 have the numbers' order: NaN and infinity stay and are refused later, and so do
 *  negative numbers, which are no latents. Needs the binding `encoder`. */
export const latentOf = /* wgsl */ `
fn preactivation_of(sum: f32, feature: u32) -> f32 {
  return sum * encoder_scale(feature) + encoder_tail(feature >> 2u)[feature & 3u];
}
fn latent_of(sum: f32, feature: u32) -> f32 {
  let p = preactivation_of(sum, feature);
  let threshold = encoder_tail((args.width + 3u) / 4u + (feature >> 2u))[feature & 3u];
  return select(p, 0.0, bitcast<u32>(p) <= bitcast<u32>(threshold));
}
`;

/** `line` once for each of 0 .. n - 1. Loops over sums are written out, since not every compiler keeps an indexed array
 *  in registers. */
const each = (n: number, line: (r: number) => string) => Array.from({ length: n }, (_, r) => line(r)).join('\n');

/** 8 features a workgroup, 8 lanes a feature, `rows` rows of h at once. Lane sums are added in a fixed order. */
const fewRows = (rows: number) => /* wgsl */ `
var<workgroup> partial: array<f32, ${rows * 8 * 9}>;
${main(64)} {
  let block = group_index(id, groups) * 8u;
  if (block >= args.width) { return; }
  let feature = min(block + (lane >> 3u), args.width - 1u);
  ${each(rows, (r) => `let row_${r} = args.row + min(${r}u, args.count - 1u); var sum_${r} = 0.0;`)}
  for (var q = lane & 7u; q < args.quads; q += 8u) {
    let w = encoder_quad(feature, q);
    ${each(rows, (r) => `sum_${r} += dot(w, h_quad(row_${r}, q));`)}
  }
  let place = (lane >> 3u) * 9u + (lane & 7u);
  ${each(rows, (r) => `partial[${r * 72}u + place] = sum_${r};`)}
  workgroupBarrier();
  let r = lane >> 3u;
  let column = block + (lane & 7u);
  if (r < args.count && column < args.width) {
    var sum = 0.0;
    for (var j = 0u; j < 8u; j++) { sum += partial[lane * 9u + j]; }
    p[r * args.width + column] = latent_of(sum, column);
  }
}
`;

/** A tile of 16 * deep rows by 64 features; each lane holds deep x 4 sums; 16 columns of d a step. */
const manyRows = (deep: number) => /* wgsl */ `
const ROWS = ${16 * deep}u;
const H_STRIDE = ${16 * deep + 1}u;
const W_STRIDE = 65u;
var<workgroup> h_tile: array<f32, ${16 * (16 * deep + 1)}>;
var<workgroup> w_tile: array<f32, ${16 * 65}>;

fn store(row: u32, feature: u32, sum: f32) {
  if (row < args.count && feature < args.width) {
    p[row * args.width + feature] = latent_of(sum, feature);
  }
}
${main(256)} {
  let tiles = (args.width + 63u) / 64u;
  let group = group_index(id, groups);
  let first_row = (group / tiles) * ROWS;
  if (first_row >= args.count) { return; }
  let first_feature = (group % tiles) * 64u;
  let load = lane >> 2u;
  let load_quad = lane & 3u;
  let load_feature = min(first_feature + load, args.width - 1u);
  let load_row = args.row + min(first_row + load, args.count - 1u);
  let tx = lane & 15u;
  let ty = lane >> 4u;
  ${each(deep, (r) => `var sums_${r} = vec4<f32>(0.0);`)}
  for (var step = 0u; step < args.quads; step += 4u) {
    let q = step + load_quad;
    var w = vec4<f32>(0.0);
    if (q < args.quads) { w = encoder_quad(load_feature, q); }
    ${each(4, (c) => `w_tile[(load_quad * 4u + ${c}u) * W_STRIDE + load] = w[${c}];`)}
    if (load < ROWS) {
      var x = vec4<f32>(0.0);
      if (q < args.quads) { x = h_quad(load_row, q); }
      ${each(4, (c) => `h_tile[(load_quad * 4u + ${c}u) * H_STRIDE + load] = x[${c}];`)}
    }
    workgroupBarrier();
    for (var i = 0u; i < 16u; i++) {
      let at = i * W_STRIDE + tx;
      let weights = vec4<f32>(w_tile[at], w_tile[at + 16u], w_tile[at + 32u], w_tile[at + 48u]);
      let from_row = i * H_STRIDE + ty;
      ${each(deep, (r) => `sums_${r} += h_tile[from_row + ${16 * r}u] * weights;`)}
    }
    workgroupBarrier();
  }
  ${each(deep, (r) =>
    each(4, (c) => `store(first_row + ty + ${16 * r}u, first_feature + tx + ${16 * c}u, sums_${r}[${c}]);`),
  )}
}
`;

const preactivations = (format: MatrixFormat, vectors: boolean, few: boolean, size: number) =>
  kernel({
    name: `encode ${few ? 'few' : 'many'} ${size} ${format} ${vectors ? 'vec4' : 'scalar'}`,
    args: ['row', 'count', 'd', 'quads', 'width'],
    bindings: { h: rowQuads(vectors), encoder: packed[format], p: writes('f32') },
    body: () => `${latentOf}${(few ? fewRows : manyRows)(size)}`,
  });

/** One dispatch: p[0 .. count) of rows of h. */
export function recordPreactivations(
  recorder: Recorder,
  dictionary: GpuDictionary,
  { h, count }: Pick<Encoding, 'h' | 'count'>,
  p: GPUBuffer,
): void {
  const { format, width, d, quads, encoder } = dictionary;
  const few = count <= FEW;
  const size = few ? 2 ** Math.ceil(Math.log2(count)) : Math.min(4, 2 ** Math.ceil(Math.log2(count / 16)));
  recorder.dispatch(preactivations(format, d % 4 === 0, few, size), {
    args: { row: h.from, count, d, quads, width },
    bindings: { h: h.rows, encoder: { buffer: encoder }, p: { buffer: p, bytes: count * width * 4 } },
    groups: few ? Math.ceil(width / 8) : Math.ceil(width / 64) * Math.ceil(count / (16 * size)),
  });
}
