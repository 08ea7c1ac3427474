/**
 * Mistakes that this kind of program is made with, each as a change of one place of the source. `find` stands exactly once in `file`;
 * `test` is the narrowest run that must turn red, `only` a pattern of its tests' names.
 */

const parity = { project: 'gpu', test: 'src/lens/lens.gpu.test.ts', only: 'lens on wasm agrees with PyTorch' };
const steering = { project: 'gpu', test: 'src/lens/steering.gpu.test.ts', only: 'steering on wasm add everywhere' };

export const mutants = [
  {
    name: 'W_dec transposed',
    file: 'src/lens/artifacts/sae.ts',
    find: "decoder: asUint16(stored.raw('W_dec')).slice() };",
    replace: "decoder: transpose(asUint16(stored.raw('W_dec')), d, width, new Uint16Array(d * width)) };",
    ...parity,
  },
  {
    name: 'b_dec omitted',
    file: 'src/lens/kernels/oracle.ts',
    find: 'const reconstruction = Float64Array.from(decoderBias);',
    replace: 'const reconstruction = new Float64Array(decoderBias.length);',
    ...parity,
  },
  {
    name: 'b_dec omitted in the GPU kernel',
    file: 'src/lens/kernels/decode.ts',
    find: 'var reconstruction = decoder_tail(q);',
    replace: 'var reconstruction = vec4<f32>(0.0);',
    project: 'gpu',
    test: 'src/lens/kernels/encode.gpu.test.ts',
    only: 'codes of whole numbers agree to the bit float32',
  },
  {
    name: 'b_dec pre-subtracted',
    file: 'src/lens/kernels/oracle.ts',
    find: 'preactivations(dictionary, h, hRow, count, scratch);',
    replace: 'preactivations(dictionary, h.map((x, i) => x - dictionary.decoderBias[i % d]!), hRow, count, scratch);',
    ...parity,
  },
  {
    name: 'site +1',
    file: 'src/lens/engine/model.ts',
    find: 'planParts(config.layers, options.sites)',
    replace: 'planParts(config.layers, options.sites.map((site) => site + 1))',
    ...parity,
  },
  {
    name: 'site −1',
    file: 'src/lens/engine/model.ts',
    find: 'planParts(config.layers, options.sites)',
    // The lowest site stays: below it there is no block to cut after.
    replace: 'planParts(config.layers, options.sites.map((site, i) => (i > 0 ? site - 1 : site)))',
    ...parity,
  },
  {
    name: 'k−1',
    file: 'src/lens/artifacts/sae-config.ts',
    find: "k: config.integer('k', 1, width) }",
    replace: "k: config.integer('k', 1, width) - 1 }",
    ...parity,
  },
  {
    // Rotating (b, a) where (a, b) is meant is a rotation by the negative angle.
    name: 'RoPE halves swapped',
    file: 'src/lens/graph/rope.ts',
    find: 'Math.sin(p * frequency)',
    replace: '-Math.sin(p * frequency)',
    ...parity,
  },
  {
    name: 'KV position +1',
    file: 'src/lens/engine/batch.ts',
    find: 'const position = this.length++;',
    replace: 'const position = this.length++ + 1;',
    ...steering,
  },
  {
    name: 'edit mask (where) ignored',
    file: 'src/lens/dictionary/edits.ts',
    find: 'this.placed.filter(({ where }) => reaches(where, position, generated))',
    replace: 'this.placed.filter(({ where }) => reaches(where, position, generated) || true)',
    project: 'gpu',
    test: 'src/lens/lens.gpu.test.ts',
    only: 'lens on wasm an edit moves exactly the positions asked for',
  },
  {
    name: 'batch rows mixed: the keys and values of an edited prompt',
    file: 'src/lens/engine/batch.ts',
    find: 'copyKv(compute, config, kv, 0, this.kv, row, plan.lowest + 1, config.layers);',
    replace: 'copyKv(compute, config, kv, 0, this.kv, (row + 1) % this.specs.length, plan.lowest + 1, config.layers);',
    ...steering,
  },
  {
    name: 'batch rows mixed: the texts of a padded batch',
    file: 'src/lens/engine/padded.ts',
    find: 'ids.set(Array.from(text), b * total);',
    replace: 'ids.set(Array.from(text), ((b + 1) % texts.length) * total);',
    ...parity,
  },
  {
    name: 'a stale frame painted',
    file: 'src/state/latest.ts',
    find: 'if (controller.signal.aborted) return false;\n      paint(result);',
    replace: 'paint(result);',
    project: 'unit',
    test: 'src/state/latest.test.ts',
  },
  {
    name: "total_sequence_length set to the buffer's length",
    file: 'src/lens/engine/model.ts',
    find: 'total_sequence_length: this.int32([feed.total], [])',
    replace: 'total_sequence_length: this.int32([kv.max], [])',
    project: 'gpu',
    test: 'src/lens/engine/fixtures.gpu.test.ts',
    only: 'stored checkpoints on wasm a right-padded batch',
  },
  {
    name: 'subgroups forced on a size-4 adapter',
    file: 'src/lens/engine/device.ts',
    find: 'if (allowSubgroups && (adapter.info.subgroupMinSize ?? 0) >= 8)',
    replace: 'if (allowSubgroups)',
    project: 'unit',
    test: 'src/lens/engine/device.test.ts',
  },
  {
    name: 'the shadow row fed its own token',
    file: 'src/lens/engine/generate.ts',
    find: '...shadows.map((row) => states[row]!.next)',
    replace: '...shadows.map((_, i) => sample(read.candidates(variants.length + i), sampling, step).id)',
    ...steering,
  },
  {
    name: 'a feature shown with the next one’s snippets',
    file: 'src/lens/artifacts/feature-data.ts',
    find: 'const [from, to] = [first[feature]!, first[feature + 1]!];',
    replace: 'const [from, to] = [first[feature + 1]!, first[feature + 2] ?? first[feature + 1]!];',
    project: 'unit',
    test: 'src/lens/artifacts/feature-data.test.ts',
  },
  {
    name: 'an effect offered that did not stand apart from its controls',
    file: 'src/state/examples.ts',
    find: 'effect.shipped && !effect.chat && exact(effect)',
    replace: '!effect.chat && exact(effect)',
    project: 'unit',
    test: 'src/state/examples.test.ts',
  },
];
