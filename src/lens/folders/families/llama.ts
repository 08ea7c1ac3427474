import type { JsonObject } from '../../formats/json';
import { parseRope } from '../rope';
import { type Family, PLAIN_BLOCK } from './family';
import { refuseOtherBlocks, refuseSet } from './refuse';

/** Llama 3 and what is built like it, SmolLM2 among it: neither biases nor norms of queries and keys; Llama 3.1 and
 *  later scale their rotary frequencies (HF modeling_llama.py). Published files have keys that change nothing here,
 *  such as "pretraining_tp" and "is_llama_config". */
export const LLAMA: Family = {
  name: 'Llama, SmolLM2',
  type: 'llama',
  architecture: 'LlamaForCausalLM',
  tied: false,
  facts(config: JsonObject) {
    refuseSet(config, 'attention_bias', 'mlp_bias', 'rope_interleaved');
    refuseOtherBlocks(config);
    return {
      qkNorm: false,
      attentionBias: false,
      attention: [{ rope: parseRope(config, ['default', 'llama3']), window: null }],
      layerKinds: null,
      block: PLAIN_BLOCK,
    };
  },
};
