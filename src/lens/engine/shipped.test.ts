import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { otherDictionaries } from '../folders/dictionaries';
import { parseSafetensors, weightsOf } from '../formats/safetensors';
import { createWasmCompute } from '../kernels/wasm';
import { agreement, decoderOf, encode } from '../testing/libraries';
import { memorySource } from '../testing/memory-source';

// Dictionaries that SAELens trained on a real model's residuals, as they lie beside the page.
const FOLDER = 'public/models/smollm2-135m-instruct/sae';
const MODEL = { d: 576, layers: 30, name: 'SmolLM2-135M-Instruct' };

const file = (path: string) => new Uint8Array(readFileSync(path));
const TRUTH = 'fixtures/dictionaries/shipped-by-sae-lens.safetensors';
const tensors = parseSafetensors(file(TRUTH), TRUTH);
const truth = (name: string) => weightsOf(tensors, TRUTH).float32(name, tensors.get(name)!.shape);
const hooks = JSON.parse(readFileSync(`${FOLDER}/index.json`, 'utf8')) as string[];

test.each(hooks)('%s reads as SAELens itself reads it', async (hook) => {
  const names = ['cfg.json', 'sae_weights.safetensors'];
  const own = Object.fromEntries(names.map((name) => [name, file(`${FOLDER}/${hook}/${name}`)]));
  const layer = Number(hook.split('.')[1]);
  const { open } = await otherDictionaries(memorySource(own, { name: hook }), MODEL);
  const { weights } = await open(layer);
  const compute = createWasmCompute();
  const dictionary = compute.dictionary(weights);
  const residuals = truth(`residuals.${layer}`);
  const found = agreement(
    await encode(compute, dictionary, residuals),
    { bias: weights.decoderBias, decoder: await decoderOf(compute, dictionary) },
    residuals,
    { codes: truth(`codes.${layer}`), decoded: truth(`decoded.${layer}`) },
  );
  expect(found.same).toBe(found.rows);
  expect(found.values).toBeLessThan(1e-4);
  expect(found.decoded).toBeLessThan(1e-4);
  expect(found.fvu).toBeLessThan(1e-4);
});
