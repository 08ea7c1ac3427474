import { type DecoderConfig, openConfig } from '../folders/config';
import { openWeights } from '../folders/weights';
import { parseSafetensors, type Weights, weightsOf } from '../formats/safetensors';
import type { Source } from '../sources/source';
import { smallUrlSource } from '../sources/url';
import { json } from './fixtures';

/** Small folders with the sinks and outlier channels of large ones, and PyTorch's numbers for them
 *  (training/fixtures/planted.py). */
export const PLANTED = [
  'planted-qwen3-tied',
  'planted-qwen3-untied-sharded',
  'planted-qwen2-tied-sharded',
  'planted-qwen2-untied',
  'planted-llama-tied-f32',
  'planted-llama3-untied-sharded',
];

/** The same of Gemma 3, whose numbers of float32 weights are transformers' (training/fixtures/gemma3.py). The first
 *  token's residual is more than a half float holds. */
export const PLANTED_GEMMA = ['planted-gemma3-f32', 'planted-gemma3-bf16-sharded'];

export interface Planted {
  config: DecoderConfig;
  weights: Weights;
  ids: Int32Array;
  /** Channels that are neither outliers nor the sink's. */
  ordinary: number[];
  /** Of the packed bytes and scales of all matrices, by name. */
  sha256: Record<'q4' | 'q8', string>;
  /** `f32.residuals` [layers, T, d]; `{format}.final` [T, d] of the others; `{format}.logits` [T, V]. */
  expected(name: string): Float32Array;
}

/** `folder`: where it is, by default beside the page. */
export async function openPlanted(
  name: string,
  folder: Source = smallUrlSource(`/src/lens/testing/fixtures/${name}/`),
): Promise<Planted> {
  const file = 'expected.safetensors';
  const tensors = parseSafetensors(await folder.read(file), file);
  const expected = weightsOf(tensors, file);
  const told = JSON.parse(new TextDecoder().decode(await folder.read('expected.json')));
  return {
    config: await openConfig(folder),
    weights: await openWeights(folder),
    ids: Int32Array.from(told.ids),
    ordinary: told.ordinary,
    sha256: told.sha256,
    expected: (tensor) => expected.float32(tensor, tensors.get(tensor)!.shape),
  };
}

/** The files of a planted model, and a tokenizer that says nothing: what the store keeps of a model. */
export async function plantedFiles(name: string): Promise<Record<string, Uint8Array>> {
  const folder = smallUrlSource(`/src/lens/testing/fixtures/${name}/`);
  const index = await folder.tryRead('model.safetensors.index.json');
  const shards = index
    ? new Set<string>(Object.values(JSON.parse(new TextDecoder().decode(index)).weight_map))
    : ['model.safetensors'];
  const files: Record<string, Uint8Array> = { 'tokenizer.json': json({}), 'tokenizer_config.json': json({}) };
  if (index) files['model.safetensors.index.json'] = index;
  for (const path of ['config.json', ...shards]) files[path] = await folder.read(path);
  return files;
}

/** The largest |a - b| / |b| of a row of `width` numbers, over the chosen columns; Infinity where anything is not
 *  finite. */
export function worstRow(
  a: Float32Array,
  b: Float32Array,
  width: number,
  columns: number[] = Array.from({ length: width }, (_, i) => i),
): number {
  let worst = 0;
  for (let at = 0; at < b.length; at += width) {
    const difference =
      Math.hypot(...columns.map((i) => a[at + i]! - b[at + i]!)) / Math.hypot(...columns.map((i) => b[at + i]!));
    worst = Math.max(worst, Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY);
  }
  return worst;
}
