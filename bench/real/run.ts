import type { Prompt } from '../../src/lens/api/chat';
import type { WeightFormat } from '../../src/lens/api/model';
import { prefill } from '../../src/lens/engine/prefill';
import { withScope } from '../../src/lens/engine/scope';
import { parseSafetensors, weightsOf } from '../../src/lens/formats/safetensors';
import type { Lens } from '../../src/lens/index';
import { slice } from '../../src/lens/kernels/compute';
import { EngineLens } from '../../src/lens/lens';
import type { Source } from '../../src/lens/sources/source';
import { compareGreedy, compareLogits, type GreedyFigures, type LogitFigures, worstRow } from './compare';

/** A real model, opened as anybody opens it, beside what other programs compute with the same numbers: a truth of
 *  training/real/truth.py, with llama.cpp's answers in it. Runs in Node and in a browser. */

/** Rows of logits that are read back at once. */
const ROWS = 32;

interface TruthText {
  name: string;
  ids: number[];
  text?: string;
  chat?: { role: 'system' | 'user' | 'assistant'; content: string }[];
  /** What the chat template makes of `chat`. */
  rendered?: string;
}

export interface Truth {
  sha256: Record<string, string>;
  texts: TruthText[];
  greedy: TruthText[];
  generated: Partial<Record<WeightFormat, Record<string, { ids: number[]; leads: number[] }>>>;
}

/** What was found at one text. */
export interface TextFigures {
  tokens: number;
  /** Whether the page's own tokenizer and template give the ids and, of a conversation, the text. */
  ids: boolean;
  rendered: boolean | null;
  /** Largest |difference| of a residual by its norm behind each block, over all positions. */
  residuals: number[];
  /** Against transformers on the same rounding of the weights. */
  logits: LogitFigures;
  /** Against llama.cpp on float32 weights; only of f32. */
  llama: LogitFigures | null;
}

const promptOf = ({ text, chat }: TruthText): Prompt => text ?? { messages: chat! };

const jsonOf = async <T>(folder: Source, path: string): Promise<T> =>
  JSON.parse(new TextDecoder().decode(await folder.read(path)));

export const readTruth = (folder: Source) => jsonOf<Truth>(folder, 'truth.json');

/** The tensors of a truth's file by name. */
async function tensorsAt(folder: Source, path: string): Promise<(name: string) => Float32Array> {
  const tensors = parseSafetensors(await folder.read(path), path);
  const numbers = weightsOf(tensors, path);
  return (name) => numbers.float32(name, tensors.get(name)!.shape);
}

/** A lens with a site behind every block but perhaps the last, as an engine. */
function engineOf(lens: Lens): EngineLens['engine'] {
  if (!(lens instanceof EngineLens)) throw new Error('The lens must run here, not in a worker.');
  return lens.engine;
}

/** Runs one text at all positions: residuals behind every block, and logits. */
export async function measureText(
  lens: Lens,
  truth: Source,
  text: TruthText,
  format: WeightFormat,
): Promise<TextFigures> {
  const { model, sites, queue, tokenizer } = engineOf(lens);
  const { compute, config } = model;
  const read = tokenizer.read(promptOf(text));
  const theirs = await tensorsAt(truth, `${format}/${text.name}.safetensors`);
  const expected = theirs('residuals');
  const size = text.ids.length * config.d;
  const blockOf = (layer: number) => expected.subarray(layer * size, (layer + 1) * size);
  const { residuals, logits } = await queue.run(async () => {
    const run = await prefill(model, sites, { ids: Int32Array.from(text.ids) });
    try {
      const residuals: number[] = [];
      for (let layer = 0; layer < config.layers; layer++) {
        const site = sites.findIndex((one) => one.layer === layer);
        const rows = layer === config.layers - 1 ? run.final : run.sites[site]?.h;
        if (!rows) throw new Error(`No site reads the residual behind block ${layer}.`);
        const [h] = await compute.read([rows]);
        residuals.push(worstRow(h!, blockOf(layer), config.d));
      }
      const logits = new Float32Array(text.ids.length * config.vocabularySize);
      await withScope(compute, async (scope) => {
        const [h, out] = [scope.rows(ROWS, config.d), scope.rows(ROWS, config.vocabularySize)];
        for (let start = 0; start < text.ids.length; start += ROWS) {
          const count = Math.min(ROWS, text.ids.length - start);
          compute.copy(slice(run.final, start), slice(h), count);
          await model.logits(h, count, out);
          const [some] = await compute.read([out]);
          logits.set(some!.subarray(0, count * config.vocabularySize), start * config.vocabularySize);
        }
      });
      return { residuals, logits };
    } finally {
      run.release();
    }
  });
  const llama = format === 'f32' ? (await tensorsAt(truth, `llama.cpp/${text.name}.safetensors`))('logits') : null;
  return {
    tokens: text.ids.length,
    ids: read.ids.join() === text.ids.join(),
    rendered: text.rendered === undefined ? null : read.text === text.rendered,
    residuals,
    logits: compareLogits(logits, theirs('logits'), config.vocabularySize),
    llama: llama && compareLogits(logits, llama, config.vocabularySize),
  };
}

