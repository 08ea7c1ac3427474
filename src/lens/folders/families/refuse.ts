import { UnsupportedModelError } from '../../api/errors';
import { type JsonObject, shown } from '../../formats/json';

/** An error that says which value of a key Lenslet could build; `wanted` ends the sentence. */
export function unsupported(config: JsonObject, key: string, value: unknown, wanted: string): UnsupportedModelError {
  const { file } = config;
  return new UnsupportedModelError(
    `${file}: "${key}" is ${shown(value)}. Lenslet can build this model only with "${key}" ${wanted}.`,
    { file, key },
  );
}

/** Refuses a key that is set to anything but false. */
export function refuseSet(config: JsonObject, ...keys: string[]): void {
  for (const key of keys) {
    const value = config.get(key);
    if (value !== undefined && value !== false) throw unsupported(config, key, value, 'absent or false');
  }
}

/** Refuses layers that do not see the whole text, and a gate that is not SiLU. */
export function refuseOtherBlocks(config: JsonObject): void {
  const kinds = config.get('layer_types');
  if (kinds !== undefined && !(Array.isArray(kinds) && kinds.every((kind) => kind === 'full_attention')))
    throw unsupported(config, 'layer_types', kinds, '"full_attention" everywhere');
  const gate = config.get('hidden_act');
  if (gate !== 'silu') throw unsupported(config, 'hidden_act', gate, '"silu"');
}
