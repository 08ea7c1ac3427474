import { expect, test } from 'vitest';
import type { Provider } from '../api/open';
import { openConfig } from '../folders/config';
import { openWeights } from '../folders/weights';
import type { Injection } from '../graph/inject';
import { createWasmCompute } from '../kernels/wasm';
import { createWebGpuCompute } from '../kernels/webgpu';
import { smallUrlSource } from '../sources/url';
import expected from '../testing/inject.json';
import { openGpu } from './device';
import { createKv } from './kv';
import { Model } from './model';
import { loadRuntime } from './runtime';
import { Scope } from './scope';

// Rows put into the graph at chosen positions, over what is there or on top of it, against PyTorch
// (training/fixtures/inject.py).
test.each<Provider>(['wasm', 'webgpu'])(
  'injected at the embedding and behind a block as PyTorch does, on %s',
  async (provider) => {
    const folder = smallUrlSource('/src/lens/testing/fixtures/tiny-tied-f32/');
    const [config, weights, runtime] = [await openConfig(folder), await openWeights(folder), await loadRuntime()];
    const gpu = provider === 'webgpu' ? await openGpu(true) : null;
    const compute = gpu ? createWebGpuCompute(gpu.device) : createWasmCompute();
    const { ids } = expected;
    const { d, vocabularySize } = config;
    const seq = ids.length;
    for (const [name, { at, mode, positions, vectors, logits }] of Object.entries(expected.injections)) {
      const scope = new Scope(compute);
      const injection = { at, mode } as Injection;
      const model = await Model.create({ config, weights, sites: [], injection, runtime, gpu, compute });
      const data = new Float32Array(seq * d);
      for (const [i, position] of positions.entries()) data.set(vectors.slice(i * d, (i + 1) * d), position * d);
      const mask = Uint8Array.from({ length: seq }, (_, t) => Number(positions.includes(t)));
      const h = scope.rows(seq, d);
      const out = scope.rows(seq, vocabularySize);
      const feed = { batch: 1, seq, lengths: [seq], total: seq };
      await model.run(0, Int32Array.from(ids), createKv(scope, config, 1, seq), feed, h, {
        mask,
        rows: scope.rows(seq, d, data),
      });
      await model.logits(h, seq, out);
      const [read] = (await compute.read([out])) as [Float32Array];
      for (const [t, golden] of Object.entries(logits)) {
        const worst = golden.reduce(
          (max, x, i) => Math.max(max, Math.abs(read[Number(t) * vocabularySize + i]! - x)),
          0,
        );
        expect(worst, `${name}: logits of token ${t}`).toBeLessThan(1e-3);
      }
      await model.release();
      scope.release();
    }
    compute.destroy();
    gpu?.device.destroy();
  },
);
