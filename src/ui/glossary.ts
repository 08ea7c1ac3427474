import type { TermId } from './terms';

interface Entry {
  /** One sentence. */
  says: string;
  /** Where more of it stands. */
  source: { name: string; href: string };
}

const NLA = {
  name: 'Natural Language Autoencoders, 2026',
  href: 'https://transformer-circuits.pub/2026/nla/index.html',
};
const TOP_K = { name: 'Gao et al. 2024', href: 'https://arxiv.org/abs/2406.04093' };
const JUMP_RELU = { name: 'Rajamanoharan et al. 2024', href: 'https://arxiv.org/abs/2407.14435' };
const FRAMEWORK = { name: 'Elhage et al. 2021', href: 'https://transformer-circuits.pub/2021/framework/index.html' };
const FEATURES = {
  name: 'Bricken et al. 2023',
  href: 'https://transformer-circuits.pub/2023/monosemantic-features/index.html',
};
const SCALING = {
  name: 'Templeton et al. 2024',
  href: 'https://transformer-circuits.pub/2024/scaling-monosemanticity/',
};
const ADDITION = { name: 'Turner et al. 2023', href: 'https://arxiv.org/abs/2308.10248' };
const TEMPLATES = { name: 'Hugging Face', href: 'https://huggingface.co/docs/transformers/chat_templating' };
const CTRL = { name: 'Keskar et al. 2019', href: 'https://arxiv.org/abs/1909.05858' };
const NUCLEUS = { name: 'Holtzman et al. 2019', href: 'https://arxiv.org/abs/1904.09751' };

/** What the page's terms mean, in the order of the list. */
export const GLOSSARY: Record<TermId, Entry> = {
  residual: {
    says: 'The vector that each token carries through the model; every layer reads it and adds to it.',
    source: FRAMEWORK,
  },
  layer: {
    says: 'Layer 3 is the residual stream after decoder block 3, counted from 0; the library calls it a site, others resid_post.',
    source: FRAMEWORK,
  },
  activation: {
    says: 'The residual stream at one token and layer; a feature’s activation is how strongly it is present there.',
    source: FEATURES,
  },
  dictionary: {
    says: 'A sparse autoencoder of one layer: it writes an activation as a sum of few features, each with its strength.',
    source: FEATURES,
  },
  topk: {
    says: 'A dictionary that keeps the k strongest features of a token and drops the rest.',
    source: TOP_K,
  },
  threshold: {
    says: 'A dictionary in which a feature is active wherever it is above its own threshold (JumpReLU), or above 0 (ReLU): on some tokens many are, on others few.',
    source: JUMP_RELU,
  },
  l0: {
    says: 'How many features of a dictionary are active on a token; a dictionary’s own is the average over its training text.',
    source: JUMP_RELU,
  },
  feature: {
    says: 'One entry of a dictionary, written layer:id, that is active on few tokens and adds its own direction to the stream.',
    source: FEATURES,
  },
  decoder: {
    says: 'The direction that a feature adds to the residual stream, per unit of its activation.',
    source: TOP_K,
  },
  density: {
    says: 'The share of tokens of a reference text on which a feature is active.',
    source: FEATURES,
  },
  dead: {
    says: 'A feature that was never active on the reference texts.',
    source: TOP_K,
  },
  fvu: {
    says: 'Fraction of variance unexplained: the dictionary’s squared error, divided by the activation’s squared distance from the mean; 0 is perfect.',
    source: TOP_K,
  },
  distance: {
    says: 'The dictionary’s squared error, divided by the activation’s squared distance to its bias b_dec, since no mean is stored; it is no FVU.',
    source: TOP_K,
  },
  add: {
    says: 'An edit that moves every chosen token along the feature’s direction by a fixed amount.',
    source: ADDITION,
  },
  scale: {
    says: 'An edit that multiplies the feature’s activation where it is active.',
    source: SCALING,
  },
  strength: {
    says: 'How much an edit is: raw, in activations; × max, in the feature’s largest activations; × norm, by the change’s length in median residual norms.',
    source: ADDITION,
  },
  natural: {
    says: 'From 0 to a feature’s largest activation on the reference text: what it does by itself, and as far as its meaning is known.',
    source: SCALING,
  },
  clamp: {
    says: 'An edit that sets the feature’s activation to one value on every chosen token and keeps all else of it.',
    source: SCALING,
  },
  ablate: {
    says: 'An edit that takes away what the feature adds where it is active.',
    source: SCALING,
  },
  turn: {
    says: 'One message of a conversation, counted from 0: its speaker is the system, the user or the assistant.',
    source: TEMPLATES,
  },
  chattemplate: {
    says: 'The model’s own way to write turns as one text; a base model may have one too, and then continues the text rather than answers.',
    source: TEMPLATES,
  },
  template: {
    says: 'A token that the model’s chat template writes around the turns: who speaks, where a turn begins and ends.',
    source: TEMPLATES,
  },
  gate: {
    says: 'Lets an edit act only where a feature, read in the same run before the edits of its layer, is above a value.',
    source: { name: 'Lee et al. 2024', href: 'https://arxiv.org/abs/2409.05907' },
  },
  kl: {
    says: 'How far the edited model’s next-token probabilities are from the unedited model’s after the same text, in nats: KL(steered || baseline).',
    source: { name: 'Kullback and Leibler 1951', href: 'https://doi.org/10.1214/aoms/1177729694' },
  },
  surprisal: {
    says: '−log p of a token after the text before it, in nats: how little the model expected it.',
    source: { name: 'Levy 2008', href: 'https://doi.org/10.1016/j.cognition.2007.05.006' },
  },
  perplexity: {
    says: 'exp of a text’s mean surprisal under the unedited model: low for fluent text, very high for broken text.',
    source: { name: 'Jelinek et al. 1977', href: 'https://doi.org/10.1121/1.2016299' },
  },
  temperature: {
    says: 'Divides the logits before a token is drawn: below 1 the likely ones win more often, 0 always takes the likeliest.',
    source: NUCLEUS,
  },
  topp: {
    says: 'Tokens are drawn from the fewest likeliest ones that together have at least this probability.',
    source: NUCLEUS,
  },
  repetition: {
    says: 'Divides the positive logits, and multiplies the negative ones, of all tokens that the text has already; 1 changes nothing, above 1 they come less often.',
    source: CTRL,
  },
  lens: {
    says: 'The activation passed through the final norm and the unembedding, as if the model ended at this layer.',
    source: {
      name: 'nostalgebraist 2020',
      href: 'https://www.lesswrong.com/posts/AcKRB8wDpdaN6v6ru/interpreting-gpt-the-logit-lens',
    },
  },
  av: {
    says: 'The activation verbalizer: a model that reads one activation and describes it in sentences.',
    source: NLA,
  },
  ar: {
    says: 'The activation reconstructor: a model that turns the sentences back into an activation.',
    source: NLA,
  },
  fve: {
    says: 'Fraction of variance explained: 1 minus the rebuilt activation’s squared error over the variance between tokens’ activations, all at length 1; 1 is perfect.',
    source: NLA,
  },
};
