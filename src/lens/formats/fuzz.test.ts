import { expect, test } from 'vitest';
import { LensError } from '../api/errors';
import { parseModelConfig } from '../folders/config';
import { ownEntries } from '../folders/dictionary-list';
import { openEffects } from '../folders/effects';
import { FeatureData } from '../folders/feature-data';
import { openNlaIndex, parseNlaControls } from '../folders/nla-controls';
import { parseValueHead } from '../folders/nla-head';
import { parseNlaMeta } from '../folders/nla-meta';
import { parseFeatureStats } from '../folders/sae-stats';
import { openWeights } from '../folders/weights';
import {
  EFFECTS,
  FEATURES_METADATA,
  FEATURES_OF,
  featureTensors,
  GEMMA3,
  json,
  LLAMA,
  NLA_CONTROLS,
  NLA_META,
  pack,
  QWEN3,
  SAE,
  safetensors,
  seeded,
} from '../testing/fixtures';
import { memoryFolder } from '../testing/memory-folder';
import { openSae } from '../testing/sae';
import { parseJson } from './json';
import { parseSafetensors } from './safetensors';

/** A thousand damaged inputs for each format, from fixed seeds: each is read or refused with a named error. */

const ROUNDS = 1000;
const HOSTILE: unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  3,
  1e308,
  2 ** 53,
  2 ** 32,
  -0,
  '',
  '0',
  '..',
  'F64',
  '\u0000',
  [],
  [[]],
  {},
  [-1],
  [0, 4],
  { a: 1 },
  'x'.repeat(500),
];

/** `value` with one to three places replaced, removed or doubled. */
function damage(value: unknown, random: () => number): unknown {
  let result = structuredClone(value);
  for (let n = 1 + Math.floor(random() * 3); n > 0; n--) result = damageOnce(result, random);
  return result;
}

function damageOnce(value: unknown, random: () => number): unknown {
  const pick = <T>(list: T[]): T => list[Math.floor(random() * list.length)]!;
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0 || random() < 0.1)
    return pick(HOSTILE);
  const copy = value as Record<string, unknown>;
  const key = pick(Object.keys(copy));
  const kind = random();
  if (kind < 0.55) copy[key] = damageOnce(copy[key], random);
  else if (kind < 0.7) copy[key] = pick(HOSTILE);
  else if (kind < 0.85) delete copy[key];
  else if (!Array.isArray(copy))
    copy[pick(['__proto__', 'constructor', '__metadata__', 'extra', `${key}2`])] = structuredClone(copy[key]);
  return copy;
}

/** `bytes` with up to four changed, or cut off, or with a piece repeated. */
function corrupt(bytes: Uint8Array, random: () => number): Uint8Array {
  const at = () => Math.floor(random() * bytes.length);
  const kind = random();
  if (kind < 0.15) return bytes.slice(0, at());
  if (kind < 0.3) return Uint8Array.from([...bytes.subarray(0, at()), ...bytes.subarray(at())]);
  const copy = bytes.slice();
  for (let n = 1 + Math.floor(random() * 4); n > 0; n--) copy[at()] = Math.floor(random() * 256);
  return copy;
}

/** Counts the rounds whose input was read; all others must throw a LensError. */
async function survivors(round: (random: () => number) => unknown): Promise<number> {
  let read = 0;
  for (let seed = 0; seed < ROUNDS; seed++) {
    try {
      await round(seeded(seed));
      read++;
    } catch (error) {
      if (!(error instanceof LensError)) throw new Error(`Seed ${seed} threw ${String(error)}`, { cause: error });
    }
  }
  return read;
}

/** Damage reaches the checks only if some inputs get through and some do not. */
function expectBoth(read: number): void {
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(ROUNDS);
}

const header = {
  __metadata__: { format: 'pt' },
  a: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] },
  b: { dtype: 'F16', shape: [4], data_offsets: [16, 24] },
};

test('safetensors headers: what is read lies within the file', async () => {
  const round = (file: Uint8Array) => {
    for (const { bytes } of parseSafetensors(file, 'f').values()) {
      expect(bytes.buffer).toBe(file.buffer);
      expect(bytes.byteOffset + bytes.length).toBeLessThanOrEqual(file.length);
    }
  };
  expectBoth(await survivors((random) => round(safetensors(damage(header, random), 24))));
  expectBoth(await survivors((random) => round(corrupt(safetensors(header, 24), random))));
});

test('model configurations', async () => {
  for (const config of [QWEN3, LLAMA, GEMMA3]) {
    expectBoth(await survivors((random) => parseModelConfig(damage(config, random), 'f')));
    expectBoth(await survivors((random) => parseModelConfig(parseJson(corrupt(json(config), random), 'f'), 'f')));
  }
});

