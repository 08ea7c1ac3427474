import { UnsupportedModelError } from '../api/errors';
import type { Tokenizer } from '../engine/tokenizer';
import type { PromptRecipe } from './training-free';

const PLACEHOLDERS = '_ _ _ _ _';
const COUNT = 5;
const ANSWER = 'Sure, I will summarize the message:';

/** SelfIE (Chen et al., 2024, https://arxiv.org/abs/2403.10949; code: https://github.com/tonychenxyz/selfie): we ask
 *  the model to repeat a message of five placeholders. Behind block 0, where block 1 reads, the vector replaces each of
 *  them. The prompt's form is Llama's, `[INST] _ _ _ _ _ [/INST] Sure, …`; for a model with a default chat template we
 *  use that one. */
export const SELFIE: PromptRecipe = {
  source: 'selfie',
  name: 'SelfIE',
  layer: 0,
  maxTokens: 24,
  oneLine: false,
  prompt(tokenizer) {
    const ids = tokenizer.hasDefaultTemplate
      ? [...tokenizer.read(PLACEHOLDERS, { chat: true }).ids, ...tokenizer.encode(ANSWER)]
      : tokenizer.read(`[INST] ${PLACEHOLDERS} [/INST] ${ANSWER}`).ids;
    return { ids, positions: placeholders(ids, tokenizer) };
  },
};

function placeholders(ids: readonly number[], tokenizer: Tokenizer): number[] {
  const found = ids.flatMap((id, position) => (tokenizer.text(id).trim() === '_' ? [position] : []));
  if (found.length === COUNT) return found;
  throw new UnsupportedModelError(
    `SelfIE needs ${COUNT} placeholders of one token each; this tokenizer makes ${found.length} of “${PLACEHOLDERS}”. Use Patchscopes here.`,
  );
}
