import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UnsupportedModelError } from '../../api/errors';
import { parseSafetensors, toFloat32 } from '../../formats/safetensors';
import type { Source } from '../../sources/source';
import { memorySource } from '../../testing/memory-source';
import { listDictionaries, readDictionaryFile } from '../dictionary-list';
import type { DictionaryPlan, DictionaryTensor } from '../dictionary-plan';

/** What each library saved, and what it computes of twelve residuals. */
const ROOT = 'fixtures/dictionaries';
const MODEL = { d: 32, layers: 2 };
const tensors = (path: string) => parseSafetensors(new Uint8Array(readFileSync(`${ROOT}/${path}`)), path);
const numbers = (path: string, name: string) => {
  const { bytes, dtype } = tensors(path).get(name)!;
  return toFloat32(bytes, dtype, path);
};
const residuals = numbers('residuals.safetensors', 'residuals');

/** Codes by the plan's own definition in float64, [T * width]: scaled, centred, encoded, measured by the decoder's rows,
 *  and cut. */
async function codesOf(source: Source, { d, width, tensors, activation, fold, file }: DictionaryPlan) {
  const bytes = await source.read(file.path);
  const read = ({ begin, end, dtype, shape, transposed }: DictionaryTensor) => {
    const values = toFloat32(bytes.subarray(begin, end), dtype, file.path);
    const [rows, columns] = shape;
    if (!transposed || rows === undefined || columns === undefined) return values;
    return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
  };
  const [encoder, decoder, bias, center] = [
    read(tensors.encoder),
    read(tensors.decoder),
    read(tensors.encoderBias),
    read(tensors.decoderBias),
  ];
  const optional = (tensor: DictionaryTensor | undefined) => (tensor ? read(tensor) : null);
  const [threshold, magnitude, gate] = [tensors.threshold, tensors.magnitude, tensors.gateBias].map(optional);
  const codes = new Float64Array((residuals.length / d) * width);
  for (let t = 0; t < residuals.length / d; t++) {
    const row = codes.subarray(t * width, (t + 1) * width);
    for (let f = 0; f < width; f++) {
      let x = 0;
      let norm = 0;
      for (let i = 0; i < d; i++) {
        const h = residuals[t * d + i]! * fold.inputScale - (fold.centred ? center![i]! : 0);
        x += h * encoder![f * d + i]!;
        norm += decoder![f * d + i]! ** 2;
      }
      const grown = Math.exp(magnitude?.[f] ?? 0);
      const p = (x * grown + bias![f]!) * (fold.rescaled ? Math.sqrt(norm) / fold.inputScale : 1);
      const floor = activation.kind === 'topk' ? 0 : (threshold?.[f] ?? activation.all);
      const open = gate ? x + gate[f]! > 0 : p > floor;
      row[f] = open && p > 0 ? p : 0;
    }
    if (activation.kind !== 'topk') continue;
    const least = [...row].sort((a, b) => b - a)[activation.k - 1]!;
    for (let f = 0; f < width; f++) if (row[f]! < least) row[f] = 0;
  }
  return codes;
}

const CASES = readdirSync(ROOT).flatMap((library) => {
  if (!statSync(`${ROOT}/${library}`).isDirectory()) return [];
  const names = readdirSync(`${ROOT}/${library}`).flatMap(
    (name) => /^(.*)\.expected\.safetensors$/.exec(name)?.[1] ?? [],
  );
  return names.filter((name) => name !== 'older').map((name) => [library, name] as const);
});

async function expectSame(source: Source, plan: DictionaryPlan, expected: string) {
  const codes = await codesOf(source, plan);
  const says = numbers(expected, 'codes');
  const largest = Math.max(...says);
  expect(codes.length).toBe(says.length);
  for (const [i, code] of codes.entries()) {
    expect(Math.abs(code - says[i]!), `latent ${i}`).toBeLessThan(1e-5 * largest);
    if (says[i] !== 0) expect(code).not.toBe(0);
  }
}

