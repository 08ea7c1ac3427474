import { CorruptFileError } from '../../lens/api/errors';
import { count, megabytes } from '../../lens/maths/figures';
import { fitsWidth, layerNamed, ofResidual } from '../base/source-name';

/** A file of labels as Neuronpedia exports them: JSON lines with `index`, `description`, `modelId`, `layer` (its
 *  `explanations/batch-*.jsonl`, also as .gz), or a feature's JSON, or a list of such. Nobody vouches for it. */
export interface LabelFile {
  labels: ReadonlyMap<number, string>;
  /** `modelId` and `layer` as the rows state them, each once. */
  models: readonly string[];
  sources: readonly string[];
  /** Those whose rows were left out as of another dictionary. */
  others: readonly string[];
  /** Rows that were left out: not readable, of another layer, of another dictionary of the layer (an MLP's, attention's,
   *  one of another width), of an id that the dictionary lacks, without words. */
  unread: number;
  otherLayer: number;
  otherKind: number;
  outside: number;
  wordless: number;
  /** Further labels of a feature that has one: the first counts. */
  repeated: number;
}

/** Limits on what is read: bytes of a file, bytes it unpacks to, characters of a label, and names that are kept of what
 *  rows say they are of. */
export const LARGEST_FILE = 64e6;
const LARGEST_TEXT = 256e6;
export const LONGEST_LABEL = 300;
const MOST_NAMES = 4;

/** The text of a file that may be gzipped. Throws CorruptFileError where it is damaged, too large, or no UTF-8. */
export async function labelText(bytes: Uint8Array<ArrayBuffer>, file: string, most = LARGEST_TEXT): Promise<string> {
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const stream = new Blob([bytes]).stream();
  const reader = (zipped ? stream.pipeThrough(new DecompressionStream('gzip')) : stream).getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const parts: string[] = [];
  try {
    for (let size = 0; ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > most)
        throw new CorruptFileError(`${file} unpacks to more than ${megabytes(most)}. It is not read.`, {
          file,
        });
      parts.push(decoder.decode(value, { stream: true }));
    }
    return parts.join('') + decoder.decode();
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    if (error instanceof CorruptFileError) throw error;
    throw new CorruptFileError(
      `${file} is ${zipped ? 'a damaged gzip file, or holds' : ''} no UTF-8 text. Download it again.`.replace(
        '  ',
        ' ',
      ),
      { file },
    );
  }
}

/** Reads labels for a dictionary of `width` features at `layer`. Throws CorruptFileError, with the reason, if the file
 *  has none for it. */
export function parseLabels(text: string, file: string, { layer, width }: { layer: number; width: number }): LabelFile {
  const labels = new Map<number, string>();
  const counts = { unread: 0, otherLayer: 0, otherKind: 0, outside: 0, wordless: 0, repeated: 0 };
  const models = new Set<string>();
  const sources = new Set<string>();
  const others = new Set<string>();
  for (const row of rowsOf(text)) {
    const read = rowOf(row);
    if (!read) {
      counts.unread++;
      continue;
    }
    note(models, read.model);
    note(sources, read.source);
    const source = read.source ?? '';
    if ((layerNamed(source) ?? layer) !== layer) counts.otherLayer++;
    else if (!ofResidual(source) || !fitsWidth(source, width)) {
      counts.otherKind++;
      note(others, source);
    } else if (read.index >= width) counts.outside++;
    else if (read.label === '') counts.wordless++;
    else if (labels.has(read.index)) counts.repeated++;
    else labels.set(read.index, read.label);
  }
  const found = { labels, models: [...models], sources: [...sources], others: [...others], ...counts };
  if (!labels.size)
    throw new CorruptFileError(
      `${file} has no label for the ${width} features of the residual behind layer ${layer}${leftOut(found)}.`,
      { file },
    );
  return found;
}

/** Yields the objects of the file: one per line, or those of a single JSON text. A line that is no JSON yields null. */
function* rowsOf(text: string): Generator<unknown> {
  const whole = text.length < LARGEST_TEXT && /^\s*(\[|\{\s*\n)/.test(text) ? json(text) : undefined;
  if (whole) {
    yield* Array.isArray(whole) ? whole : [whole];
    return;
  }
  for (let begin = 0; begin < text.length; ) {
    const found = text.indexOf('\n', begin);
    const end = found < 0 ? text.length : found;
    const line = text.slice(begin, end).trim();
    begin = end + 1;
    if (line !== '') yield json(line) ?? null;
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Row {
  index: number;
  label: string;
  model: string | null;
  source: string | null;
}

function rowOf(value: unknown): Row | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { index, description, explanations, modelId, layer } = value as Record<string, unknown>;
  const id = typeof index === 'string' && /^\d{1,7}$/.test(index) ? Number(index) : index;
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 0) return null;
  const first: unknown = Array.isArray(explanations) ? explanations[0] : null;
  const words =
    description ??
    (typeof first === 'object' && first !== null ? (first as Record<string, unknown>).description : undefined);
  return {
    index: id,
    label: typeof words === 'string' ? tidy(words) : '',
    model: textOf(modelId),
    source: typeof layer === 'number' ? String(layer) : textOf(layer),
  };
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? tidy(value).slice(0, 80) : null;

/** One line without control and direction signs, which could make it read as something else. */
function tidy(words: string): string {
  const line = words
    .slice(0, 4 * LONGEST_LABEL)
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > LONGEST_LABEL ? `${line.slice(0, LONGEST_LABEL - 1).trimEnd()}…` : line;
}

function note(names: Set<string>, name: string | null): void {
  if (name !== null && names.size < MOST_NAMES) names.add(name);
}

/** Says what was left out, as the continuation of a sentence; empty if nothing was. */
export function leftOut(
  file: Pick<LabelFile, 'unread' | 'otherLayer' | 'otherKind' | 'outside' | 'wordless' | 'repeated' | 'others'>,
): string {
  const parts = [
    [file.otherLayer, 'of other layers'],
    [file.otherKind, `of another dictionary there (${file.others.join(', ')})`],
    [file.outside, 'of ids that it lacks'],
    [file.wordless, 'without words'],
    [file.repeated, 'a second time'],
    [file.unread, 'not readable'],
  ] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, why]) => `${count(n)} ${why}`);
  return said.length ? `; left out: ${said.join(', ')}` : '';
}