test('SAE configurations and statistics', async () => {
  const weights = pack({
    W_enc: { shape: [3, 4], data: new Float32Array(12) },
    b_enc: { shape: [4], data: new Float32Array(4) },
    W_dec: { shape: [4, 3], data: new Float32Array(12) },
    b_dec: { shape: [3], data: new Float32Array(3) },
  });
  const stats = {
    tokens: 10,
    fvu: 0.1,
    residual_norm_median: 7,
    mean: [1, 2, 3],
    max_activation: [0, 1, 2, 3],
    density: [0, 0.5, 1, 0.25],
  };
  const open = (config: Uint8Array, file: Uint8Array, statistics: Uint8Array) =>
    openSae(
      memoryFolder('m', {
        's/cfg.json': config,
        's/sae_weights.safetensors': file,
        's/feature_stats.json': statistics,
      }),
      's',
    );
  expectBoth(await survivors((random) => open(json(damage(SAE, random)), weights, json(stats))));
  expectBoth(await survivors((random) => parseFeatureStats(damage(stats, random), 'f', 3, 4)));
  expectBoth(await survivors((random) => open(json(SAE), corrupt(weights, random), json(stats))));
});

test('indices of SAEs and of shards', async () => {
  // Every folder has a configuration, each for another layer.
  const find = (bytes: Uint8Array) => {
    let layer = 0;
    const source = memoryFolder('m', { 'sae/index.json': bytes });
    const cfg = () => json({ ...SAE, hook_name: undefined, hook_layer: layer++, metadata: {} });
    return ownEntries({
      ...source,
      tryRead: async (path, options) => (path.endsWith('/cfg.json') ? cfg() : source.tryRead(path, options)),
    });
  };
  expectBoth(
    await survivors((random) => find(json(damage(['blocks.3.hook_resid_post', 'blocks.4.hook_resid_post'], random)))),
  );
  const shard = pack({ a: { shape: [1], data: new Float32Array(1) }, b: { shape: [1], data: new Float32Array(1) } });
  const index = { metadata: { total_size: 8 }, weight_map: { a: 'm-1.safetensors', b: 'm-2.safetensors' } };
  const open = (bytes: Uint8Array) =>
    openWeights(
      memoryFolder('m', {
        'model.safetensors.index.json': bytes,
        'm-1.safetensors': shard,
        'm-2.safetensors': shard,
      }),
    );
  expectBoth(await survivors((random) => open(json(damage(index, random)))));
  expectBoth(await survivors((random) => open(corrupt(json(index), random))));
});

test('feature data, and effects', async () => {
  const read = async (file: Uint8Array) => {
    const data = await FeatureData.open(memoryFolder('m', { 's/features.safetensors': file }), 's/', FEATURES_OF);
    for (let f = 0; f < FEATURES_OF.width; f++)
      for (const { ids, values, peak } of await data!.snippets(f))
        expect([ids.length, values[peak]! > 0]).toEqual([values.length, true]);
  };
  const tensors = featureTensors();
  const dataBytes = Object.values(tensors).reduce((n, { data }) => n + data.byteLength, 0);
  expectBoth(await survivors((random) => read(corrupt(pack(tensors, FEATURES_METADATA), random))));
  expectBoth(
    await survivors((random) => read(pack(tensors, damage(FEATURES_METADATA, random) as Record<string, string>))),
  );
  // Headers stay intact; the numbers after them are damaged.
  const whole = pack(tensors, FEATURES_METADATA);
  const numbers = (random: () => number) => {
    const copy = whole.slice();
    for (let n = 1 + Math.floor(random() * 4); n > 0; n--)
      copy[copy.length - 1 - Math.floor(random() * dataBytes)] = Math.floor(random() * 256);
    return copy;
  };
  expectBoth(await survivors((random) => read(numbers(random))));
  const open = (bytes: Uint8Array) => openEffects(memoryFolder('m', { 'effects.json': bytes }));
  expectBoth(await survivors((random) => open(json(damage(EFFECTS, random)))));
  expectBoth(await survivors((random) => open(corrupt(json(EFFECTS), random))));
});

test('what describes a trained pair', async () => {
  const meta = new TextEncoder().encode(NLA_META);
  expectBoth(await survivors((random) => parseNlaMeta(corrupt(meta, random), 'f')));
  const controls = (bytes: Uint8Array) => parseNlaControls(bytes, 'f', { d: 2, layer: 3 });
  expectBoth(await survivors((random) => controls(json(damage(NLA_CONTROLS, random)))));
  expectBoth(await survivors((random) => controls(corrupt(json(NLA_CONTROLS), random))));
  const index = { format: 'lenslet-nla-1', av: 'av', ar: 'ar', controls: 'controls.json' };
  expectBoth(
    await survivors((random) => openNlaIndex(memoryFolder('m', { 'nla/index.json': json(damage(index, random)) }))),
  );
  const head = pack({ weight: { shape: [3, 3], data: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) } });
  expectBoth(await survivors((random) => parseValueHead(corrupt(head, random), 'f', 3)));
});
