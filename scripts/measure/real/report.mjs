import { power, table } from '../../docs/markdown.mjs';

/** docs/real-weights.md, from the figures of docs/real-weights.json.
 *  @typedef {import('./gather.mjs').Figures} Figures
 *  @typedef {import('./gather.mjs').Model} Model
 *  @typedef {import('./gather.mjs').CaseRow} CaseRow
 *  @typedef {import('./gather.mjs').Block} Block
 *  @typedef {import('./gather.mjs').LogitFigures} LogitFigures
 *  @typedef {import('./gather.mjs').GreedyFigures} GreedyFigures */

const NAMES = { wasm: 'WebAssembly', webgpu: 'WebGPU' };

const fixed = (/** @type {number} */ x, /** @type {number} */ digits) => x.toFixed(digits).replace('-', '−');
const whole = (/** @type {number} */ x) => x.toLocaleString('en-US');
const listed = (/** @type {string[]} */ words) =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
const caseName = (/** @type {CaseRow} */ { provider, format }) => `${NAMES[provider]}, ${format}`;
/** A text within a cell. */
const quoted = (/** @type {string} */ text) => `“${text.replace(/\s+/g, ' ').replace(/\|/g, '\\|').trim()}”`;

/** "256 of 256", or where it parted and by how little the other's token led there.
 *  @param {GreedyFigures | null} figures */
function greedyWords(figures) {
  if (!figures) return '';
  const { tokens, equal, lead } = figures;
  return `${equal} of ${tokens}${lead === null ? '' : ` (lead ${power(lead)})`}`;
}

/** Every part of the document begins with its heading.
 *  @param {Figures} figures */
export const render = ({ models }) =>
  [
    '# Real weights',
    '',
    'Language models that others trained, run in Lenslet and held against code that is not ours: [transformers](https://github.com/huggingface/transformers) and [llama.cpp](https://github.com/ggml-org/llama.cpp).',
    'Written by `node scripts/measure/real-weights.mjs` from `docs/real-weights.json`, the figures of a run; [training/real/](../training/real) says how to make one.',
    '',
    '**The weights are as quantised by others, not the Hub’s bfloat16.** They were taken from packages of the Python package index, and transformers made float32 numbers of them without a further rounding. On those numbers the comparison is exact.',
    'What the makers’ own checkpoints give was not seen; nor was any of this on a real GPU: WebGPU here is emulated on the processor, where half floats do not exist.',
    '',
    ...models.flatMap(modelParts),
  ].join('\n');

/** @param {Model} model */
function modelParts(model) {
  return [
    `## ${model.name}`,
    '',
    model.weights,
    ...(model.source ? [`The file is \`${model.source.file}\`, SHA-256 \`${model.source.sha256}\`.`] : []),
    `Versions: ${listed(Object.entries(model.versions).map(([name, version]) => `${name} ${version}`))}.`,
    '',
    ...(model.cases.length > 0 ? [...parityParts(model), ...formatParts(model)] : []),
    ...othersParts(model),
    ...(model.losses.length > 0 ? lossParts(model) : []),
    ...streamParts(model),
  ];
}

/** @param {Model} model */
function parityParts({ cases, tokens }) {
  const rows = cases.map((one) => [
    caseName(one),
    whole(one.positions),
    power(Math.max(...one.residuals)),
    power(one.logits.logprob),
    `${whole(one.logits.likeliest)} of ${whole(one.positions)}`,
    Object.values(one.greedy).map(greedyWords).join('; '),
  ]);
  const texts = Object.entries(tokens).map(([text, count]) => `${text} (${count} tokens)`);
  const where = [
    ...new Set(
      cases.map(({ provider, opened }) => (provider === 'wasm' ? opened.where : `${opened.where} (${opened.adapter})`)),
    ),
  ];
  return [
    '### Against transformers',
    '',
    'transformers runs in float32 on the numbers that the format keeps (`src/lens/formats/quantise.ts`, repeated in Python), so that what remains is the order of sums. *Residual*: largest |difference| by the length, behind every block at every position.',
    '*log p*: largest |difference| in nats over the whole vocabulary, at every position. *Likeliest*: positions with the same likeliest token. *Greedy*: tokens of the greedy texts that are the same, from the first on, up to an end token or 256; where they part, by how much in logits the other’s token led.',
    '',
    table(['', 'positions', 'residual', 'log p', 'likeliest', 'greedy'], rows, true),
    '',
    `Texts: ${listed(texts)}. Where a row has fewer positions, only some were run: a token of a prompt takes over a second on the emulated GPU, and what is kept runs in a browser. Run in ${listed(where)}.`,
    `The page’s tokenizer gave transformers’ ids, and its chat template transformers’ text, in ${cases.every(({ same }) => same) ? 'all of them' : 'NOT all of them'}.`,
    '',
  ];
}

/** What each format says, and what it takes.
 *  @param {Model} model */
