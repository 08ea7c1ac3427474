import { ACTIVE, type Rows, STATS } from './compute';
import type { Encoding } from './encode';
import { type Binding, kernel, reads, writes } from './kernel';
import type { Recorder } from './recorder';
import { main } from './snippets';
import type { GpuDictionary } from './weights';

/**
 * The n largest of each row, exact, descending, ties to the lower column: one workgroup a row, one dispatch.
 *
 * Values are compared as *keys*: u32 in the same order as the floats, 0 for a number that is never chosen. Only
 * integers are compared, so no subnormal is flushed and NaN is recognised.
 * 1. Each lane takes the largest key of its share of the row. The n-th largest of these 256 maxima is a lower bound of
 *    the row's n-th largest key, since n different elements reach it; on most rows little more than n elements do.
 * 2. Elements that reach the bound are gathered. If more than 1024 do, or if n is too large for the bound to help,
 *    a radix select finds the exact n-th key instead, 8 bits a pass, and among equals of that key the exact last
 *    column.
 * 3. The gathered elements are ordered: by counting for each how many come before it, or from 257 on by a bitonic sort.
 */

/** Elements that a workgroup can gather and sort. */
const GATHERED = 1024;
/** Beyond this n too many elements reach the n-th of 256 maxima. */
const BOUND_USEFUL = 192;

/** Above 0: the float's own bits, which are ordered. Infinity and NaN never get here: their row is refused. */
const positiveKeys = /* wgsl */ `
fn keys_of(bits: vec4<u32>) -> vec4<u32> {
  return select(vec4<u32>(0u), bits, bits < vec4<u32>(0x80000000u));
}
fn bits_of(key: u32) -> u32 { return key; }
`;

/** All but NaN: positive floats get the sign bit set, negative ones are inverted; both zeros are one. */
const signedKeys = /* wgsl */ `
fn keys_of(bits: vec4<u32>) -> vec4<u32> {
  let magnitude = bits & vec4<u32>(0x7fffffffu);
  let key = select(
    bits | vec4<u32>(0x80000000u), ~bits, (bits >= vec4<u32>(0x80000000u)) & (magnitude > vec4<u32>(0u))
  );
  return select(key, vec4<u32>(0u), magnitude > vec4<u32>(0x7f800000u));
}
fn bits_of(key: u32) -> u32 { return select(~key, key & 0x7fffffffu, key >= 0x80000000u); }
`;

/** How a row is read; `vec4` where its columns are a multiple of 4. */
type Kind = 'vec4' | 'scalar';

/** `bits_at(i)`: columns 4i .. 4i + 3; beyond the row's end, bits that have no key. */
const row: Record<Kind, Binding> = {
  vec4: {
    ...reads('vec4<u32>'),
    accessors: (name) => /* wgsl */ `
fn bits_at(i: u32) -> vec4<u32> { return ${name}[first / 4u + i]; }
`,
  },
  scalar: {
    ...reads('u32'),
    accessors: (name) => /* wgsl */ `
fn one_at(column: u32) -> u32 {
  if (column < args.cols) { return ${name}[first + column]; }
  return select(0u, 0xffffffffu, SIGNED);
}
fn bits_at(i: u32) -> vec4<u32> {
  return vec4<u32>(one_at(4u * i), one_at(4u * i + 1u), one_at(4u * i + 2u), one_at(4u * i + 3u));
}
`,
  },
};

/** Counts the row's active latents. Refuses a row, with all its slots unused, if the row or its h has an exponent of
 *  all ones. */
const refuse = /* wgsl */ `
  for (var i = lane; i < args.d; i += 256u) {
    magnitude = max(magnitude, h[(args.h_row + row) * args.d + i] & 0x7fffffffu);
  }
  atomicMax(&gathered, magnitude);
  atomicAdd(&positives, positive);
  let refused = take_gathered(lane) >= 0x7f800000u;
  if (lane == 0u) {
    let latents = min(atomicLoad(&positives), args.most);
    stats[${STATS}u * (args.out_row + row) + ${ACTIVE}u] = select(f32(latents), -1.0, refused);
  }
  if (refused) {
    for (var j = lane; j < args.n; j += 256u) {
      ids[out + j] = 0xffffffffu;
      values[out + j] = 0u;
    }
    return;
  }
`;

