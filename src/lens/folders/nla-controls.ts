import { CorruptFileError } from '../api/errors';
import type { Interval, VerbalizerQuality } from '../api/verbalizer';
import { JsonObject, parseJson } from '../formats/json';
import type { ReadOptions } from '../sources/folder';
import type { Source } from '../sources/source';

/** A pair's own controls: they serve to judge its sentences. */
export interface NlaControls {
  /** V: E|g^ - mu|^2 = 1 - |mu|^2 over the training distribution. */
  variance: number;
  /** mu: mean of the unit-length residuals, not normalised, [d]. */
  mean: Float32Array;
  /** A sentence that fits any text. */
  generic: string;
  /** Explanations of tokens of held-out text. */
  texts: string[];
  quality: VerbalizerQuality | null;
}

/** Names the folders of a model's trained pair. */
interface NlaIndex {
  av: string;
  ar: string;
  controls: string | null;
  /** Bytes of each half's weights; if the index states them, nobody has to ask a server. */
  bytes: { av: number; ar: number } | null;
}

const MOST_TEXTS = 256;
const MOST_TEXT = 4000;
const MOST_BYTES = 2 ** 40;

/** Reads `nla/index.json` of a model folder; null if there is none: the folder then has no trained pair. */
export async function openNlaIndex(folder: Source, options: ReadOptions = {}): Promise<NlaIndex | null> {
  const file = 'nla/index.json';
  const bytes = await folder.tryRead(file, options);
  if (!bytes) return null;
  const root = new JsonObject(parseJson(bytes, file), file);
  if (root.get('format') !== 'lenslet-nla-1') root.refuse('format', 'must be lenslet-nla-1');
  // Names of files and folders beside the index; a path is refused.
  const name = (key: string, pattern: RegExp) => {
    const value = root.text(key, 100);
    return pattern.test(value) ? `nla/${value}` : root.refuse(key, 'must be a name without a path');
  };
  const place = (key: string) => name(key, /^[\w-][\w.-]*$/);
  const sizes = root.object('bytes');
  return {
    av: place('av'),
    ar: place('ar'),
    controls: root.get('controls') === undefined ? null : name('controls', /^[\w-][\w.-]*\.json$/),
    bytes: sizes && { av: sizes.integer('av', 0, MOST_BYTES), ar: sizes.integer('ar', 0, MOST_BYTES) },
  };
}

/** Parses the controls of a pair that reads `layer` of a model `d` wide. */
export function parseNlaControls(
  bytes: Uint8Array,
  file: string,
  { d, layer }: { d: number; layer: number },
): NlaControls {
  const root = new JsonObject(parseJson(bytes, file), file);
  if (root.get('format') !== 'lenslet-nla-controls-1') root.refuse('format', 'must be lenslet-nla-controls-1');
  if (root.integer('layer', 0, 511) !== layer) root.refuse('layer', `must be the pair's, ${layer}`);
  const variance = root.number('variance', 0, 1);
  if (variance === 0) root.refuse('variance', 'must be above 0');
  const texts = root.list('texts', MOST_TEXTS);
  if (!texts.every((text) => typeof text === 'string' && text !== '' && text.length <= MOST_TEXT))
    root.refuse('texts', `must list texts of 1 to ${MOST_TEXT} characters`);
  return {
    variance,
    mean: meanOf(root, d),
    generic: root.text('generic', MOST_TEXT),
    texts: texts as string[],
    quality: qualityOf(root),
  };
}

function meanOf(root: JsonObject, d: number): Float32Array {
  const text = root.text('mean', 1 << 20);
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  } catch {
    return root.refuse('mean', 'must be base64');
  }
  if (bytes.length !== d * 4)
    throw new CorruptFileError(`${root.file}: "mean" holds ${bytes.length} bytes, not ${d} numbers of 4.`, {
      file: root.file,
    });
  const mean = new Float32Array(bytes.buffer);
  if (!mean.every(Number.isFinite))
    throw new CorruptFileError(`${root.file}: "mean" holds NaN or infinity.`, { file: root.file });
  return mean;
}

function qualityOf(root: JsonObject): VerbalizerQuality | null {
  const of = root.object('quality');
  if (!of) return null;
  return {
    n: of.integer('n', 1, 1e9),
    own: interval(of, 'own'),
    shuffled: interval(of, 'shuffled'),
    beatsControl: of.boolean('beatsControl', false),
  };
}

function interval(of: JsonObject, key: string): Interval {
  const found = of.object(key) ?? of.refuse(key, 'must be a mean with its interval');
  const value = (name: string) => found.number(name, -1e6, 1e6);
  return { mean: value('mean'), low: value('low'), high: value('high') };
}
