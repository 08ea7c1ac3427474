import type { Binding } from './kernel';

/** Pieces of WGSL that several kernels share. A workgroup has at most 256 lanes, which every WebGPU device allows. */

/** The head of a kernel's entry point, up to its brace. `id` and `groups` are for `group_index`. */
export const main = (lanes: 64 | 256) => /* wgsl */ `
@compute @workgroup_size(${lanes})
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
)`;

/** `fn name(value: T, lane: u32) -> T`: one value a lane in, the workgroup's sum or maximum in every lane out. Call in
 *  uniform control flow only. Two steps of 16: the order of the additions is fixed, so equal rows give equal bits. May
 *  be called again at once: the first barrier of a call stands between the reads of the last one and the writes of this
 *  one. */
export function reduction(name: string, type: string, operation: '+' | 'max'): string {
  const join =
    operation === '+' ? (a: string, b: string) => `${a} + ${b}` : (a: string, b: string) => `max(${a}, ${b})`;
  return /* wgsl */ `
var<workgroup> ${name}_first: array<${type}, 256>;
var<workgroup> ${name}_second: array<${type}, 16>;
fn ${name}(value: ${type}, lane: u32) -> ${type} {
  ${name}_first[lane] = value;
  workgroupBarrier();
  if (lane < 16u) {
    var part = ${name}_first[lane];
    for (var j = 1u; j < 16u; j++) { part = ${join('part', `${name}_first[lane + 16u * j]`)}; }
    ${name}_second[lane] = part;
  }
  workgroupBarrier();
  var all = ${name}_second[0];
  for (var j = 1u; j < 16u; j++) { all = ${join('all', `${name}_second[j]`)}; }
  return all;
}
`;
}

/** Logits, bound as u32 so that kernels recognise NaN and infinity by their bits: WGSL's own arithmetic may assume that
 *  neither occurs. */
export const logitBits = /* wgsl */ `
const NAN = 0x7fc00000u;
const INFINITY = 0x7f800000u;
const MINUS_INFINITY = 0xff800000u;
/** Of the lowest finite number. */
const LEAST = 0xff7fffffu;
fn is_logit(bits: u32) -> bool { return bits == MINUS_INFINITY || (bits & INFINITY) != INFINITY; }
/** The number, always finite; ask for -infinity by its bits. */
fn logit(bits: u32) -> f32 { return bitcast<f32>(select(bits, LEAST, (bits & INFINITY) == INFINITY)); }
/** exp(the number - shift), 0 for -infinity. */
fn weight(bits: u32, shift: f32) -> f32 { return select(exp(logit(bits) - shift), 0.0, bits == MINUS_INFINITY); }
`;

/** `halved(bits)`: the bits of the nearest float16 to a float32's, ties to even, by integers: a device may round its
 *  own conversion either way, and flush subnormals. From 65,520 on infinity; NaN stays NaN. formats/halves.ts in
 *  WGSL. */
export const halving = /* wgsl */ `
fn rounded_shift(number: u32, shift: u32) -> u32 {
  let whole = number >> shift;
  let rest = number & ((1u << shift) - 1u);
  let half = 1u << (shift - 1u);
  return whole + select(0u, 1u, rest > half || (rest == half && (whole & 1u) == 1u));
}
fn halved(bits: u32) -> u32 {
  let sign = (bits >> 16u) & 0x8000u;
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) { return sign | 0x7e00u; }
  if (magnitude >= 0x47800000u) { return sign | 0x7c00u; }
  if (magnitude < 0x33000000u) { return sign; }
  if (magnitude < 0x38800000u) {
    return sign | rounded_shift((magnitude & 0x7fffffu) | 0x800000u, 126u - (magnitude >> 23u));
  }
  return sign | rounded_shift(magnitude - 0x38000000u, 13u);
}
`;

/** Float32 [., args.d] with `fn name_quad(row, i) -> vec4<f32>`: columns 4i .. 4i + 3 of a row, 0 beyond the row's
 *  end. Needs args.quads. `vectors`: d is a multiple of 4, and the buffer is bound as vec4. */
export function rowQuads(vectors: boolean, access: Binding['access'] = 'read'): Binding {
  if (vectors)
    return {
      access,
      type: 'array<vec4<f32>>',
      accessors: (name) => /* wgsl */ `
fn ${name}_quad(row: u32, i: u32) -> vec4<f32> { return ${name}[row * args.quads + i]; }
`,
    };
  return {
    access,
    type: 'array<f32>',
    accessors: (name) => /* wgsl */ `
fn ${name}_at(row: u32, column: u32) -> f32 {
  if (column < args.d) { return ${name}[row * args.d + column]; }
  return 0.0;
}
fn ${name}_quad(row: u32, i: u32) -> vec4<f32> {
  return vec4<f32>(
    ${name}_at(row, 4u * i), ${name}_at(row, 4u * i + 1u), ${name}_at(row, 4u * i + 2u), ${name}_at(row, 4u * i + 3u)
  );
}
`,
  };
}
