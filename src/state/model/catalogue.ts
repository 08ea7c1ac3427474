import type { Origin } from '../../lens/api/model';
import type { ModelRef, OpenRequest } from '../../lens/api/request';
import type { ModelShape } from '../../lens/folders/config';
import { PLAIN_BLOCK } from '../../lens/folders/families/family';
import { LARGE_FORMAT } from '../../lens/sizes';
import { DEFAULT_MODEL } from './model-url';

/** The shape of a model, from which all its sizes follow. */
export interface Shape extends ModelShape {
  /** Tokens that the model itself allows. */
  contextLength: number;
  /** Qwen3's instruct repositories write a tied unembedding into the files a second time. The page downloads it, and
   *  does not keep it. */
  writesHead?: boolean;
}

export interface DictionaryShape {
  repo: string;
  layers: number;
  width: number;
  k: number;
}

/** A model that the page knows by name. */
export interface Known {
  repo: string;
  /** What it is, in a sentence. */
  says: string;
  shape: Shape;
  dictionaries: DictionaryShape[];
  layer: number;
  licence: string;
  /** What to keep in mind about model and dictionary together. */
  caution: string | null;
}

/** Said of every model here: nobody has opened it in this page with the real weights yet. */
export const REHEARSED = 'Verified in rehearsal only: this page has never opened it with the real weights.';

/** The licence of every Qwen-Scope dictionary: the signals conflict. */
export const SCOPE_LICENCE =
  'Licence of Qwen-Scope’s dictionaries: unclear. Their cards name one of their own (“other: qwen”), while others found Apache-2.0 in such a repository: read its ' +
  'LICENSE. Card and report (section 9.3) forbid use for “non-scientific research purposes to interfere with model capabilities”.';

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

const scope = (name: string, width: number, layers: number): DictionaryShape[] =>
  [50, 100].map((k) => ({ repo: `Qwen/SAE-Res-${name}-W${width / 1024}K-L0_${k}`, layers, width, k }));

const smallScope = scope('Qwen3-1.7B-Base', 32_768, 28);

/** In the order in which the page lists them. Sizes are computed from the published configurations. */
export const KNOWN: readonly Known[] = [
  {
    repo: 'Qwen/Qwen3-1.7B-Base',
    says: 'The base model that the dictionaries of Qwen-Scope were trained on, with one of them: a layer of 32,768 features.',
    shape: small,
    dictionaries: smallScope,
    layer: 14,
    licence: 'Apache-2.0; of the dictionary unclear',
    caution: null,
  },
  {
    repo: 'Qwen/Qwen3-8B-Base',
    says: 'The larger base model with its own dictionary: a layer of 65,536 features. For a GPU with much memory.',
    shape: large,
    dictionaries: scope('Qwen3-8B-Base', 65_536, 36),
    layer: 18,
    licence: 'Apache-2.0; of the dictionary unclear',
    caution: null,
  },
  {
    repo: 'Qwen/Qwen3-1.7B',
    says: 'The instruct model, for chat, with the base model’s dictionary.',
    shape: { ...small, contextLength: 40_960, writesHead: true },
    dictionaries: smallScope,
    layer: 14,
    licence: 'Apache-2.0; of the dictionary unclear',
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

export const knownModel = (ref: ModelRef | Origin): Known | null => KNOWN.find((one) => isNamed(one, ref)) ?? null;

export const knownDictionary = (ref: ModelRef | undefined): DictionaryShape | null =>
  KNOWN.flatMap(({ dictionaries }) => dictionaries).find((one) => isNamed(one, ref)) ?? null;

const isNamed = ({ repo }: { repo: string }, ref: ModelRef | Origin | undefined): boolean =>
  ref?.kind === 'hub' && ref.repo.toLowerCase() === repo.toLowerCase();

/** A model of the list, as it is offered. */
export const offered = ({ repo, dictionaries, layer }: Known): OpenRequest => ({
  model: { kind: 'hub', repo },
  dictionary: { kind: 'hub', repo: dictionaries[0]!.repo },
  sites: [layer],
  format: LARGE_FORMAT,
});
