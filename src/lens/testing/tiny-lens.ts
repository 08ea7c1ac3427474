import { sourceOfFolder } from '../sources/reads';
import type { Source } from '../sources/source';
import { json, pack, SAE } from './fixtures';
import { memoryFolder } from './memory-folder';
import { normals } from './numbers';

const D = 32;
const LAYER = 1;
const WIDTH = 24;
const HOOK = `blocks.${LAYER}.hook_resid_post`;

const base64 = (numbers: Float32Array) => btoa(String.fromCharCode(...new Uint8Array(numbers.buffer)));

const interval = (mean: number) => ({ mean, low: mean - 0.1, high: mean + 0.1 });

const controls = {
  format: 'lenslet-nla-controls-1',
  layer: LAYER,
  variance: 0.8,
  mean: base64(normals(D, 3)),
  generic: 'A text.',
  texts: ['English prose.', 'It is a number.', '“ fire”'],
  quality: { n: 50, own: interval(0.5), shuffled: interval(0.1), beatsControl: true },
};

const sae = pack({
  W_enc: { shape: [D, WIDTH], data: normals(D * WIDTH, 4) },
  W_dec: { shape: [WIDTH, D], data: normals(WIDTH * D, 5) },
  b_enc: { shape: [WIDTH], data: new Float32Array(WIDTH) },
  b_dec: { shape: [D], data: new Float32Array(D) },
});

/** A whole model folder out of the fixture tiny-nla in `fixtures`: its verbalizer's checkpoint as the model, a random
 *  dictionary behind block 1, which is the pair's site, and the pair itself, unless `pair` is false. */
export function tinyFolder(fixtures: Source, pair = true): Source {
  const made = memoryFolder('tiny', {
    'sae/index.json': json([HOOK]),
    [`sae/${HOOK}/cfg.json`]: json({
      ...SAE,
      d_in: D,
      d_sae: WIDTH,
      k: 4,
      hook_name: HOOK,
      hook_layer: LAYER,
      metadata: {},
    }),
    [`sae/${HOOK}/sae_weights.safetensors`]: sae,
    ...(pair
      ? {
          'nla/index.json': json({ format: 'lenslet-nla-1', av: 'av', ar: 'ar', controls: 'controls.json' }),
          'nla/controls.json': json(controls),
        }
      : {}),
  });
  // Everything else is the fixture's.
  const path = (file: string) => (file.startsWith('nla/') ? `tiny-nla/${file.slice(4)}` : `tiny-nla/av/${file}`);
  return sourceOfFolder({
    name: 'tiny',
    read: async (file, options) => (await made.tryRead(file, options)) ?? fixtures.read(path(file), options),
    tryRead: async (file, options) => (await made.tryRead(file, options)) ?? fixtures.tryRead(path(file), options),
    tryReadPart: async (file, begin, end, options) =>
      (await made.tryReadPart(file, begin, end, options)) ?? fixtures.tryReadPart(path(file), begin, end, options),
  });
}