/** The files of a fixture as a source that can be listed, its folder named as it is on disk. */
function listed(path: string, more: Record<string, Uint8Array> = {}): Source {
  const files = readdirSync(`${ROOT}/${path}`, { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  );
  const read = files.map((file) => {
    const full = `${file.parentPath}/${file.name}`;
    return [full.slice(`${ROOT}/${path}/`.length), new Uint8Array(readFileSync(full))] as const;
  });
  return memorySource({ ...Object.fromEntries(read), ...more }, { name: path.split('/').at(-1)! });
}

test.each(CASES)('%s/%s: the plan computes what its library does', async (library, name) => {
  const source = listed(`${library}/${name}`);
  const plan = await readDictionaryFile(source, 1, MODEL);
  await expectSame(plan.source ?? source, plan, `${library}/${name}.expected.safetensors`);
});

const bytes = (path: string) => new Uint8Array(readFileSync(`${ROOT}/${path}`));
const older = readdirSync(`${ROOT}/sae-lens-6.54.12/older`).filter((name) => name.endsWith('.json'));

test.each(older)('a configuration of before version 6 is read: %s', async (name) => {
  const source = listed('sae-lens-6.54.12/older', { 'cfg.json': bytes(`sae-lens-6.54.12/older/${name}`) });
  await expectSame(source, await readDictionaryFile(source, 1, MODEL), 'sae-lens-6.54.12/older.expected.safetensors');
});

describe('what is refused', () => {
  const refusing = async (config: string, weights: string) => {
    const configuration = bytes(config);
    const files = { 'layers.1/cfg.json': configuration, [`layers.1/${weights}`]: new Uint8Array(1) };
    const { entries, left } = await listDictionaries(memorySource(files));
    expect([entries, left.length]).toEqual([[], 1]);
    return left[0]!.error;
  };

  test.each([
    ['JumpReLUSkipTranscoder', ['architecture'], /MLP/],
    ['Transcoder', ['architecture'], /MLP/],
    ['abstopk', ['architecture'], /negative/],
    ['constant-norm', ['normalize_activations'], /each token/],
    ['layer-norm', ['normalize_activations'], /each token/],
    ['matching-pursuit', ['architecture'], /one after the other/],
    ['temporal', ['architecture'], /earlier tokens/],
    ['temporal-and-layer-norm', ['architecture', 'normalize_activations'], /earlier tokens.*each token/],
  ])('SAELens: %s, with all its keys', async (name, keys, why) => {
    const error = await refusing(`sae-lens-6.54.12/refused/${name}.json`, 'sae_weights.safetensors');
    expect(error).toBeInstanceOf(UnsupportedModelError);
    expect(error.fields.keys).toEqual(keys);
    expect(error.message).toMatch(why);
    expect(error.message).toContain('Do not edit the file');
  });

  test.each([
    ['groupmax', ['activation'], /group/],
    ['skip', ['transcode', 'skip_connection'], /matrix of its input/],
    ['transcode', ['transcode'], /MLP/],
  ])('sparsify: %s', async (name, keys, why) => {
    const error = await refusing(`sparsify-1.3.3/refused/${name}.json`, 'sae.safetensors');
    expect(error.fields.keys).toEqual(keys);
    expect(error.message).toMatch(why);
  });

  test('a configuration that says no layer, unless the folder does', async () => {
    const files = (folder: string) => ({
      [`${folder}cfg.json`]: bytes('sae-lens-6.54.12/refused/no-hook.json'),
      [`${folder}sae_weights.safetensors`]: new Uint8Array(1),
    });
    const named = await listDictionaries(memorySource(files('blocks.7.hook_resid_post/')));
    expect(named.entries.map(({ layer }) => layer)).toEqual([7]);
    const { left } = await listDictionaries(memorySource(files('')));
    expect(left[0]!.error.message).toMatch(/"hook_name" is missing.*blocks\.12\.hook_resid_post/);
  });
});
