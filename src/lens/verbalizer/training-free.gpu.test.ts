import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AbortedError } from '../api/errors';
import type { Provider } from '../api/open';
import type { VerbalizeStep } from '../api/verbalizer';
import { openGpu } from '../engine/device';
import { Model } from '../engine/model';
import { loadRuntime } from '../engine/runtime';
import { sample } from '../engine/sampler';
import { withScope } from '../engine/scope';
import { openConfig } from '../folders/config';
import { openWeights } from '../folders/weights';
import { createWasmCompute } from '../kernels/wasm';
import { createWebGpuCompute } from '../kernels/webgpu';
import type { EngineLens } from '../lens';
import { openLens } from '../open/open';
import { smallUrlSource } from '../sources/url';
import expected from '../testing/inject.json';
import { Lockstep } from './lockstep';
import { runPatched } from './patch';
import { PATCHSCOPES } from './patchscopes';
import { shadowLogprobs } from './relevancy';
import { SELFIE } from './selfie';

// PyTorch's results with a vector put in, by a fresh forward pass a step: training/fixtures/inject.py.
const TINY = '/src/lens/testing/fixtures/tiny-tied-f32/';
const MINI = '/models/lenslet-mini/';
const TOLERANCE = 1e-4;

interface Run {
  ids: number[];
  layer: number;
  positions: number[];
  tokens: number[];
  p: number[];
  without: number[];
}

async function all(steps: AsyncIterable<VerbalizeStep>): Promise<VerbalizeStep[]> {
  const out: VerbalizeStep[] = [];
  for await (const step of steps) out.push(step);
  return out;
}

function agrees(steps: VerbalizeStep[], golden: Run, what: string): void {
  expect(steps.length, what).toBeGreaterThan(0);
  const tokens = steps.map((step) => step.token);
  expect(tokens, what).toEqual(golden.tokens.slice(0, steps.length));
  for (const [i, { relevancy }] of steps.entries()) {
    expect(
      Math.abs(relevancy! - Math.abs(golden.p[i]! - golden.without[i]!)),
      `${what}: relevancy of token ${i}`,
    ).toBeLessThan(TOLERANCE);
  }
}

describe.each<Provider>(['wasm', 'webgpu'])('a vector in the place of a block’s output, on %s', (provider) => {
  test('greedy tokens and the probabilities with it are PyTorch’s, behind each block', async () => {
    const folder = smallUrlSource(TINY);
    const [config, weights, runtime] = [await openConfig(folder), await openWeights(folder), await loadRuntime()];
    const gpu = provider === 'webgpu' ? await openGpu(true) : null;
    const compute = gpu ? createWebGpuCompute(gpu.device) : createWasmCompute();
    const model = await Model.create({ config, weights, sites: [0], runtime, gpu, compute });
    // Whole rows of logits read back, and only the largest.
    for (const wholeRow of [16384, 1]) {
      for (const [name, { ids, layer, positions, vector, tokens, p, without }] of Object.entries(expected.runs)) {
        await withScope(compute, async (scope) => {
          // Row 0 has the vector, row 1 is its shadow.
          const batch = new Lockstep(scope, model, 2, ids.length, tokens.length, wholeRow);
          await runPatched(model, { ids, layer, positions }, [Float32Array.from(vector), null], (row, kv, h, last) =>
            batch.take(row, kv, h, last),
          );
          for (const [i, token] of tokens.entries()) {
            const read = await batch.candidates();
            const drawn = sample(read.get(0)!, { temperature: 0, topP: 1, seed: 0 }, i);
            const shadow = await shadowLogprobs(batch, read, new Map([[0, drawn]]), 1);
            expect(drawn.id, `${name}: token ${i}`).toBe(token);
            expect(Math.abs(Math.exp(drawn.logprob) - p[i]!), `${name}: p of token ${i}`).toBeLessThan(TOLERANCE);
            expect(
              Math.abs(Math.exp(shadow.get(0)!) - without[i]!),
              `${name}: p without it of token ${i}`,
            ).toBeLessThan(TOLERANCE);
            await batch.step(() => token);
          }
        });
      }
    }
    await model.release();
    compute.destroy();
    gpu?.device.destroy();
  });
});

describe.each<Provider>(['wasm', 'webgpu'])('SelfIE and Patchscopes of lenslet-mini on %s', (provider) => {
  const { text, position, site: layer, selfie, patchscopes } = expected.mini;
  let lens: EngineLens;
  beforeAll(async () => {
    lens = (await openLens(MINI, { provider })) as EngineLens;
  });
  afterAll(() => lens.close());

  test('their prompts are PyTorch’s', () => {
    const { tokenizer } = lens.engine;
    expect(SELFIE.prompt(tokenizer)).toEqual({ ids: selfie.ids, positions: selfie.positions });
    expect(PATCHSCOPES.prompt(tokenizer)).toEqual({ ids: patchscopes.ids, positions: patchscopes.positions });
  });

  test('greedy tokens and relevancies are PyTorch’s, alone and in a batch', async () => {
    const trace = await lens.trace(text);
    // A token takes seconds on the software adapter.
    const few = provider === 'webgpu';
    for (const [source, run] of Object.entries({ selfie, patchscopes })) {
      const options = { source: source as 'selfie' | 'patchscopes', layer };
      agrees(await all(lens.verbalize(trace, { ...options, position, maxTokens: few ? 3 : undefined })), run, source);
      const positions = few ? [2, position] : [2, position, 9];
      const several = await all(
        lens.verbalize(trace, { ...options, position: positions, samples: few ? 1 : 2, maxTokens: few ? 2 : 5 }),
      );
      expect(new Set(several.map((step) => step.position))).toEqual(new Set(positions));
      for (const sample of new Set(several.map((step) => step.sample))) {
        agrees(
          several.filter((step) => step.position === position && step.sample === sample),
          run,
          `${source} in a batch`,
        );
      }
      const bare = await all(
        lens.verbalize(await trace.residual(layer, position), { ...options, maxTokens: few ? 1 : 3 }),
      );
      agrees(bare, run, `${source} of the bare vector`);
      expect(new Set(bare.map((step) => step.position))).toEqual(new Set([null]));
    }
    trace.dispose();
  });
});

describe('SelfIE of a lens without site 0', () => {
  test('runs on a second set of sessions, says what it costs, and reads the same', async () => {
    const { text, position, site: layer, selfie } = expected.mini;
    const lens = await openLens(MINI, { provider: 'wasm', sites: [layer] });
    const info = (await lens.verbalizers()).sources.find(({ source }) => source === 'selfie')!;
    // 6.8 million parameters and the tied embedding once more, float32; model.safetensors.
    expect(info.memory / 1e6).toBeCloseTo(35.7, 0);
    expect(info.bytes).toBe((await (await fetch(`${MINI}model.safetensors`)).arrayBuffer()).byteLength);
    const trace = await lens.trace(text);
    const bytes: number[] = [];
    const stop = new AbortController();
    const stopped = all(
      lens.verbalize(trace, { source: 'selfie', position, signal: stop.signal, onProgress: () => stop.abort() }),
    );
    await expect(stopped).rejects.toThrow(AbortedError);
    const steps = await all(
      lens.verbalize(trace, {
        source: 'selfie',
        position,
        maxTokens: 6,
        onProgress: ({ loaded }) => bytes.push(loaded),
      }),
    );
    agrees(steps, selfie, 'SelfIE on the second set');
    expect(bytes.at(-1)).toBe(info.bytes);
    await lens.close();
  });
});
