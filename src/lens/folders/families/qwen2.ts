import type { JsonObject } from '../../formats/json';
import { parseRope } from '../rope';
import { type Family, PLAIN_BLOCK } from './family';
import { refuseOtherBlocks, refuseSet } from './refuse';

/** Qwen2 and Qwen2.5, dense: biases of queries, keys and values, for which there is no key, and no norms of them (HF
 *  modeling_qwen2.py). */
export const QWEN2: Family = {
  name: 'Qwen2, Qwen2.5',
  type: 'qwen2',
  architecture: 'Qwen2ForCausalLM',
  tied: false,
  facts(config: JsonObject) {
    refuseSet(config, 'use_mrope', 'dual_chunk_attention_config', 'use_sliding_window');
    refuseOtherBlocks(config);
    return {
      qkNorm: false,
      attentionBias: true,
      attention: [{ rope: parseRope(config, ['default']), window: null }],
      layerKinds: null,
      block: PLAIN_BLOCK,
    };
  },
};
