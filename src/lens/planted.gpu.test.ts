import { expect, test } from 'vitest';
import type { Lens } from './api/lens';
import type { PickedFolder, WeightFormat } from './api/model';
import type { SiteCodes } from './api/site';
import { openLens } from './open/open';
import { openPlanted, PLANTED, worstRow } from './testing/planted';

// The way a real model and a real dictionary go, in small: folders with sinks and outlier channels and a `layer2.sae.pt`
// by torch.save are picked, converted, kept, opened, and a text is traced. PyTorch has residuals and codes of every
// position (training/fixtures/planted.py, planted_dictionary.py).

const FIXTURES = '/src/lens/testing/fixtures/';
const DICTIONARY = 'planted-dictionary-L0_8';
const LAYER = 2;

interface Codes {
  ids: number[];
  values: number[];
  fvu: number[];
}

async function file(path: string): Promise<File | null> {
  const answer = await fetch(FIXTURES + path);
  if (!answer.ok || answer.headers.get('content-type')?.startsWith('text/html')) return null;
  return new File([await answer.blob()], path.split('/').at(-1)!);
}

async function picked(name: string, paths: string[], made: Record<string, unknown> = {}): Promise<PickedFolder> {
  const files = Object.entries(made).map(([path, json]) => ({ path, file: new File([JSON.stringify(json)], path) }));
  for (const path of paths) {
    const found = await file(`${name}/${path}`);
    if (found) files.push({ path, file: found });
  }
  return { name, files };
}

/** Id i is one printable character, so that a text is its ids. */
const letter = (id: number): string => String.fromCharCode(33 + id);
const ends = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };
const tokenizer = (size: number) => ({
  version: '1.0',
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: ends,
  post_processor: ends,
  decoder: ends,
  model: {
    type: 'BPE',
    vocab: Object.fromEntries(Array.from({ length: size }, (_, id) => [letter(id), id])),
    merges: [],
  },
});

function expectCodes(codes: SiteCodes, wanted: Codes, what: string): void {
  expect([...codes.ids], what).toEqual(wanted.ids);
  for (const [i, value] of wanted.values.entries())
    expect(Math.abs(codes.values[i]! - value), `${what} ${i}`).toBeLessThan(1e-4 * Math.max(1, value));
  for (const [t, fvu] of wanted.fvu.entries())
    expect(Math.abs(codes.fvu[t]! - fvu), `${what} fvu ${t}`).toBeLessThan(1e-3);
}

async function expectAgreement(lens: Lens, name: string, format: WeightFormat, codes: Codes): Promise<void> {
  const { ids, config, ordinary, expected } = await openPlanted(name);
  const trace = await lens.trace(Array.from(ids, letter).join(''));
  expect(trace.tokens.map(({ id }) => id)).toEqual([...ids]);
  const wanted =
    format === 'f32' ? expected('f32.residuals').subarray(-ids.length * config.d) : expected(`${format}.final`);
  const residuals = new Float32Array(wanted.length);
  for (const t of ids.keys()) residuals.set(await trace.residual(LAYER, t), t * config.d);
  expect(worstRow(residuals, wanted, config.d), format).toBeLessThan(1e-4);
  expect(worstRow(residuals, wanted, config.d, ordinary), `${format}, outliers left out`).toBeLessThan(1e-3);
  expectCodes(trace.site(LAYER), codes, `${name} ${format}`);
  trace.dispose();
}

test.each(PLANTED)('%s with a dictionary by torch.save agrees with PyTorch at every position', async (name) => {
  const told: Record<string, Record<string, Codes>> = await (await fetch(`${FIXTURES}${DICTIONARY}/codes.json`)).json();
  const shards = [2, 3].flatMap((of) =>
    Array.from({ length: of }, (_, i) => `model-0000${i + 1}-of-0000${of}.safetensors`),
  );
  const model = await picked(name, ['config.json', 'model.safetensors', 'model.safetensors.index.json', ...shards], {
    'tokenizer.json': tokenizer(80),
    'tokenizer_config.json': {
      tokenizer_class: 'Qwen2Tokenizer',
      add_bos_token: false,
      clean_up_tokenization_spaces: false,
    },
  });
  const dictionary = { picked: await picked(DICTIONARY, [`layer${LAYER}.sae.pt`]) };
  // What q4 does differently is seen on one of them.
  for (const format of name === PLANTED[0] ? (['q8', 'q4'] as const) : (['q8'] as const)) {
    const lens = await openLens({ picked: model }, { provider: 'webgpu', format, dictionary, sites: [LAYER] });
    expect(lens.info.sites).toMatchObject([{ layer: LAYER, width: 256, k: 8, center: 'b_dec' }]);
    await expectAgreement(lens, name, format, told[name]![format]!);
    await lens.close();
  }
  const lens = await openLens({ picked: model }, { provider: 'wasm', dictionary });
  expect(lens.info).toMatchObject({ format: 'f32', openable: [LAYER] });
  await expectAgreement(lens, name, 'f32', told[name]!.f32!);
  await lens.close();
});
