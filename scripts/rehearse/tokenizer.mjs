import { uniforms } from './noise.mjs';

/** Qwen3's added tokens, from the id behind the vocabulary on; those of calls and thinking are no special tokens
 *  there. */
const ADDED = [
  ...[
    '<|endoftext|>',
    '<|im_start|>',
    '<|im_end|>',
    '<|object_ref_start|>',
    '<|object_ref_end|>',
    '<|box_start|>',
    '<|box_end|>',
    '<|quad_start|>',
  ],
  ...[
    '<|quad_end|>',
    '<|vision_start|>',
    '<|vision_end|>',
    '<|vision_pad|>',
    '<|image_pad|>',
    '<|video_pad|>',
    '<tool_call>',
    '</tool_call>',
  ],
  ...[
    '<|fim_prefix|>',
    '<|fim_middle|>',
    '<|fim_suffix|>',
    '<|fim_pad|>',
    '<|repo_name|>',
    '<|file_sep|>',
    '<tool_response>',
    '</tool_response>',
  ],
  ...['<think>', '</think>'],
];
const SPECIAL = 14;

/** Qwen3's template without tools: what it does with `enable_thinking` is what matters. */
const TEMPLATE = `{%- for message in messages %}
    {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}`;

/** A byte-level BPE tokenizer of `words` entries: `own`, and behind its merges others of words that it has, so that
 *  reading it takes as long as Qwen's. Each entry behind the bytes has its merge.
 *  @typedef {{ model: { vocab: Record<string, number>, merges: string[][] } }} OwnTokenizer
 *  @param {OwnTokenizer} own
 *  @param {number} words
 *  @param {number} seed */
export function paddedTokenizer(own, words, seed) {
  const vocab = { ...own.model.vocab };
  const merges = [...own.model.merges];
  const letters = Object.keys(vocab).filter((piece) => /^Ġ?[a-z]{1,7}$/i.test(piece));
  const inner = letters.filter((piece) => !piece.startsWith('Ġ'));
  const next = uniforms(seed);
  const one = (/** @type {string[]} */ of) => of[Math.floor(next() * of.length)];
  let id = Object.keys(vocab).length;
  while (id < words) {
    const pair = [one(letters), one(inner)];
    const piece = pair.join('');
    if (Object.hasOwn(vocab, piece)) continue;
    vocab[piece] = id++;
    merges.push(pair);
  }
  const added_tokens = ADDED.map((content, i) => ({
    id: id + i,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: i < SPECIAL,
  }));
  return { ...own, added_tokens, model: { ...own.model, vocab, merges } };
}

export const tokenizerConfig = (/** @type {ReturnType<typeof paddedTokenizer>} */ { added_tokens }) => ({
  add_bos_token: false,
  add_prefix_space: false,
  added_tokens_decoder: Object.fromEntries(added_tokens.map(({ id, ...token }) => [id, token])),
  bos_token: null,
  chat_template: TEMPLATE,
  clean_up_tokenization_spaces: false,
  eos_token: '<|endoftext|>',
  errors: 'replace',
  model_max_length: 131072,
  pad_token: '<|endoftext|>',
  split_special_tokens: false,
  tokenizer_class: 'Qwen2Tokenizer',
  unk_token: null,
});
