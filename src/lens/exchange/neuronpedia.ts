import type { FeatureInfo, Snippet } from '../api/feature';

/** A feature's place at Neuronpedia. */
interface NeuronpediaPlace {
  modelId: string;
  /** The id of a source of that model, `layer-type-width`, from `neuronpediaSource`. */
  source: string;
}

/** A feature in Neuronpedia's own JSON format, with the fields known here: no vector, no histogram of logits. */
export interface NeuronpediaFeature {
  modelId: string;
  /** The source's id; Neuronpedia uses this key for it. */
  layer: string;
  index: string;
  hookName: string;
  maxActApprox: number;
  frac_nonzero: number;
  pos_str: string[];
  pos_values: number[];
  neg_str: string[];
  neg_values: number[];
  /** Firings in each bin, and the middle of each bin. */
  freq_hist_data_bar_heights: number[];
  freq_hist_data_bar_values: number[];
  topkCosSimIndices: number[];
  topkCosSimValues: number[];
  explanations: NeuronpediaExplanation[];
  activations: NeuronpediaActivation[];
}

interface NeuronpediaExplanation {
  modelId: string;
  layer: string;
  index: string;
  description: string;
  notes: string;
}

interface NeuronpediaActivation {
  modelId: string;
  layer: string;
  index: string;
  dataSource: string;
  tokens: string[];
  values: number[];
  maxValue: number;
  maxValueTokenIndex: number;
  minValue: number;
}

const SOURCES = { model: 'written by the model', arithmetic: 'generated arithmetic' };

/** The source id of a residual-stream dictionary: 7, 32768 -> '7-res-32k'; 3, 2000 -> '3-res-2000'. */
export function neuronpediaSource(layer: number, width: number): string {
  return `${layer}-res-${width % 1024 === 0 ? `${width / 1024}k` : width}`;
}

/** Converts a feature to Neuronpedia's format. `maxActApprox` and `frac_nonzero` come from the text of the activations,
 *  if firings were counted there. Tokens that share a character become one token, with the largest of their values. */
export function neuronpediaFeature(
  info: FeatureInfo,
  snippets: readonly Snippet[],
  { modelId, source }: NeuronpediaPlace,
): NeuronpediaFeature {
  const place = { modelId, layer: source, index: String(info.id) };
  const { counts, maximum } = info.histogram ?? { counts: new Uint32Array(0), maximum: 0 };
  return {
    ...place,
    hookName: `blocks.${info.layer}.hook_resid_post`,
    maxActApprox: info.histogram?.maximum ?? info.maximum ?? 0,
    frac_nonzero: info.density.written ?? info.density.heldOut ?? 0,
    pos_str: info.promoted.map(({ text }) => text),
    pos_values: info.promoted.map(({ logit }) => logit),
    neg_str: info.suppressed.map(({ text }) => text),
    neg_values: info.suppressed.map(({ logit }) => logit),
    freq_hist_data_bar_heights: Array.from(counts),
    freq_hist_data_bar_values: Array.from(counts, (_, i) => ((i + 0.5) / counts.length) * maximum),
    topkCosSimIndices: info.similar.map(({ id }) => id),
    topkCosSimValues: info.similar.map(({ cosine }) => cosine),
    explanations: info.label ? [{ ...place, description: info.label.text, notes: notesOf(info.label) }] : [],
    activations: snippets.map((snippet) => ({
      ...place,
      dataSource: SOURCES[snippet.source],
      ...activationOf(snippet),
    })),
  };
}

const notesOf = ({ precision, recall }: NonNullable<FeatureInfo['label']>) =>
  `a rule; precision ${precision.toFixed(2)}, recall ${recall.toFixed(2)} on held-out text`;

function activationOf({
  tokens,
}: Snippet): Pick<NeuronpediaActivation, 'tokens' | 'values' | 'maxValue' | 'maxValueTokenIndex' | 'minValue'> {
  const texts: string[] = [];
  const values: number[] = [];
  for (let i = 0; i < tokens.length; ) {
    const { text, fragment } = tokens[i]!;
    // If a snippet begins or ends in the middle of a character, the character's tokens stay separate.
    const whole = fragment && fragment.index === 0 && i + fragment.count <= tokens.length;
    const count = whole ? fragment.count : 1;
    texts.push(whole ? fragment.text : text);
    values.push(Math.max(...tokens.slice(i, i + count).map(({ value }) => value)));
    i += count;
  }
  const maxValue = Math.max(0, ...values);
  return {
    tokens: texts,
    values,
    maxValue,
    maxValueTokenIndex: Math.max(0, values.indexOf(maxValue)),
    minValue: values.length ? Math.min(...values) : 0,
  };
}
