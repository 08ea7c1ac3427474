// llama.cpp on the CPU, for comparisons: weights, keys, values and sums in float32, as far as its file has them so.
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

const ROWS = 16; // Logits come as maps of the whole vocabulary: so many at once fit into memory.

/** A model file with room for `size` tokens. */
export async function openLlama(path, size, threads = 1) {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    maxThreads: threads,
    logLevel: LlamaLogLevel.error,
  });
  const model = await llama.loadModel({ modelPath: path, gpuLayers: 0 });
  // Keys and values in float32, attention written out: what is compared is the model, not the rounding of a cache.
  const cache = { experimentalKvCacheKeyType: 'F32', experimentalKvCacheValueType: 'F32', flashAttention: false };
  const context = await model.createContext({ contextSize: size, batchSize: size, threads, ...cache });
  return { llama, model, sequence: context.getSequence() };
}

function rowOf(logits) {
  const row = new Float32Array(logits.size);
  for (const [id, logit] of logits) row[id] = logit;
  return row;
}

const LIKELIEST = { token: true, logits: true, options: { temperature: 0 } };

/** llama.cpp's greedy text after `ids`, at most `count` tokens and ended by one of `ends`: its tokens, and the logits
 *  [V] each was the largest of. */
export async function greedy(sequence, ids, count, ends = []) {
  const steps = [];
  await sequence.clearHistory();
  let fed = ids;
  while (steps.length < count && !ends.includes(steps.at(-1)?.token)) {
    const results = await sequence.controlledEvaluate([...fed.slice(0, -1), [fed.at(-1), { generateNext: LIKELIEST }]]);
    const { token, logits } = results.at(-1).next;
    steps.push({ token, logits: rowOf(logits) });
    fed = [token];
  }
  if (sequence.nextTokenIndex !== ids.length + steps.length - 1)
    throw new Error('llama.cpp shifted its context: the prompt and its continuation do not fit.');
  return steps;
}

/** The logits [V] behind every token of a text. */
export async function logitsOf(sequence, ids) {
  const rows = [];
  await sequence.clearHistory();
  for (let at = 0; at < ids.length; at += ROWS) {
    const fed = ids.slice(at, at + ROWS).map((id) => [id, { generateNext: LIKELIEST }]);
    for (const { next } of await sequence.controlledEvaluate(fed)) rows.push(rowOf(next.logits));
  }
  return rows;
}
