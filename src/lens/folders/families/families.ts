import { UnsupportedModelError } from '../../api/errors';
import { type JsonObject, shown } from '../../formats/json';
import type { Family } from './family';
import { GEMMA3 } from './gemma3';
import { LLAMA } from './llama';
import { QWEN2 } from './qwen2';
import { QWEN3 } from './qwen3';
import { unsupported } from './refuse';

/** Every family that opens, in the order in which a sentence names them. */
export const FAMILIES: readonly Family[] = [QWEN2, QWEN3, LLAMA, GEMMA3];

/** Their names, as people know them. */
export const familyNames = (): string => FAMILIES.map(({ name }) => name).join(', ');

/** The family of a `config.json`. Throws UnsupportedModelError with those that open. */
export function familyOf(config: JsonObject): Family {
  const { file } = config;
  const type = config.get('model_type');
  const family = FAMILIES.find((known) => known.type === type);
  if (!family) {
    throw new UnsupportedModelError(
      `${file} describes a ${shown(type)} model. Lenslet opens dense models of these families: ${familyNames()} ("model_type": ${FAMILIES.map((known) => `"${known.type}"`).join(', ')}).`,
      { file, key: 'model_type' },
    );
  }
  const architectures = config.get('architectures');
  if (architectures !== undefined && !(Array.isArray(architectures) && architectures.includes(family.architecture)))
    throw unsupported(config, 'architectures', architectures, JSON.stringify([family.architecture]));
  return family;
}
