import { expect, test } from 'vitest';
import { openLens } from '../open/open';
import type { Golden } from './golden';

// Browsers that cannot suspend WebAssembly get the other bundle. This file is a project of its own (vitest.config.ts),
// so the runtime is not loaded yet.
test('without WebAssembly suspension the asyncify bundle runs WebGPU and writes PyTorch’s greedy text', async () => {
  Reflect.deleteProperty(WebAssembly, 'Suspending');
  const folder = '/models/lenslet-mini/';
  const golden: Golden = await (await fetch(`${folder}golden.json`)).json();
  const lens = await openLens(folder, { provider: 'webgpu' });
  expect(lens.info.runtime).toBe('asyncify');
  const { text, continuation } = golden.texts.find(({ name }) => name === 'english')!;
  const written: number[] = [];
  for await (const { rows } of lens.generate(text, { maxTokens: 4, temperature: 0 })) written.push(rows[0]!.token);
  expect(written).toEqual(continuation.slice(0, 4));
  await lens.close();
});
