import { expect, test } from 'vitest';
import { areOtherModels, noticesOf } from './trained';

test('only names that are surely of two models count as such', () => {
  for (const [a, b] of [
    ['gemma-2-2b', 'Qwen/Qwen3-1.7B'],
    ['Qwen/Qwen3-8B', 'Qwen/Qwen3-1.7B'],
    ['qwen2.5-7b', 'Qwen3-8B'],
    ['gpt2-small', 'pythia-70m-deduped'],
    ['pythia-160m', 'pythia-70m'],
    ['google/gemma-3-1b-pt', 'gemma-2-2b'],
    ['gemma-2b', 'google/gemma-2-2b'],
    ['llama-7b', 'Llama-2-7b'],
    ['SmolLM2-135M', 'HuggingFaceTB/SmolLM-135M'],
  ] as const)
    expect(areOtherModels(a, b), `${a} ${b}`).toBe(true);
  for (const [a, b] of [
    ['Qwen/Qwen3-1.7B-Base', '/models/qwen3-1.7b/'],
    ['Qwen3-1.7B', 'my-run'],
    ['gemma-2-2b', 'google/gemma-2-2b-it'],
    ['lenslet-mini', '/models/lenslet-mini/'],
    ['meta-llama/Llama-3.2-1B', 'Llama-3.2-1B-Instruct'],
    ['Qwen3-1.7B', 'Qwen3'],
    ['SAE of Qwen3', 'downloads'],
    ['EleutherAI/pythia-70m-deduped', 'pythia-70m'],
    ['qwen-1.8b', 'Qwen/Qwen-1_8B'],
    ['gemma-v3-270m-pt', 'google/gemma-3-270m'],
    ['gemma-2b', 'google/gemma-1.1-2b-it'],
    ['Qwen3-1.7B', 'models--Qwen--Qwen3-1.7B'],
  ] as const)
    expect(areOtherModels(a, b), `${a} ${b}`).toBe(false);
});

test('a notice says which layer, which model, and the first token', () => {
  const of = (model: string | null, firstToken: boolean | null, open?: string) =>
    noticesOf({ model, firstToken }, 4, open);
  expect(of('gemma-2-2b', true, 'Qwen3-1.7B')).toEqual([
    expect.stringMatching(/layer 4 was trained on gemma-2-2b.*Qwen3-1\.7B/),
    expect.stringMatching(/layer 4 .*first token/),
  ]);
  expect(of('gemma-2-2b', false)).toEqual([]);
  expect(of(null, null, 'Qwen3-1.7B')).toEqual([]);
});
