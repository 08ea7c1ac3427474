import type { Origin } from '../api/model';
import { UNSTATED } from '../api/site';
import { type DictionaryPlan, NO_FOLD } from '../folders/dictionary-plan';
import { parseHeader } from '../formats/safetensors';
import { sha256 } from '../formats/sha256';
import { sourceOf } from '../sources/reads';
import type { Source } from '../sources/source';
import { Store, type StoreOptions } from '../store/store';
import { json, type Packed, pack } from './fixtures';
import { type MemorySource, memorySource } from './memory-source';

/** A Qwen3 model in two shards, bf16, about 25 kB: every kind of tensor that a large one has. */
const CONFIG = {
  architectures: ['Qwen3ForCausalLM'],
  model_type: 'qwen3',
  hidden_size: 32,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 16,
  intermediate_size: 64,
  vocab_size: 64,
  max_position_embeddings: 256,
  rope_theta: 10000,
  rms_norm_eps: 1e-6,
  hidden_act: 'silu',
  tie_word_embeddings: true,
  eos_token_id: 3,
};

const layer = 'model.layers.0';
const SHARDS: Record<string, Record<string, number[]>> = {
  'model-00001-of-00002.safetensors': {
    'model.embed_tokens.weight': [64, 32],
    [`${layer}.self_attn.q_proj.weight`]: [32, 32],
    [`${layer}.self_attn.k_proj.weight`]: [16, 32],
    [`${layer}.self_attn.v_proj.weight`]: [16, 32],
    // Not of the model: read past, and hashed with the rest.
    'visual.patch.weight': [8, 32],
    [`${layer}.self_attn.q_norm.weight`]: [16],
    [`${layer}.self_attn.k_norm.weight`]: [16],
  },
  'model-00002-of-00002.safetensors': {
    [`${layer}.self_attn.o_proj.weight`]: [32, 32],
    [`${layer}.input_layernorm.weight`]: [32],
    [`${layer}.post_attention_layernorm.weight`]: [32],
    [`${layer}.mlp.gate_proj.weight`]: [64, 32],
    [`${layer}.mlp.up_proj.weight`]: [64, 32],
    [`${layer}.mlp.down_proj.weight`]: [32, 64],
    'model.norm.weight': [32],
  },
};

export type Files = Record<string, Uint8Array>;

/** bf16 in about [-1, 1], other numbers for each seed. */
function numbers(count: number, seed: number): Uint16Array {
  let state = seed * 2654435761 + 1;
  return Uint16Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 16) & 0x807f) | ((0x3c00 + ((state >>> 8) % 0x380)) & 0x7f80);
  });
}

export function toyModel(seed = 1): Files {
  const files: Files = {
    'config.json': json(CONFIG),
    'tokenizer.json': json({ seed }),
    'tokenizer_config.json': json({}),
    LICENSE: json('Apache-2.0'),
  };
  const map: Record<string, string> = {};
  let n = seed * 100;
  for (const [shard, shapes] of Object.entries(SHARDS)) {
    const tensors: Record<string, Packed> = {};
    for (const [name, shape] of Object.entries(shapes)) {
      map[name] = shard;
      const count = shape.reduce((a, b) => a * b, 1);
      tensors[name] = { dtype: 'BF16', shape, data: numbers(count, n++) };
    }
    files[shard] = pack(tensors);
  }
  files['model.safetensors.index.json'] = json({ metadata: {}, weight_map: map });
  return files;
}

export function toyDictionary(seed = 1): { files: Files; plan: DictionaryPlan } {
  const [d, width] = [32, 128];
  const floats = (count: number, from: number) =>
    Float32Array.from({ length: count }, (_, i) => Math.sin(from + i) / 4);
  const file = pack({
    W_enc: { shape: [width, d], data: floats(width * d, seed) },
    W_dec: { shape: [d, width], data: floats(width * d, seed + 1) },
    b_enc: { shape: [width], data: floats(width, seed + 2) },
    b_dec: { shape: [d], data: floats(d, seed + 3) },
  });
  const header = new DataView(file.buffer).getUint32(0, true);
  const { entries } = parseHeader(file.subarray(8, 8 + header), null, 'toy');
  const at = (name: string, transposed = false) => {
    const { shape, begin, end } = entries.get(name)!;
    return { dtype: 'F32' as const, shape, begin: begin + 8 + header, end: end + 8 + header, transposed };
  };
  const tensors = {
    encoder: at('W_enc'),
    decoder: at('W_dec', true),
    encoderBias: at('b_enc'),
    decoderBias: at('b_dec'),
  };
  const path = 'layer10.sae.pt';
  return {
    files: { [path]: file },
    plan: {
      layer: 10,
      d,
      width,
      k: 8,
      activation: { kind: 'topk', k: 8 },
      fold: NO_FOLD,
      about: UNSTATED,
      notices: [],
      form: 'qwen-scope',
      file: { path, size: file.length, sha256: null },
      tensors,
    },
  };
}

/** What is known of a dictionary, beside its sizes, in an entry that an earlier version kept. */
export const EARLIER = {
  activation: null,
  fold: null,
  about: null,
  notices: null,
  copied: false,
  beside: null,
  unasked: null,
};

export const HUB: Origin = {
  kind: 'hub',
  endpoint: 'https://huggingface.co',
  repo: 'Toy/toy',
  revision: 'a'.repeat(40),
  asked: 'main',
};

/** As the Hub gives it: pinned, and with hashes of the files as they are now. */
export async function toySource(files: Files, origin: Origin = HUB, piece = 700): Promise<MemorySource> {
  const hashes: Record<string, string> = {};
  for (const [path, bytes] of Object.entries(files)) hashes[path] = (await sha256(bytes))!;
  return memorySource(files, { name: 'Toy/toy', origin, sha256: origin.kind === 'hub' ? hashes : {}, piece });
}

/** The same source, whose connection a test looks into: `onChunk` gets the number of each chunk before it is handed
 *  out, whatever it is read for. */
export function watched(source: Source, onChunk: (n: number) => void): Source {
  let n = 0;
  const { name, origin, licence, stat, list } = source;
  return sourceOf({
    ...{ name, origin, licence, stat, list },
    async *stream(path, begin, end, options) {
      for await (const chunk of source.stream(path, begin, end, options)) {
        onChunk(n++);
        yield chunk;
      }
    },
  });
}

let stores = 0;

/** A store of the test's own. */
export function toyStore(options: StoreOptions = {}): Promise<Store> {
  return Store.open({
    name: `test-${Date.now()}-${stores++}`,
    storage: { estimate: async () => ({ usage: 0, quota: 1e9 }) },
    ...options,
  });
}

/** What lies in a store, but for times. */
export async function contentsOf(store: Store): Promise<unknown> {
  const { sound, damaged } = await store.manifests.all();
  const manifests = sound.map((manifest) => ({ ...manifest, created: 0, opened: 0 }));
  return { manifests, damaged, parts: (await store.parts.names()).sort() };
}