const body = (codes: boolean) => () =>
  /* wgsl */ `
const SIGNED = ${!codes};
var<private> first: u32;
var<workgroup> chosen: array<u32, ${GATHERED}>;
var<workgroup> columns: array<u32, ${GATHERED}>;
var<workgroup> bins: array<atomic<u32>, 256>;
var<workgroup> gathered: atomic<u32>;
var<workgroup> limit: u32;
${codes ? 'var<workgroup> positives: atomic<u32>;' : ''}
var<workgroup> pick: vec3<u32>;
${codes ? positiveKeys : signedKeys}

/** With the lanes' bins counted: the bin in which the need-th element from the top lies, how many lie above it and how
 *  many in it; (0, 0, 0) where there are fewer than need. \`upward\` counts from the lowest bin. */
fn pick_bin(lane: u32, need: u32, upward: bool) -> vec3<u32> {
  if (lane == 0u) { pick = vec3<u32>(0u); }
  workgroupBarrier();
  var above = 0u;
  let from_bin = select(lane + 1u, 0u, upward);
  let to_bin = select(256u, lane, upward);
  for (var b = from_bin; b < to_bin; b++) { above += atomicLoad(&bins[b]); }
  let own = atomicLoad(&bins[lane]);
  if (above < need && above + own >= need) { pick = vec3<u32>(lane, above, own); }
  return workgroupUniformLoad(&pick);
}

/** The key of the n-th largest element and the last column to take among its equals. */
fn select_exact(lane: u32, quads: u32) -> vec2<u32> {
  var prefix = 0u;
  var need = args.n;
  for (var pass_index = 0u; pass_index < 4u; pass_index++) {
    let shift = 24u - 8u * pass_index;
    atomicStore(&bins[lane], 0u);
    workgroupBarrier();
    for (var i = lane; i < quads; i += 256u) {
      let key = keys_of(bits_at(i));
      for (var c = 0u; c < 4u; c++) {
        if (key[c] != 0u && (pass_index == 0u || ((key[c] ^ prefix) >> (shift + 8u)) == 0u)) {
          atomicAdd(&bins[(key[c] >> shift) & 255u], 1u);
        }
      }
    }
    workgroupBarrier();
    let found = pick_bin(lane, need, false);
    if (found.z == 0u) { return vec2<u32>(1u, 0xffffffffu); }
    prefix |= found.x << shift;
    need -= found.y;
    if (found.z == need) { return vec2<u32>(max(prefix, 1u), 0xffffffffu); }
  }
  var last = 0u;
  for (var pass_index = 0u; pass_index < 4u; pass_index++) {
    let shift = 24u - 8u * pass_index;
    if ((args.cols - 1u) >> shift == 0u) { continue; }
    atomicStore(&bins[lane], 0u);
    workgroupBarrier();
    for (var i = lane; i < quads; i += 256u) {
      let key = keys_of(bits_at(i));
      for (var c = 0u; c < 4u; c++) {
        let column = 4u * i + c;
        if (key[c] == prefix && (pass_index == 0u || ((column ^ last) >> (shift + 8u)) == 0u)) {
          atomicAdd(&bins[(column >> shift) & 255u], 1u);
        }
      }
    }
    workgroupBarrier();
    let found = pick_bin(lane, need, true);
    last |= found.x << shift;
    need -= found.y;
    if (found.z == need) {
      last |= (1u << shift) - 1u;
      break;
    }
  }
  return vec2<u32>(prefix, last);
}

fn gather(i: u32, bound: vec2<u32>) {
  let key = keys_of(bits_at(i));
  for (var c = 0u; c < 4u; c++) {
    let column = 4u * i + c;
    if (key[c] > bound.x || (key[c] == bound.x && column <= bound.y)) {
      let at = atomicAdd(&gathered, 1u);
      if (at < ${GATHERED}u) {
        chosen[at] = key[c];
        columns[at] = column;
      }
    }
  }
}

/** What the atomic holds, in every lane; it starts at 0 again. */
fn take_gathered(lane: u32) -> u32 {
  workgroupBarrier();
  if (lane == 0u) {
    limit = atomicLoad(&gathered);
    atomicStore(&gathered, 0u);
  }
  return workgroupUniformLoad(&limit);
}

fn before(a: u32, b: u32) -> bool {
  return chosen[a] > chosen[b] || (chosen[a] == chosen[b] && columns[a] < columns[b]);
}
${main(256)} {
  let row = group_index(id, groups);
  if (row >= args.count) { return; }
  first = row * args.cols;
  let out = (args.out_row + row) * args.n;
  let quads = (args.cols + 3u) / 4u;

  var best = 0u;
  var magnitude = 0u;
  var positive = 0u;
  for (var i = lane; i < quads; i += 256u) {
    let bits = bits_at(i);
    let key = keys_of(bits);
    let pair = max(key.xy, key.zw);
    best = max(best, max(pair.x, pair.y));
    let above = select(vec4<u32>(0u), vec4<u32>(1u), key > vec4<u32>(0u));
    positive += above.x + above.y + above.z + above.w;
    let size = max(bits.xy & vec2<u32>(0x7fffffffu), bits.zw & vec2<u32>(0x7fffffffu));
    magnitude = max(magnitude, max(size.x, size.y));
  }
${codes ? refuse : ''}
  var bound = vec2<u32>(1u, 0xffffffffu);
  var count = ${GATHERED + 1}u;
  if (args.cols <= ${GATHERED}u || args.n <= ${BOUND_USEFUL}u) {
    if (args.cols > ${GATHERED}u) {
      chosen[lane] = best;
      workgroupBarrier();
      var larger = vec4<u32>(0u);
      for (var j = 0u; j < 256u; j += 4u) {
        let others = vec4<u32>(chosen[j], chosen[j + 1u], chosen[j + 2u], chosen[j + 3u]);
        larger += select(vec4<u32>(0u), vec4<u32>(1u), others > vec4<u32>(best));
      }
      // The n-th largest is the least of those that fewer than n exceed; kept inverted, since the atomic starts at 0.
      if (larger.x + larger.y + larger.z + larger.w < args.n) { atomicMax(&gathered, ~best); }
      bound.x = max(1u, ~take_gathered(lane));
    }
    if (best >= bound.x) {
      for (var i = lane; i < quads; i += 256u) { gather(i, bound); }
    }
    count = take_gathered(lane);
  }
  if (count > ${GATHERED}u) {
    bound = select_exact(lane, quads);
    for (var i = lane; i < quads; i += 256u) { gather(i, bound); }
    count = take_gathered(lane);
  }

  if (count <= 256u) {
    if (lane < count) {
      let key = chosen[lane];
      let column = columns[lane];
      var rank = 0u;
      for (var j = 0u; j < count; j++) {
        rank += select(0u, 1u, chosen[j] > key || (chosen[j] == key && columns[j] < column));
      }
      if (rank < args.n) {
        ids[out + rank] = column;
        values[out + rank] = bits_of(key);
      }
    }
  } else {
    var size = 512u;
    if (count > 512u) { size = 1024u; }
    for (var i = count + lane; i < size; i += 256u) {
      chosen[i] = 0u;
      columns[i] = 0xffffffffu;
    }
    workgroupBarrier();
    for (var span = 2u; span <= size; span <<= 1u) {
      for (var step = span >> 1u; step > 0u; step >>= 1u) {
        for (var i = lane; i < size / 2u; i += 256u) {
          let a = 2u * i - (i & (step - 1u));
          let b = a + step;
          if (before(b, a) == ((a & span) == 0u)) {
            let key = chosen[a];
            chosen[a] = chosen[b];
            chosen[b] = key;
            let column = columns[a];
            columns[a] = columns[b];
            columns[b] = column;
          }
        }
        workgroupBarrier();
      }
    }
    for (var j = lane; j < min(count, args.n); j += 256u) {
      ids[out + j] = columns[j];
      values[out + j] = bits_of(chosen[j]);
    }
  }
  for (var j = count + lane; j < args.n; j += 256u) {
    ids[out + j] = 0xffffffffu;
    values[out + j] = 0u;
  }
}
`;

