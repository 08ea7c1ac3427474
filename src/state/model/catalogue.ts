import type { Origin } from '../../lens/api/model';
import type { ModelRef, OpenRequest } from '../../lens/api/request';
import type { ModelShape } from '../../lens/folders/config';
import { PLAIN_BLOCK } from '../../lens/folders/families/family';
import { type FormatLoss, lossOn } from './formats';
import { DEFAULT_MODEL, modelUrl } from './model-url';

/** The shape of a model, from which all its sizes follow. */
export interface Shape extends ModelShape {
  /** Tokens that the model itself allows. */
  contextLength: number;
  /** Qwen3's instruct repositories write a tied unembedding into the files a second time. The page downloads it, and
   *  does not keep it. */
  writesHead?: boolean;
}

/** The dictionaries of one training, a layer each. */
export interface KnownDictionary {
  /** A repository of the Hub, or a folder beside this page, from the page's own. */
  at: { kind: 'hub'; repo: string } | { kind: 'url'; url: string };
  /** What tells it from the others of its model, in a word. */
  name: string;
  /** Layers that have one, in ascending order. */
  layers: readonly number[];
  width: number;
  /** Of the numbers in its files. */
  numbers: 'f32' | 'f16';
}

/** A model that the page knows by name. */
export interface Known {
  repo: string;
  /** What it is, in a sentence. */
  says: string;
  shape: Shape;
  /** The first one is offered; none: the model is offered without. */
  dictionaries: readonly KnownDictionary[];
  /** The layer that is offered of it. */
  layer: number;
  /** Of the model and its dictionaries, in a few words; then what there is to say of the dictionaries'. */
  licence: string;
  dictionaryLicence: string;
  /** What to keep in mind about model and dictionary together. */
  caution: string | null;
  /** What was verified, and on which bytes. */
  verified: string;
  /** What formats lose on it, where that was measured. */
  loss?: FormatLoss;
}

const REHEARSED = 'Verified in rehearsal only: this page has never opened it with the real weights.';

/** The licence of every Qwen-Scope dictionary: the signals conflict. */
export const SCOPE_LICENCE =
  'Licence of Qwen-Scope’s dictionaries: unclear. Their cards name one of their own (“other: qwen”), while others found Apache-2.0 in such a repository: read its ' +
  'LICENSE. Card and report (section 9.3) forbid use for “non-scientific research purposes to interfere with model capabilities”.';

const SMOL: Shape = {
  layers: 30,
  d: 576,
  intermediate: 1536,
  heads: 9,
  kvHeads: 3,
  headDim: 64,
  vocabularySize: 49_152,
  tied: true,
  qkNorm: false,
  attentionBias: false,
  attention: [{ rope: { theta: 100_000, scaling: null }, window: null }],
  block: PLAIN_BLOCK,
  contextLength: 8192,
};

const small: Shape = {
  layers: 28,
  d: 2048,
  intermediate: 6144,
  heads: 16,
  kvHeads: 8,
  headDim: 128,
  vocabularySize: 151_936,
  tied: true,
  qkNorm: true,
  attentionBias: false,
  attention: [{ rope: { theta: 1_000_000, scaling: null }, window: null }],
  block: PLAIN_BLOCK,
  contextLength: 32_768,
};
const large: Shape = { ...small, layers: 36, d: 4096, intermediate: 12_288, heads: 32, tied: false };

const scope = (name: string, width: number, layers: number): KnownDictionary[] =>
  [50, 100].map((k) => ({
    at: { kind: 'hub', repo: `Qwen/SAE-Res-${name}-W${width / 1024}K-L0_${k}` },
    name: `k ${k}`,
    layers: Array.from({ length: layers }, (_, layer) => layer),
    width,
    numbers: 'f32',
  }));

const smallScope = scope('Qwen3-1.7B-Base', 32_768, 28);

const ofScope = {
  licence: 'Apache-2.0; of the dictionary unclear',
  dictionaryLicence: SCOPE_LICENCE,
  verified: REHEARSED,
};

