import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CorruptFileError, type LensError, UnsupportedModelError } from '../api/errors';
import { otherDictionaries } from '../folders/dictionaries';
import { createWasmCompute } from '../kernels/wasm';
import { json } from '../testing/fixtures';
import {
  type Agreement,
  agreement,
  decoderOf,
  encode,
  LAYER,
  LIBRARIES,
  type LibraryCase,
  libraryCases,
  MODEL,
  openCase,
  sourceOfCase,
} from '../testing/libraries';

const file = (path: string) => new Uint8Array(readFileSync(`${LIBRARIES}/${path}`));
const { residuals, cases } = await libraryCases(async (path) => file(path));
const filesOf = (name: string) => cases.find((one) => one.name === name)!.files;
const weightsOf = (name: string) => filesOf(name)['sae_weights.safetensors']!;

async function agreementOf(one: LibraryCase): Promise<Agreement> {
  const { weights } = await openCase(one);
  const compute = createWasmCompute();
  const dictionary = compute.dictionary(weights);
  const encoded = await encode(compute, dictionary, residuals);
  const decoding = { bias: weights.decoderBias, decoder: await decoderOf(compute, dictionary) };
  return agreement(encoded, decoding, residuals, one);
}

const named = cases.map((one) => [one.name, one] as const);
test.each(named)('%s agrees with its own library at every row', async (_, one) => {
  const { rows, same, values, decoded, fvu } = await agreementOf(one);
  expect(same).toBe(rows);
  expect(values).toBeLessThan(1e-4);
  expect(decoded).toBeLessThan(1e-4);
  expect(fvu).toBeLessThan(1e-4);
});

/** The next of 1, 2, 5, 10, … below which a difference lies: what docs/ tell. */
function below(x: number): string {
  if (x === 0) return '0';
  const power = 10 ** Math.floor(Math.log10(x));
  return ([1, 2, 5, 10].find((n) => x <= n * power)! * power).toExponential(0);
}

test('docs/dictionaries.md has the figures of every form', async () => {
  const rows = [];
  for (const one of cases) {
    const { rows: all, same, values, decoded, fvu } = await agreementOf(one);
    const back = one.decoded ? `${below(decoded ?? 0)} | ${below(fvu)}` : '– | –';
    rows.push(`| ${one.name} | ${same} of ${all} | ${below(values)} | ${back} |`);
  }
  rows.sort();
  const [, table] = readFileSync('docs/dictionaries.md', 'utf8').split('<!-- figures -->\n');
  expect(table?.trim().split('\n').slice(2), `It should have these lines:\n${rows.join('\n')}`).toEqual(rows);
});

test('with fewer slots than active features the largest are kept, and the error stays that of all', async () => {
  const { weights } = await openCase(cases.find(({ name }) => name === 'sae-lens-6.54.12/standard')!);
  const of = async (k: number) => {
    const compute = createWasmCompute();
    return (await encode(compute, compute.dictionary({ ...weights, k }), residuals)).codes;
  };
  const [all, few] = [await of(weights.k), await of(4)];
  expect(few.active).toEqual(all.active);
  expect(few.fvu).toEqual(all.fvu);
  expect(Math.max(...all.active)).toBeGreaterThan(4);
  for (let row = 0; row < all.fvu.length; row++)
    expect(few.ids.slice(4 * row, 4 * row + 4)).toEqual(all.ids.slice(weights.k * row, weights.k * row + 4));
});

test('a file that is inflated has no hash here: its own is another', async () => {
  const hash = async (name: string) => (await openCase(cases.find((one) => one.name === name)!)).sha256;
  expect(await hash('gemma-scope-by-numpy-2.2.6/npz-compressed')).toBeNull();
  expect(await hash('gemma-scope-by-numpy-2.2.6/npz')).toMatch(/^[0-9a-f]{64}$/);
});