export interface GreedyText {
  transformers: GreedyFigures;
  llama: GreedyFigures | null;
  /** Milliseconds of the median step. */
  ms: number;
  text: string;
}

/** The greedy text behind a prompt, token by token from the cache, as long as the truth's. */
export async function measureGreedy(
  lens: Lens,
  truth: Source,
  { generated }: Pick<Truth, 'generated'>,
  prompt: TruthText,
  format: WeightFormat,
): Promise<GreedyText> {
  const theirs = generated[format]![prompt.name]!;
  const ids: number[] = [];
  const ms: number[] = [];
  let text = '';
  for await (const step of lens.generate(promptOf(prompt), { maxTokens: theirs.ids.length, temperature: 0 })) {
    const row = step.rows[0]!;
    ids.push(row.token);
    ms.push(step.ms);
    text += row.text;
  }
  const llama =
    format === 'f32'
      ? (await jsonOf<{ generated: Record<string, number[]> }>(truth, 'llama.cpp/llama.json')).generated[prompt.name]!
      : null;
  return {
    transformers: compareGreedy(ids, theirs),
    llama: llama && compareGreedy(ids, { ids: llama }),
    ms: ms.sort((a, b) => a - b)[ms.length >> 1]!,
    text,
  };
}

/** transformers and llama.cpp beside each other, on float32 weights: neither is ours. */
export interface OthersFigures {
  tokens: number;
  logits: LogitFigures;
  /** Texts to which llama.cpp's tokenizer gives the same ids; of conversations, as transformers renders them. */
  ids: string[];
  otherIds: string[];
  greedy: Record<string, GreedyFigures>;
}

export async function compareOthers(folder: Source): Promise<OthersFigures> {
  const { texts, generated } = await readTruth(folder);
  const llama = await jsonOf<{ ids: Record<string, number[]>; generated: Record<string, number[]> }>(
    folder,
    'llama.cpp/llama.json',
  );
  const logits = { logprob: 0, likeliest: 0 };
  for (const { name, ids } of texts) {
    const [a, b] = [
      await tensorsAt(folder, `f32/${name}.safetensors`),
      await tensorsAt(folder, `llama.cpp/${name}.safetensors`),
    ];
    const found = compareLogits(b('logits'), a('logits'), a('logits').length / ids.length);
    logits.logprob = Math.max(logits.logprob, found.logprob);
    logits.likeliest += found.likeliest;
  }
  const same = ({ name, ids }: TruthText) => llama.ids[name]!.join() === ids.join();
  return {
    tokens: texts.reduce((sum, { ids }) => sum + ids.length, 0),
    logits,
    ids: texts.filter(same).map(({ name }) => name),
    otherIds: texts.filter((text) => !same(text)).map(({ name }) => name),
    greedy: Object.fromEntries(
      Object.entries(generated.f32!).map(([name, theirs]) => [name, compareGreedy(llama.generated[name]!, theirs)]),
    ),
  };
}