/** In the order in which the page lists them. Sizes are computed from the published configurations. */
export const KNOWN: readonly Known[] = [
  {
    repo: 'HuggingFaceTB/SmolLM2-135M-Instruct',
    says: 'A real language model of 135 million parameters, for chat, 269 MB from the Hub. Small enough for a modest GPU, and for WebAssembly with patience. Dictionaries of two of its layers lie beside this page.',
    shape: SMOL,
    dictionaries: [
      {
        at: { kind: 'url', url: 'models/smollm2-135m-instruct/' },
        name: 'SAELens',
        layers: [10, 19],
        width: 4608,
        numbers: 'f16',
      },
    ],
    layer: 10,
    licence: 'Apache-2.0; of the dictionaries MIT, as this page',
    dictionaryLicence: 'Their card names the texts that they were trained on.',
    caution: null,
    verified:
      'Verified on real weights, as others quantised them to Q4_1: on WebAssembly and an emulated GPU residuals agree with those of transformers, and log-probabilities with those of transformers and llama.cpp. The Hub’s own files, in bfloat16, have never been opened here.',
    loss: lossOn('10,200 tokens of public text, with weights that others had quantised to Q4_1', 3.6513947, {
      f16: { more: 7.5e-7, error: 1.94e-5 },
      q8: { more: 5.17e-5, error: 6.57e-4 },
    }),
  },
  {
    ...ofScope,
    repo: 'Qwen/Qwen3-1.7B-Base',
    says: 'The base model that the dictionaries of Qwen-Scope were trained on, with one of them: a layer of 32,768 features.',
    shape: small,
    dictionaries: smallScope,
    layer: 14,
    caution: null,
  },
  {
    ...ofScope,
    repo: 'Qwen/Qwen3-8B-Base',
    says: 'The larger base model with its own dictionary: a layer of 65,536 features. For a GPU with much memory.',
    shape: large,
    dictionaries: scope('Qwen3-8B-Base', 65_536, 36),
    layer: 18,
    caution: null,
  },
  {
    ...ofScope,
    repo: 'Qwen/Qwen3-1.7B',
    says: 'The instruct model, for chat, with the base model’s dictionary.',
    shape: { ...small, contextLength: 40_960, writesHead: true },
    dictionaries: smallScope,
    layer: 14,
    caution:
      'The dictionary was trained on the base model. Its card calls this use “also reasonable”; on a sibling of this model about 28 % of a token’s twenty strongest ' +
      'features were others than in the base model.',
  },
];

/** The model beside the page. */
export const MINI = {
  name: 'lenslet-mini',
  url: DEFAULT_MODEL,
  says: 'The demonstration: a Qwen3 of 6.8 million parameters, trained for this page, with three dictionaries, labels and a verbalizer. It comes with the page.',
  verified: 'Verified against real weights: its own, compared with PyTorch (Check parity does it again here).',
  licence: 'MIT, as this page; its card names the texts.',
};

export const knownModel = (ref: ModelRef | Origin): Known | null =>
  KNOWN.find(({ repo }) => isRepository(repo, ref)) ?? null;

/** `page`: the page's own address, beside which some dictionaries lie. */
export const knownDictionary = (ref: ModelRef | undefined, page: string): KnownDictionary | null =>
  KNOWN.flatMap(({ dictionaries }) => dictionaries).find(({ at }) =>
    at.kind === 'hub' ? isRepository(at.repo, ref) : ref?.kind === 'url' && ref.url === modelUrl(at.url, page),
  ) ?? null;

const isRepository = (repo: string, ref: ModelRef | Origin | undefined): boolean =>
  ref?.kind === 'hub' && ref.repo.toLowerCase() === repo.toLowerCase();

/** Where a known dictionary lies; `endpoint`: the Hub's, or a mirror's. */
export const placeOf = ({ at }: KnownDictionary, page: string, endpoint?: string): ModelRef =>
  at.kind === 'hub' ? { ...at, endpoint } : { kind: 'url', url: modelUrl(at.url, page) };

/** A model of the list, as it is offered. */
export const offered = ({ repo, dictionaries: [first], layer }: Known, page: string): OpenRequest => ({
  model: { kind: 'hub', repo },
  ...(first && { dictionary: placeOf(first, page), sites: [layer] }),
});
