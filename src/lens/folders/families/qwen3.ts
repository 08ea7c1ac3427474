import type { JsonObject } from '../../formats/json';
import { parseRope } from '../rope';
import { type Family, PLAIN_BLOCK } from './family';
import { refuseOtherBlocks, refuseSet } from './refuse';

/** Qwen3, dense: norms of queries and keys, no biases (HF modeling_qwen3.py). */
export const QWEN3: Family = {
  name: 'Qwen3',
  type: 'qwen3',
  architecture: 'Qwen3ForCausalLM',
  tied: false,
  facts(config: JsonObject) {
    refuseSet(config, 'attention_bias', 'use_mrope', 'dual_chunk_attention_config', 'use_sliding_window');
    refuseOtherBlocks(config);
    return {
      qkNorm: true,
      attentionBias: false,
      attention: [{ rope: parseRope(config, ['default']), window: null }],
      layerKinds: null,
      block: PLAIN_BLOCK,
    };
  },
};
