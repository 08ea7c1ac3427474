import { CorruptFileError, ShapeMismatchError } from '../api/errors';
import { JsonObject, parseJson, shown } from '../formats/json';
import { type StoredTensor, toFloat32, toIntegers } from '../formats/safetensors';
import { SafetensorsParts } from '../formats/safetensors-parts';
import type { ReadOptions } from '../sources/folder';
import type { Source } from '../sources/source';
import { FEATURES } from './beside';

/** The value of `metadata.format` in the files read here. */
const FORMAT = 'lenslet-features-1';
/** A feature's firings are counted in this many equal bins of (0, maximum]. */
const BINS = 32;
/** Text sources; the file stores their indices. */
const SOURCES = ['model', 'arithmetic'] as const;
/** Band 0 has the strongest firings; bands 1, 2, 3 lie between the feature's quantiles .75–.95, .5–.75, 0–.5. */
const BANDS = 4;

/** The dictionary that the file must belong to. */
export interface FeatureDataOf {
  layer: number;
  width: number;
  /** Of a top-k dictionary; null of others: how many of their codes are kept is our own choice. */
  k: number | null;
  vocabulary: number;
  /** SHA-256 of sae_weights.safetensors in hex; if null, it is not compared. */
  sha256: string | null;
  /** LensInfo.sha256. Data of other weights are read all the same: of rounded ones, where the open ones are not. */
  model: string | null;
  /** Widths of the open dictionaries by layer. */
  widths: ReadonlyMap<number, number>;
}

/** A few ids for each feature, and a number for each id: row-major [width, per]. */
export interface Listed {
  per: number;
  ids: Uint8Array | Uint16Array | Uint32Array;
  values: Float32Array;
}

/** The columns of the file, checked. */
interface FeatureColumns {
  /** Share of positions on which the feature fires, [width]. */
  written: Float32Array;
  heldOut: Float32Array;
  /** Largest latent over the written text and arithmetic, [width]; 0: never fired there. */
  maximum: Float32Array;
  /** Firings in each bin, [width, BINS]. */
  histogram: Uint32Array;
  promoted: Listed;
  suppressed: Listed;
  /** Other features of this site, highest cosine of decoder rows first. */
  similar: Listed;
  /** One feature for each layer of `nearestLayers`. */
  nearest: Listed;
  nearestLayers: number[];
  /** [width]; null for a feature without a label. */
  labels: (string | null)[];
  /** The label's precision and recall on held-out text, [width]; 0 without a label. */
  precision: Float32Array;
  recall: Float32Array;
  /** Feature f has the snippets first[f] to first[f + 1]; snippet s the tokens begin[s] to begin[s + 1]. */
  first: ArrayLike<number>;
  begin: ArrayLike<number>;
  source: ArrayLike<number>;
  band: ArrayLike<number>;
  peak: ArrayLike<number>;
}

interface StoredSnippet {
  source: (typeof SOURCES)[number];
  band: number;
  /** Index of the firing for which the snippet was chosen. */
  peak: number;
  ids: number[];
  /** Latents, to 1/255 of the feature's maximum; 0 where it does not fire. */
  values: number[];
}

/** Facts from the header alone. */
interface FeatureDataHead {
  /** Number of tokens behind the figures. */
  tokens: { written: number; arithmetic: number; heldOut: number };
  /** How labels were chosen and measured, in a sentence. */
  labelRule: string;
}

type Dimensions = Record<'width' | 'listed' | 'similar' | 'layers' | 'snippets' | 'letters' | 'all', number>;

