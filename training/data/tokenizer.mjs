// Trains the tokenizer: `node training/data/tokenizer.mjs RUN [vocabulary]` reads RUN/text/train/*.txt, writes
// RUN/tokenizer/.
//
// Byte-level BPE with Qwen's pre-tokenizer (every digit its own token) and NFC. Plain merges would cut Chinese
// characters into bytes that no page can show, so that the commonest characters get their merges first, and a learnt
// merge counts only if its bytes are whole characters. The last ids are special markers; most are reserved and were
// never in the training text.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tokenizers from 'tokenizers';

const HAN = 3500;
export const MARKERS = [
  '<|endoftext|>',
  '<|im_start|>',
  '<|im_end|>',
  '<|vector|>',
  '<|vector_start|>',
  '<|vector_end|>',
  '<|explain_start|>',
  '<|explain_end|>',
  ...Array.from({ length: 16 }, (_, i) => `<|reserved_${i}|>`),
];
export const CHAT_TEMPLATE =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

const QWEN_WORDS =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const BYTE_LEVEL = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };

// GPT-2's alphabet: printable bytes stand for themselves, the others for characters from U+0100 on.
const printable = (byte) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
const others = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !printable(byte));
export const ALPHABET = Array.from({ length: 256 }, (_, byte) =>
  String.fromCharCode(printable(byte) ? byte : 256 + others.indexOf(byte)),
);
const BYTE_OF = new Map(ALPHABET.map((character, byte) => [character, byte]));
const toAlphabet = (text) => [...Buffer.from(text, 'utf8')].map((byte) => ALPHABET[byte]);
const isWhole = (piece) =>
  !Buffer.from([...piece].map((character) => BYTE_OF.get(character)))
    .toString('utf8')
    .includes('\ufffd');

function definition(vocab, merges, added) {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: { type: 'NFC' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: QWEN_WORDS }, behavior: 'Isolated', invert: false },
        BYTE_LEVEL,
      ],
    },
    post_processor: BYTE_LEVEL,
    decoder: BYTE_LEVEL,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      vocab,
      merges,
    },
  };
}

function commonHan(files) {
  const counts = new Map();
  for (const file of files)
    for (const character of readFileSync(file, 'utf8'))
      if (/[\p{Script=Han}，。：？；！》《「」、“”‘’…—×]/u.test(character))
        counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, HAN)
    .map(([character]) => character);
}

/** Keeps the seeds' merges and the first learnt ones that fit, in their order. */
function assemble(seeds, learnt, size) {
  const vocab = Object.fromEntries(ALPHABET.map((character, id) => [character, id]));
  const merges = [];
  let id = ALPHABET.length;
  const add = (left, right) => {
    if (left + right in vocab) return;
    vocab[left + right] = id++;
    merges.push([left, right]);
  };
  for (const seed of seeds) {
    const bytes = toAlphabet(seed);
    for (let end = 1; end < bytes.length; end++) add(bytes.slice(0, end).join(''), bytes[end]);
  }
  if (id > size - MARKERS.length)
    throw new Error(`${size} ids do not hold the commonest characters: at least ${id + MARKERS.length} are needed.`);
  for (const [left, right] of learnt) {
    if (id >= size - MARKERS.length) break;
    if (left in vocab && right in vocab && isWhole(left + right)) add(left, right);
  }
  const added = MARKERS.map((content, i) => ({
    id: id + i,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  return definition(vocab, merges, added);
}

export function trainTokenizer(run, size) {
  const folder = join(run, 'text', 'train');
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => join(folder, name));
  const raw = tokenizers.Tokenizer.fromString(JSON.stringify(definition({}, [], [])));
  raw.train(files);
  mkdirSync(join(run, 'tokenizer'), { recursive: true });
  const draft = join(run, 'tokenizer', 'draft.json');
  raw.save(draft, false);
  const learnt = JSON.parse(readFileSync(draft, 'utf8')).model.merges.map((merge) =>
    Array.isArray(merge) ? merge : merge.split(' '),
  );
  writeFileSync(
    join(run, 'tokenizer', 'tokenizer.json'),
    `${JSON.stringify(assemble(commonHan(files), learnt, size))}\n`,
  );
  const config = {
    tokenizer_class: 'Qwen2Tokenizer',
    add_bos_token: false,
    bos_token: null,
    eos_token: '<|endoftext|>',
    pad_token: '<|endoftext|>',
    unk_token: null,
    clean_up_tokenization_spaces: false,
    chat_template: CHAT_TEMPLATE,
  };
  writeFileSync(join(run, 'tokenizer', 'tokenizer_config.json'), `${JSON.stringify(config, null, 1)}\n`);
  // Readers ask for this file first; without it, each opening of the model would ask in vain.
  writeFileSync(join(run, 'tokenizer', 'chat_template.jinja'), CHAT_TEMPLATE);
}

const [run, size = '8192'] = process.argv.slice(2);
if (!run) throw new Error('Say which run: node training/data/tokenizer.mjs RUN [vocabulary]');
trainTokenizer(run, Number(size));