test('what a run of SAELens states of its dictionary is told: training, levels, first token, densities', async () => {
  const opened = (name: string) => openCase(cases.find((one) => one.name === `sae-lens-6.54.12/${name}`)!);
  expect((await opened('batchtopk')).about).toMatchObject({
    library: 'SAELens',
    architecture: 'batchtopk',
    levels: null,
  });
  const { about, notices } = await opened('matryoshka');
  expect(about).toMatchObject({ architecture: 'matryoshka_batchtopk', levels: [10, 36] });
  expect(notices).toEqual([expect.stringContaining('first token')]);
  const { stats } = await opened('topk');
  expect([stats?.density?.[0], stats?.density?.at(-1)].map((x) => Math.log10(x!))).toEqual([
    expect.closeTo(-4, 4),
    expect.closeTo(-0.1, 4),
  ]);
});

/** Why a folder does not open. */
async function refusal(files: Record<string, Uint8Array>): Promise<LensError> {
  const opened = otherDictionaries(sourceOfCase({ name: 'run', files }), MODEL).then(({ open }) => open(LAYER));
  return opened.then(
    () => expect.fail('it opened'),
    (error: LensError) => error,
  );
}

describe('a configuration that asks for another computation is refused, with all of its keys and the advice not to edit it', () => {
  const refused = (library: string) => readdirSync(`${LIBRARIES}/${library}/refused`);
  const SAELENS = 'sae-lens-6.54.12';
  const keysOf = (name: string): string[] => {
    const keys = name.startsWith('temporal') || !/norm/.test(name) ? ['architecture'] : [];
    return /norm/.test(name) ? [...keys, 'normalize_activations'] : keys;
  };

  /** What the refusal of a file says, by the file's name. */
  const WHY: readonly (readonly [RegExp, RegExp])[] = [
    [/transcode/i, /MLP/],
    [/abstopk/, /negative/],
    [/temporal/, /earlier tokens/],
    [/norm/, /each token/],
    [/matching-pursuit/, /one after the other/],
    [/groupmax/, /each group/],
    [/skip\./, /matrix of its input/],
  ];
  const expectReasons = (name: string, { message }: LensError) => {
    const reasons = WHY.filter(([file]) => file.test(name));
    expect(reasons).not.toEqual([]);
    for (const [, why] of reasons) expect(message).toMatch(why);
    expect(message).toMatch(/Do not edit/);
  };

  test.each(refused(SAELENS).filter((name) => name !== 'no-hook.json'))('SAELens: %s', async (name) => {
    const error = await refusal({
      'cfg.json': file(`${SAELENS}/refused/${name}`),
      'sae_weights.safetensors': weightsOf(`${SAELENS}/topk`),
    });
    expect(error).toBeInstanceOf(UnsupportedModelError);
    expect(error.fields.keys).toEqual(keysOf(name));
    expectReasons(name, error);
  });

  test('SAELens: without a hook the layer is asked for', async () => {
    const bare = {
      'cfg.json': file(`${SAELENS}/refused/no-hook.json`),
      'sae_weights.safetensors': weightsOf(`${SAELENS}/topk`),
    };
    const error = await refusal(bare);
    expect(error).toBeInstanceOf(CorruptFileError);
    expect(error.message).toMatch(/which layer/);
  });

  const SPARSIFY = 'sparsify-1.3.3';
  test.each(refused(SPARSIFY))('sparsify: %s', async (name) => {
    const error = await refusal({
      'layers.1/cfg.json': file(`${SPARSIFY}/refused/${name}`),
      'layers.1/sae.safetensors': filesOf(`${SPARSIFY}/topk`)['layers.1/sae.safetensors']!,
    });
    expect(error).toBeInstanceOf(UnsupportedModelError);
    expectReasons(name, error);
  });

  test.each([
    ['threshold', 'batchtopk'],
    ['topk_threshold', 'batchtopk-checkpoint'],
  ])('a %s beside "topk" is no top-k dictionary', async (tensor, from) => {
    const config = JSON.parse(new TextDecoder().decode(filesOf(`${SAELENS}/topk-plain`)['cfg.json']));
    const error = await refusal({
      'cfg.json': json(config),
      'sae_weights.safetensors': weightsOf(`${SAELENS}/${from}`),
    });
    expect(error).toBeInstanceOf(UnsupportedModelError);
    expect(error.message).toContain(`"${tensor}"`);
  });
});