/** Every tensor of the format: number types and shape. */
const TENSORS: Record<string, { dtypes: string[]; shape: (n: Dimensions) => number[] }> = {
  'density.written': { dtypes: ['F32'], shape: (n) => [n.width] },
  'density.held_out': { dtypes: ['F32'], shape: (n) => [n.width] },
  maximum: { dtypes: ['F32'], shape: (n) => [n.width] },
  histogram: { dtypes: ['U16', 'U32'], shape: (n) => [n.width, BINS] },
  'promoted.ids': { dtypes: ['U16', 'U32'], shape: (n) => [n.width, n.listed] },
  'promoted.logits': { dtypes: ['F16', 'F32'], shape: (n) => [n.width, n.listed] },
  'suppressed.ids': { dtypes: ['U16', 'U32'], shape: (n) => [n.width, n.listed] },
  'suppressed.logits': { dtypes: ['F16', 'F32'], shape: (n) => [n.width, n.listed] },
  'similar.ids': { dtypes: ['U16', 'U32'], shape: (n) => [n.width, n.similar] },
  'similar.cosine': { dtypes: ['F16', 'F32'], shape: (n) => [n.width, n.similar] },
  'nearest.ids': { dtypes: ['U16', 'U32'], shape: (n) => [n.width, n.layers] },
  'nearest.cosine': { dtypes: ['F16', 'F32'], shape: (n) => [n.width, n.layers] },
  'label.begin': { dtypes: ['U32'], shape: (n) => [n.width + 1] },
  'label.text': { dtypes: ['U8'], shape: (n) => [n.letters] },
  'label.precision': { dtypes: ['F16', 'F32'], shape: (n) => [n.width] },
  'label.recall': { dtypes: ['F16', 'F32'], shape: (n) => [n.width] },
  'snippet.first': { dtypes: ['U32'], shape: (n) => [n.width + 1] },
  'snippet.begin': { dtypes: ['U32'], shape: (n) => [n.snippets + 1] },
  'snippet.source': { dtypes: ['U8'], shape: (n) => [n.snippets] },
  'snippet.band': { dtypes: ['U8'], shape: (n) => [n.snippets] },
  'snippet.peak': { dtypes: ['U8'], shape: (n) => [n.snippets] },
  'snippet.tokens': { dtypes: ['U16', 'U32'], shape: (n) => [n.all] },
  'snippet.values': { dtypes: ['U8'], shape: (n) => [n.all] },
};
/** These tensors are read one feature at a time; all others once. */
const BY_FEATURE = ['snippet.tokens', 'snippet.values'];
const COLUMNS = Object.keys(TENSORS).filter((name) => !BY_FEATURE.includes(name));
/** Bound of a cosine, with room for rounding. */
const COSINE = 1.001;

/** Reads `features.safetensors`, the facts about each feature of a dictionary. It reads and checks the header at
 *  opening, reads the columns on first need, and snippets one feature at a time. */
export class FeatureData {
  private loading: Promise<FeatureColumns> | null = null;

  private constructor(
    private readonly parts: SafetensorsParts,
    private readonly of: FeatureDataOf,
    private readonly nearestLayers: number[],
    readonly head: FeatureDataHead,
    /** A sentence if the figures are of other weights of the model than the open ones. */
    readonly caution: string | null,
  ) {}

  /** Opens the feature data in an SAE's folder; null if the folder has none. `folder`: a path that ends with '/', or
   *  empty. Throws CorruptFileError for another format or other weights, ShapeMismatchError for a dictionary of another
   *  size. */
  static async open(
    source: Source,
    folder: string,
    of: FeatureDataOf,
    options: ReadOptions = {},
  ): Promise<FeatureData | null> {
    const parts = await SafetensorsParts.open(source, folder + FEATURES, options);
    if (!parts) return null;
    const metadata = new JsonObject(parts.metadata ?? {}, parts.file);
    if (metadata.get('format') !== FORMAT) metadata.refuse('format', `must be ${FORMAT}`);
    compareSizes(metadata, of);
    const nearestLayers = layersOf(metadata, of.layer);
    checkShapes(parts, of.width, nearestLayers.length);
    const tokens = new JsonObject(nested(metadata, 'tokens'), `${parts.file}: tokens`);
    const amount = (key: string) => tokens.integer(key, 0, Number.MAX_SAFE_INTEGER);
    const head = {
      tokens: { written: amount('written'), arithmetic: amount('arithmetic'), heldOut: amount('held_out') },
      labelRule: metadata.text('label.rule', 2000),
    };
    return new FeatureData(parts, of, nearestLayers, head, cautionOf(metadata, of));
  }

  /** Everything but the snippets' tokens. Read once; after a failure, the next call tries again. */
  columns(): Promise<FeatureColumns> {
    this.loading ??= this.load().catch((error: unknown) => {
      this.loading = null;
      throw error;
    });
    return this.loading;
  }

