import type { PromptRecipe } from './training-free';

const IDENTITY = 'cat -> cat\n1135 -> 1135\nhello -> hello\n?';

/** Patchscopes' "token identity" (Ghandeharioun et al., 2024, https://arxiv.org/abs/2401.06102; code:
 *  https://github.com/PAIR-code/interpretability): the prompt has pairs of equal words, and the vector replaces its
 *  last token, at the site where the vector was read. Each pair is a line, so the answer ends with its line. */
export const PATCHSCOPES: PromptRecipe = {
  source: 'patchscopes',
  name: 'Patchscopes, token identity',
  layer: null,
  maxTokens: 8,
  oneLine: true,
  prompt(tokenizer) {
    const { ids } = tokenizer.read(IDENTITY);
    return { ids, positions: [ids.length - 1] };
  },
};