const kindOf = (cols: number): Kind => (cols % 4 === 0 ? 'vec4' : 'scalar');

const chosen = { ids: writes('u32'), values: writes('u32') };

const largest = (kind: Kind) =>
  kernel({
    name: `topk ${kind}`,
    args: ['count', 'cols', 'n', 'out_row'],
    bindings: { x: row[kind], ...chosen },
    body: body(false),
  });

const codes = (kind: Kind) =>
  kernel({
    name: `codes ${kind}`,
    /** `most`: of the active latents. */
    args: ['count', 'cols', 'n', 'out_row', 'h_row', 'd', 'most'],
    bindings: { x: row[kind], ...chosen, h: reads('u32'), stats: writes('f32') },
    body: body(true),
  });

/** One dispatch: the ids.cols largest of x[0 .. count), any sign, into ids and values. */
export function recordTopk(recorder: Recorder, x: Rows, count: number, ids: Rows, values: Rows): void {
  recorder.dispatch(largest(kindOf(x.cols)), {
    args: { count, cols: x.cols, n: ids.cols, out_row: 0 },
    bindings: { x, ids, values },
    groups: count,
  });
}

/** One dispatch: the codes of pre-activations p[0 .. count), values above 0 only. Their stats have the
 *  active latents, and mark the refused rows. */
export function recordCodes(
  recorder: Recorder,
  { width, k, d, activation }: GpuDictionary,
  { h, count, out }: Encoding,
  p: GPUBuffer,
): void {
  recorder.dispatch(codes(kindOf(width)), {
    args: { count, cols: width, n: k, out_row: out.from, h_row: h.from, d, most: activation === 'topk' ? k : width },
    bindings: { x: { buffer: p, bytes: count * width * 4 }, h: h.rows, ...out.rows },
    groups: count,
  });
}