  /** The snippets of a feature, in file order; empty if the feature never fired. */
  async snippets(feature: number): Promise<StoredSnippet[]> {
    const { first, begin, source, band, peak, maximum } = await this.columns();
    const [from, to] = [first[feature]!, first[feature + 1]!];
    const [start, end] = [begin[from]!, begin[to]!];
    const [tokens, shares] = await Promise.all(
      BY_FEATURE.map(async (name) => toIntegers(await this.parts.slice(name, start, end), name)),
    );
    return Array.from({ length: to - from }, (_, i) => {
      const s = from + i;
      const range = [begin[s]! - start, begin[s + 1]! - start] as const;
      const ids = Array.from(tokens!.subarray(...range));
      const values = Array.from(shares!.subarray(...range), (share) => (share / 255) * maximum[feature]!);
      if (ids.some((id) => id >= this.of.vocabulary))
        throw this.corrupt('snippet.tokens', `has an id beyond the ${this.of.vocabulary} of the vocabulary`);
      if (!(values[peak[s]!]! > 0)) throw this.corrupt('snippet.values', `is 0 at the peak of snippet ${s}`);
      return { source: SOURCES[source[s]!]!, band: band[s]!, peak: peak[s]!, ids, values };
    });
  }

  private async load(): Promise<FeatureColumns> {
    const { of, nearestLayers } = this;
    const stored = await this.parts.read(COLUMNS);
    const numbers = (name: string, min: number, max: number) => this.floats(stored, name, min, max);
    const ids = (name: string, below: number) => this.integers(stored, name, below);
    const listed = (name: string, what: string, below: number, size: number): Listed => ({
      per: this.parts.entry(`${name}.ids`).shape[1]!,
      ids: ids(`${name}.ids`, below),
      values: numbers(`${name}.${what}`, -size, size),
    });
    const all = this.parts.entry('snippet.tokens').shape[0]!;
    const snippets = this.parts.entry('snippet.source').shape[0]!;
    const columns: FeatureColumns = {
      written: numbers('density.written', 0, 1),
      heldOut: numbers('density.held_out', 0, 1),
      maximum: numbers('maximum', 0, 3e38),
      histogram: Uint32Array.from(toIntegers(stored.get('histogram')!, 'histogram')),
      promoted: listed('promoted', 'logits', of.vocabulary, 3e38),
      suppressed: listed('suppressed', 'logits', of.vocabulary, 3e38),
      similar: listed('similar', 'cosine', of.width, COSINE),
      nearest: listed('nearest', 'cosine', 2 ** 32, COSINE),
      nearestLayers,
      labels: this.labels(stored),
      precision: numbers('label.precision', 0, 1),
      recall: numbers('label.recall', 0, 1),
      first: this.offsets(stored, 'snippet.first', snippets),
      begin: this.offsets(stored, 'snippet.begin', all),
      source: ids('snippet.source', SOURCES.length),
      band: ids('snippet.band', BANDS),
      peak: ids('snippet.peak', 256),
    };
    this.checkNearest(columns);
    this.checkSnippets(columns, snippets);
    return columns;
  }

  /** Checks that nearest features exist in their dictionaries, if those are open. */
  private checkNearest({ nearest: { per, ids }, nearestLayers }: FeatureColumns): void {
    const widths = nearestLayers.map((layer) => this.of.widths.get(layer) ?? 2 ** 32);
    for (const [i, id] of ids.entries()) {
      if (id >= widths[i % per]!)
        throw this.corrupt(
          'nearest.ids',
          `names feature ${id} of layer ${nearestLayers[i % per]}, which has ${widths[i % per]}`,
        );
    }
  }

  private checkSnippets({ first, begin, peak, maximum }: FeatureColumns, snippets: number): void {
    for (let s = 0; s < snippets; s++) {
      const length = begin[s + 1]! - begin[s]!;
      if (peak[s]! >= length)
        throw this.corrupt('snippet.peak', `is ${peak[s]} in snippet ${s}, which has ${length} tokens`);
    }
    for (let f = 0; f < maximum.length; f++) {
      if (maximum[f] === 0 && first[f] !== first[f + 1])
        throw this.corrupt('snippet.first', `has snippets of feature ${f}, which never fired`);
    }
  }

  private floats(stored: Map<string, StoredTensor>, name: string, min: number, max: number): Float32Array {
    const { bytes, dtype } = stored.get(name)!;
    const values = toFloat32(bytes, dtype, name);
    const bad = values.findIndex((value) => !(value >= min && value <= max));
    if (bad >= 0) throw this.corrupt(name, `holds ${values[bad]}, no number from ${min} to ${max}`);
    return values;
  }

  private integers(
    stored: Map<string, StoredTensor>,
    name: string,
    below: number,
  ): Uint8Array | Uint16Array | Uint32Array {
    const values = toIntegers(stored.get(name)!, name);
    for (const value of values)
      if (value >= below) throw this.corrupt(name, `holds ${value}, where ${below - 1} is the largest there can be`);
    return values;
  }

