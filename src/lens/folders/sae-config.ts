import { CorruptFileError, UnsupportedModelError } from '../api/errors';
import { JsonObject, shown } from '../formats/json';

interface SaeConfig {
  layer: number;
  d: number;
  width: number;
  k: number;
}

/** Keys of SAELens that select another computation, and the values that Qwen-Scope's convention allows; `null`: the key
 *  may be absent. */
const CONVENTION: [string, unknown[]][] = [
  ['architecture', ['topk']],
  ['apply_b_dec_to_input', [false]],
  ['normalize_activations', ['none', null]],
  ['reshape_activations', ['none', null]],
  ['rescale_acts_by_decoder_norm', [false, null]],
  ['finetuning_scaling_factor', [false, null]],
  ['hook_head_index', [null]],
];

/** Checks a SAELens `cfg.json`. Throws UnsupportedModelError, with the key, if the SAE computes something else, and
 *  CorruptFileError if the file contradicts itself. */
export function parseSaeConfig(json: unknown, file: string): SaeConfig {
  const config = new JsonObject(json, file);
  for (const [key, allowed] of CONVENTION) {
    const value = config.get(key) ?? null;
    if (!allowed.includes(value)) {
      throw new UnsupportedModelError(
        `${file}: "${key}" is ${shown(value)}. Lenslet opens top-k SAEs with "${key}": ${JSON.stringify(allowed[0])}.`,
        {
          file,
          key,
        },
      );
    }
  }
  const width = config.integer('d_sae', 1, 1 << 22);
  return { layer: parseLayer(config), d: config.integer('d_in', 1, 1 << 16), width, k: config.integer('k', 1, width) };
}

/** The block whose output the SAE reads, from `hook_name` and `hook_layer`, at the top level or in `metadata`. All keys
 *  that are present must agree. */
function parseLayer(config: JsonObject): number {
  const found = new Set<number>();
  for (const part of [config, config.object('metadata')]) {
    if (!part) continue;
    const hook = part.get('hook_name');
    if (hook !== undefined) {
      const match = typeof hook === 'string' ? /^blocks\.(\d{1,4})\.hook_resid_post$/.exec(hook) : null;
      if (!match) {
        throw new UnsupportedModelError(
          `${part.file}: "hook_name" is ${shown(hook)}. Lenslet opens SAEs of the residual stream ("blocks.N.hook_resid_post").`,
          {
            file: part.file,
            key: 'hook_name',
          },
        );
      }
      found.add(Number(match[1]));
    }
    if (part.get('hook_layer') !== undefined) found.add(part.integer('hook_layer', 0, 9999));
  }
  const [layer, other] = [...found];
  if (layer === undefined) return config.refuse('hook_layer', 'or "hook_name" must say which layer the SAE reads');
  if (other !== undefined)
    throw new CorruptFileError(
      `${config.file} contradicts itself: its hook names are of layers ${layer} and ${other}.`,
      { file: config.file },
    );
  return layer;
}
