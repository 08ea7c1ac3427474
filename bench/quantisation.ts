import type { WeightFormat } from '../src/lens/api/model';
import type { SiteCodes } from '../src/lens/api/site';
import { Site } from '../src/lens/dictionary/site';
import { siteCodes } from '../src/lens/engine/codes';
import { Model } from '../src/lens/engine/model';
import { prefill } from '../src/lens/engine/prefill';
import { loadRuntime } from '../src/lens/engine/runtime';
import { logSumExp } from '../src/lens/engine/sampler';
import { withScope } from '../src/lens/engine/scope';
import { openConfig } from '../src/lens/folders/config';
import { ownDictionaries } from '../src/lens/folders/dictionaries';
import { openWeights } from '../src/lens/folders/weights';
import { float16ToFloat32, float32ToFloat16 } from '../src/lens/formats/halves';
import { dequantise, quantise } from '../src/lens/formats/quantise';
import type { Weights } from '../src/lens/formats/safetensors';
import { EMBEDDING, encodingOf, unembeddingName } from '../src/lens/graph/tensors';
import { STATS } from '../src/lens/kernels/compute';
import { createWasmCompute } from '../src/lens/kernels/wasm';
import { smallUrlSource } from '../src/lens/sources/url';

/** What a format of the weights costs a model, measured on the numbers that the format stands for, in float32
 *  arithmetic on WebAssembly. */

/** Of one text. Position 0, the sink, is left out of everything at the sites. */
export interface TextLoss {
  /** Nats a token. */
  crossEntropy: number;
  sites: { layer: number; jaccard: number; residual: number; error: number; variance: number }[];
}

interface TextRun {
  crossEntropy: number;
  sites: { codes: SiteCodes; stats: Float32Array; h: Float32Array }[];
}

/** The weights as a format keeps them, back in float32. */
function rounded(weights: Weights, format: WeightFormat): Weights {
  const vocabulary = new Set([EMBEDDING, unembeddingName({ tied: false })]);
  return {
    ...weights,
    float32(name, shape) {
      const numbers = weights.float32(name, shape);
      const encoding = encodingOf(format, { shape, vocabulary: vocabulary.has(name) });
      if (encoding === 'f32') return numbers;
      if (encoding === 'f16') return float16ToFloat32(float32ToFloat16(numbers));
      const bits = encoding === 'q4' ? 4 : 8;
      return dequantise(quantise(numbers, bits), bits);
    },
  };
}

/** For each format, in the order given and f32 first, the losses of the texts against f32. */
export async function measureFormats(
  url: string,
  texts: readonly number[][],
  formats: readonly WeightFormat[],
  told: (line: string) => void,
): Promise<TextLoss[][]> {
  const folder = smallUrlSource(url);
  const [config, weights, runtime] = [await openConfig(folder), await openWeights(folder), await loadRuntime()];
  const { first, open } = await ownDictionaries(folder, config);
  const saes = await Promise.all([...first].sort((a, b) => a - b).map((layer) => open(layer)));
  const compute = createWasmCompute();
  const sites = saes.map((sae) => Site.open(sae, compute));
  const reference: TextRun[] = [];
  const losses: TextLoss[][] = [];
  for (const format of formats) {
    const model = await Model.create({
      config,
      weights: rounded(weights, format),
      sites: saes.map(({ layer }) => layer),
      runtime,
      gpu: null,
      compute,
    });
    const found: TextLoss[] = [];
    for (const [i, ids] of texts.entries()) {
      const run = await runText(model, sites, Int32Array.from(ids));
      if (format === 'f32') reference.push(run);
      found.push(compare(run, reference[i]!, config.d));
      told(`${format} ${i + 1} of ${texts.length}`);
    }
    losses.push(found);
    await model.release();
  }
  compute.destroy();
  return losses;
}

async function runText(model: Model, sites: Site[], ids: Int32Array): Promise<TextRun> {
  const { compute, config } = model;
  const run = await prefill(model, sites, { ids });
  return withScope(compute, async (scope) => {
    const out = scope.rows(ids.length, config.vocabularySize);
    await model.logits(run.final, ids.length, out);
    const [logits] = (await compute.read([out])) as [Float32Array];
    let crossEntropy = 0;
    for (let t = 0; t + 1 < ids.length; t++) {
      const row = logits.subarray(t * config.vocabularySize, (t + 1) * config.vocabularySize);
      crossEntropy += (logSumExp(row) - row[ids[t + 1]!]!) / (ids.length - 1);
    }
    const read: TextRun['sites'] = [];
    for (const [s, site] of sites.entries()) {
      const { codes, h } = run.sites[s]!;
      const [codeIds, values, stats, residual] = (await compute.read([codes.ids, codes.values, codes.stats, h])) as [
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      read.push({
        codes: siteCodes(site.layer, site.dictionary.k, [codeIds, values, stats], 0, ids.length),
        stats,
        h: residual,
      });
    }
    run.release();
    return { crossEntropy, sites: read };
  });
}

function compare(run: TextRun, reference: TextRun, d: number): TextLoss {
  const sites = run.sites.map(({ codes, stats, h }, s) => {
    const other = reference.sites[s]!;
    const length = h.length / d;
    let [jaccard, residual, error, variance] = [0, 0, 0, 0];
    for (let t = 1; t < length; t++) {
      jaccard += overlap(active(codes, t), active(other.codes, t)) / (length - 1);
      residual += relative(h.subarray(t * d, (t + 1) * d), other.h.subarray(t * d, (t + 1) * d)) / (length - 1);
      error += stats[STATS * t]!;
      variance += stats[STATS * t + 1]!;
    }
    return { layer: codes.layer, jaccard, residual, error, variance };
  });
  return { crossEntropy: run.crossEntropy, sites };
}

function active({ ids, k }: SiteCodes, t: number): Set<number> {
  return new Set([...ids.subarray(t * k, (t + 1) * k)].filter((id) => id !== 0xffffffff));
}

function overlap(a: Set<number>, b: Set<number>): number {
  const shared = [...a].filter((id) => b.has(id)).length;
  const all = a.size + b.size - shared;
  return all === 0 ? 1 : shared / all;
}

function relative(a: Float32Array, b: Float32Array): number {
  return Math.hypot(...a.map((x, i) => x - b[i]!)) / Math.hypot(...b);
}