  /** Reads positions that begin at 0, never fall, and end at `end`. */
  private offsets(stored: Map<string, StoredTensor>, name: string, end: number): Uint32Array {
    const values = toIntegers(stored.get(name)!, name) as Uint32Array;
    const falls = values.findIndex((value, i) => value < (values[i - 1] ?? 0));
    if (falls >= 0) throw this.corrupt(name, `falls from ${values[falls - 1]} to ${values[falls]}`);
    if (values[0] !== 0 || values.at(-1) !== end)
      throw this.corrupt(name, `must run from 0 to ${end}, but runs from ${values[0]} to ${values.at(-1)}`);
    return values;
  }

  private labels(stored: Map<string, StoredTensor>): (string | null)[] {
    const { bytes } = stored.get('label.text')!;
    const begin = this.offsets(stored, 'label.begin', bytes.length);
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return Array.from({ length: begin.length - 1 }, (_, f) => {
      try {
        return decoder.decode(bytes.subarray(begin[f], begin[f + 1])) || null;
      } catch {
        throw this.corrupt('label.text', `is no UTF-8 in the label of feature ${f}`);
      }
    });
  }

  private corrupt(tensor: string, why: string): CorruptFileError {
    const { file } = this.parts;
    return new CorruptFileError(`${file} is damaged: ${tensor} ${why}. Download it again.`, { file, tensor });
  }
}

/** Checks that the metadata belong to this dictionary: by its size, and by the hash of its weights if both hashes are
 *  known. */
function compareSizes(metadata: JsonObject, of: FeatureDataOf): void {
  const { file } = metadata;
  for (const key of ['layer', 'width', 'k'] as const) {
    const stated = metadata.get(key);
    if (of[key] === null || stated === String(of[key])) continue;
    throw new ShapeMismatchError(
      `${file} is of a dictionary with ${key} ${shown(stated)}; the one beside it has ${of[key]}.`,
      {
        file,
        key,
      },
    );
  }
  const stated = metadata.get('weights_sha256');
  if (of.sha256 !== null && stated !== of.sha256)
    throw new CorruptFileError(
      `${file} is of other weights than the sae_weights.safetensors beside it. Take both from one place.`,
      { file },
    );
}

function cautionOf(metadata: JsonObject, { model, layer }: FeatureDataOf): string | null {
  const made = metadata.get('model_sha256');
  if (model === null || made === undefined || made === model) return null;
  return `The feature data of layer ${layer} were made on other weights of the model than the open ones, such as rounded ones: snippets, rates and labels may differ a little here.`;
}

/** Parses a metadata value, always a text, as JSON. */
function nested(metadata: JsonObject, key: string): unknown {
  return parseJson(new TextEncoder().encode(metadata.text(key, 10_000)), `${metadata.file}: ${key}`);
}

function layersOf(metadata: JsonObject, own: number): number[] {
  const layers = nested(metadata, 'nearest.layers');
  const fits = (layer: unknown) =>
    Number.isInteger(layer) && (layer as number) >= 0 && (layer as number) < 1000 && layer !== own;
  if (!Array.isArray(layers) || !layers.every(fits) || new Set(layers).size !== layers.length)
    return metadata.refuse('nearest.layers', 'must be a list of the other layers');
  return layers as number[];
}

function checkShapes(parts: SafetensorsParts, width: number, layers: number): void {
  const size = (tensor: string, axis: number) => parts.entry(tensor).shape[axis] ?? 0;
  const dimensions: Dimensions = {
    width,
    listed: size('promoted.ids', 1),
    similar: size('similar.ids', 1),
    layers,
    snippets: size('snippet.source', 0),
    letters: size('label.text', 0),
    all: size('snippet.tokens', 0),
  };
  for (const [name, { dtypes, shape }] of Object.entries(TENSORS)) {
    const stored = parts.entry(name);
    const expected = shape(dimensions);
    const fields = { file: parts.file, tensor: name, shape: stored.shape, expected };
    if (stored.shape.length !== expected.length || expected.some((n, i) => n !== stored.shape[i]))
      throw new ShapeMismatchError(
        `${name} in ${parts.file} has shape [${stored.shape.slice(0, 8).join(', ')}], not [${expected.join(', ')}].`,
        fields,
      );
    if (!dtypes.includes(stored.dtype))
      throw new CorruptFileError(
        `${name} in ${parts.file} is stored as ${stored.dtype}, not as ${dtypes.join(' or ')}.`,
        fields,
      );
  }
}