function formatParts({ cases }) {
  const shown = cases.filter(({ greedy }) => Object.keys(greedy).length > 0);
  if (shown.length === 0) return [];
  const [prompt] = Object.keys(shown[0].greedy);
  const rows = shown.map((one) => [
    caseName(one),
    one.greedy[prompt] ? quoted(one.greedy[prompt].text.slice(0, 80)) : '',
    `${fixed(one.opened.ms / 1000, 0)} s`,
    `${fixed(one.opened.bytes / 1e9, 2)} GB`,
    one.greedy[prompt] ? `${fixed(one.greedy[prompt].ms / 1000, 2)} s` : '',
  ]);
  return [
    'What it says behind “The capital of France is”, and what it took beside other work on two cores, so at most: memory is the whole process’s in Node, the weights’ in Chromium.',
    '',
    table(['', 'goes on', 'opened in', 'memory', 'a token'], rows),
    '',
  ];
}

/** @param {Model} model */
function othersParts({ cases, others }) {
  /** @type {(name: string, positions: number, logits: LogitFigures, greedy: (GreedyFigures | null)[]) => string[]} */
  const row = (name, positions, logits, greedy) => [
    name,
    whole(positions),
    power(logits.logprob),
    `${whole(logits.likeliest)} of ${whole(positions)}`,
    greedy.map(greedyWords).join('; '),
  ];
  const rows = [
    row('transformers', others.tokens, others.logits, Object.values(others.greedy)),
    ...cases.flatMap((one) => {
      const greedy = Object.values(one.greedy).map(({ llama }) => llama);
      return one.llama ? [row(caseName(one), one.positions, one.llama, greedy)] : [];
    }),
  ];
  const other = others.otherIds.length
    ? ` It cuts ${listed(others.otherIds)} otherwise than transformers; it was then given transformers’ ids.`
    : '';
  return [
    '### Against llama.cpp',
    '',
    'On a GGUF file of float32 numbers, since llama.cpp rounds activations where weights are quantised. The file is the package’s, with its own tokenizer and sizes; nothing of our reading of the model is in it.',
    '',
    table(['', 'positions', 'log p', 'likeliest', 'greedy'], rows, true),
    '',
    `llama.cpp’s tokenizer gives transformers’ ids in ${others.ids.length} of ${others.ids.length + others.otherIds.length} texts.${other}`,
    '',
  ];
}

/** @param {Model} model */
function lossParts({ losses }) {
  const layers = Object.keys(losses[0].sites);
  const rows = losses.map(({ format, nats, more, error, sites }) => [
    format,
    fixed(nats, 4),
    format === 'f32' ? '' : `${more >= 0 ? '+' : ''}${fixed(more, 5)} ± ${fixed(error, 5)}`,
    ...layers.map((layer) => (format === 'f32' ? '' : fixed(sites[layer], 3))),
  ]);
  return [
    '### What a format costs',
    '',
    `Cross-entropy on ${whole(losses[0].tokens)} tokens of held-out public text, in windows of ${losses[0].window}, computed by PyTorch on the numbers that the format keeps. The standard error is of the windows’ differences.${
      layers.length > 0
        ? ' Features shared: Jaccard index of the active features with those of float32, mean over positions but the first.'
        : ''
    }`,
    '**q4 is not given**: these weights had been rounded to 4 bits already, in other blocks. What a second rounding to 4 bits costs says nothing about a first one. 8 bits and half floats are much finer than those 4, so that what they cost is seen here all the same.',
    '',
    table(
      ['weights', 'nats a token', 'more than f32', ...layers.map((layer) => `features shared, layer ${layer}`)],
      rows,
      true,
    ),
    '',
  ];
}

/** @param {Model} model */
function streamParts({ stream, cases }) {
  if (!stream) return [];
  const exact = cases.filter(({ format }) => format === 'f32');
  const rows = stream.blocks.map((block, layer) => [
    layer,
    fixed(block.norm, 1),
    fixed(block.centred / block.norm, 2),
    `${block.channel} (${fixed(block.share, 2)})`,
    `${fixed(block.first.times, 1)} × (${fixed(block.first.share, 2)}, ${block.first.channel})`,
    sinkWords(block),
    ...exact.map(({ residuals }) => power(residuals[layer])),
  ]);
  const head = [
    'block',
    'norm',
    'centred',
    'largest channel (share)',
    'first token (share, channel)',
    'other sinks',
    ...exact.map((one) => `residual, ${caseName(one)}`),
  ];
  return [
    '### The residual stream, block by block',
    '',
    `PyTorch, over ${whole(stream.tokens)} tokens of held-out text in ${stream.windows} windows. *Norm*: median |h| of positions that are no sinks. *Centred*: median |h − μ| by it, μ the mean of those positions: the rest of the norm is the same at every token.`,
    '*Largest channel*: the one most often largest, with the median share of |h|² in a row’s largest. *First token*: |h| in medians. *Other sinks*: positions behind the first above 3 medians with over .8 of |h|² in one channel, or above 8 medians.',
    '',
    table(head, rows, true),
    '',
  ];
}

function sinkWords(/** @type {Block} */ { sinks }) {
  if (!sinks.times) return 'none';
  const [low, high] = sinks.times.map((times) => fixed(times, 1));
  const texts = sinks.texts
    .slice(0, 3)
    .map(([text]) => `\`${JSON.stringify(text).slice(1, -1).replace(/\|/g, '\\|')}\``);
  return `${whole(sinks.count)}: ${low}–${high} ×, channel ${sinks.channel}; ${texts.join(', ')}`;
}
