import { InvalidEditError, InvalidOptionError, ShapeMismatchError, UnsupportedModelError } from '../api/errors';
import type { DictionaryWeights, Shaping } from '../folders/dictionary-weights';
import { MOST as MOST_KEPT } from '../folders/slots';
import {
  type Codes,
  type Dictionary,
  type GateSlot,
  type Gates,
  later,
  type MatchedMoves,
  type Programs,
  type Rows,
  type Slice,
  type Slot,
  slice,
} from './compute';
import type { DictionaryParts, MatrixPieces } from './dictionary-parts';

/** Checks that both implementations make before they compute: a GPU would silently clamp an index out of range. */

/** The most slots that one row's program has. */
export const MOST_SLOTS = 256;

/** `count` rows of `cols` numbers lie in the slice. */
export function checkSlice({ rows, from }: Slice, count: number, cols: number, what: string): void {
  if (rows.cols !== cols)
    throw new ShapeMismatchError(`${what} has ${rows.cols} columns, ${cols} are needed.`, {
      have: rows.cols,
      need: cols,
    });
  if (from < 0 || count < 0 || !Number.isInteger(from) || !Number.isInteger(count) || from + count > rows.rows)
    throw new ShapeMismatchError(`${what} has ${rows.rows} rows; rows ${from} to ${from + count} were asked for.`, {
      rows: rows.rows,
      start: from,
      count,
    });
}

function checkCodes({ k }: Dictionary, { rows, from }: Slice<Codes>, count: number): void {
  checkSlice(slice(rows.ids, from), count, k, 'The codes');
}

export function checkData(rows: number, cols: number, length: number): void {
  if (rows * cols !== length)
    throw new ShapeMismatchError(`${length} numbers do not fill ${rows} rows of ${cols}; give ${rows * cols}.`, {
      have: length,
      need: rows * cols,
    });
}

export function checkWeights(w: DictionaryWeights): void {
  const lengths: [string, number, number][] = [
    ['encoder', w.encoder.length, w.width * w.d],
    ['decoder', w.decoder.length, w.width * w.d],
    ['encoder bias', w.encoderBias.length, w.width],
    ['decoder bias', w.decoderBias.length, w.d],
    ['center', w.center.length, w.d],
    ...shapingLengths(w),
  ];
  for (const [name, have, need] of lengths)
    if (have !== need)
      throw new ShapeMismatchError(`The dictionary's ${name} has ${have} numbers; ${need} are needed.`, {
        name,
        have,
        need,
      });
  checkKept(w.k);
}

function shapingLengths({ width, ...shaping }: Shaping & Pick<DictionaryWeights, 'width'>): [string, number, number][] {
  const { encoderScale, decoderScale, threshold } = shaping;
  const named = { 'encoder scales': encoderScale, 'decoder scales': decoderScale, thresholds: threshold };
  return Object.entries(named).map(([name, numbers]) => [name, numbers?.length ?? width, width]);
}

export function checkKept(k: number): void {
  if (!(k >= 1 && k <= MOST_KEPT))
    throw new UnsupportedModelError(
      `The dictionary keeps k = ${k} latents a token; 1 to ${MOST_KEPT} can be computed.`,
      { k },
    );
}

/** Throws ShapeMismatchError where the pieces' rows or a vector's length do not fit, UnsupportedModelError for a k that
 *  cannot be computed. */
export function checkParts(parts: DictionaryParts): void {
  const { d, width, format, encoder, decoder } = parts;
  const rowsOf = ({ transposed, pieces }: MatrixPieces) =>
    [pieces.reduce((sum, { rows }) => sum + rows, 0), transposed ? d : width] as const;
  const lengths: [string, number, number][] = [
    ['encoder rows', ...rowsOf(encoder)],
    ['decoder rows', ...rowsOf(decoder)],
    ['encoder biases', parts.encoderBias.length, width],
    ['decoder biases', parts.decoderBias.length, d],
    ['means', parts.center.length, d],
    ...shapingLengths(parts),
  ];
  for (const [name, have, need] of lengths)
    if (have !== need)
      throw new ShapeMismatchError(`The dictionary has ${have} ${name}; ${need} are needed.`, { name, have, need });
  checkKept(parts.k);
  if (format !== 'f16' && format !== 'int8')
    throw new InvalidOptionError(`A dictionary lies on the GPU as f16 or int8, not as ${String(format)}.`, { format });
}

export function checkCopy(from: Slice, to: Slice, count: number): void {
  checkSlice(to, count, from.rows.cols, 'The destination');
  checkSlice(from, count, from.rows.cols, 'The source');
}

export function checkEncode(dictionary: Dictionary, h: Slice, count: number, out: Slice<Codes>): void {
  checkSlice(h, count, dictionary.d, 'The residual');
  checkCodes(dictionary, out, count);
}

export function checkScatter(dictionary: Dictionary, codes: Slice<Codes>, count: number, out: Rows): void {
  checkCodes(dictionary, codes, count);
  checkSlice(slice(out), count, dictionary.width, 'The dense latents');
}

export function checkPreactivation(dictionary: Dictionary, h: Rows, feature: number, out: Rows): void {
  checkSlice(slice(h), out.rows, dictionary.d, 'The residual');
  checkSlice(slice(out), out.rows, 1, 'The result');
  checkFeature(dictionary, feature);
}

function checkFeature({ width }: Dictionary, feature: number): void {
  if (!(Number.isInteger(feature) && feature >= 0 && feature < width))
    throw new InvalidOptionError(`Feature ${feature} is not in this dictionary; it has 0 to ${width - 1}.`, {
      feature,
    });
}

export function checkDecoderRow(dictionary: Dictionary, feature: number, out: Slice): void {
  checkFeature(dictionary, feature);
  checkSlice(out, 1, dictionary.d, 'The result');
}

export function checkSimilar(dictionary: Dictionary, feature: number, out: Rows): void {
  checkFeature(dictionary, feature);
  checkSlice(slice(out), 1, dictionary.width, 'The cosines');
}

export function checkGate(dictionary: Dictionary, { gates, sequences, begins, h, codes, flags, before }: Gates): void {
  const { cols } = flags.rows;
  if (!(sequences >= 1 && begins.length % sequences === 0))
    throw new ShapeMismatchError(`${begins.length} rows do not make ${sequences} sequences of one length.`, {
      rows: begins.length,
      sequences,
    });
  checkSlice(h, begins.length, dictionary.d, 'The residual');
  checkCodes(dictionary, codes, begins.length);
  checkSlice(flags, begins.length, cols, 'The flags');
  checkSlice(slice(flags.rows, before), sequences, cols, 'The flags from before');
  const apart = before + sequences <= flags.from || before >= flags.from + begins.length;
  if (!apart && !(before === flags.from && begins.length === sequences))
    throw new InvalidOptionError('The flags from before lie where others are written.', { before, from: flags.from });
  for (const gate of gates) {
    checkBounds(gate);
    checkFeature(dictionary, gate.feature);
    checkColumn(flags.rows, gate.column);
  }
}

function checkBounds({ above, until = above }: GateSlot): void {
  if (!(above >= 0 && until >= 0 && until <= above && Number.isFinite(Math.fround(above))))
    throw new InvalidEditError(`A gate cannot open above ${above} and close at ${until}.`, { above, until });
}

function checkColumn(flags: Rows, column: number): void {
  if (!(Number.isInteger(column) && column >= 0 && column < flags.cols))
    throw new InvalidEditError(`There is no gate ${column}; the flags have ${flags.cols} columns.`, { column });
}

export function checkEdit(dictionary: Dictionary, { h, programs, codes, vectors, report, flags }: Programs): void {
  checkSlice(h, programs.length, dictionary.d, 'The residual');
  checkCodes(dictionary, codes, programs.length);
  checkSlice(report, programs.length, 4, 'The report');
  if (vectors) checkSlice(slice(vectors), 0, dictionary.d, 'The vectors');
  if (flags) checkSlice(flags, programs.length, flags.rows.cols, 'The flags');
  for (const slots of programs) {
    if (slots.length > MOST_SLOTS)
      throw new InvalidEditError(`${slots.length} edits at one layer; at most ${MOST_SLOTS} can act at once.`);
    for (const slot of slots) {
      checkSlot(dictionary, slot, vectors);
      if (slot.gate === undefined) continue;
      if (!flags) throw new InvalidEditError('An edit with a gate needs the gates’ flags.', { gate: slot.gate });
      checkColumn(flags.rows, slot.gate);
    }
  }
}

function checkSlot({ width }: Dictionary, { mode, feature, strength, vector }: Slot, vectors: Rows | null): void {
  if (!Number.isFinite(strength))
    throw new InvalidEditError(`The strength ${strength} of an edit is not a finite number.`);
  if (vector === undefined) {
    if (!(feature >= 0 && feature < width))
      throw new InvalidEditError(`Feature ${feature} is not in this dictionary; it has 0 to ${width - 1}.`, {
        feature,
      });
  } else if (mode !== 'add' || !vectors || !(vector >= 0 && vector < vectors.rows))
    throw new InvalidEditError('An edit along a vector has mode add and names a vector that is there.', {
      mode,
      vector,
    });
}

export function checkMatch({ h, moves, directions, source, report }: MatchedMoves): void {
  for (const m of moves) {
    checkSlice(later(h, m.row), 1, directions.cols, 'The residual');
    checkSlice(later(report, m.row), 1, 4, 'The report');
    checkSlice(slice(source, m.source), 1, 4, 'The source report');
    checkSlice(slice(directions, m.direction), 1, h.rows.cols, 'The directions');
  }
}

export function checkTopk(x: Rows, count: number, n: number, ids: Rows, values: Rows): void {
  if (!(n >= 1 && n <= MOST_KEPT))
    throw new InvalidOptionError(`The ${n} largest were asked for; 1 to ${MOST_KEPT} can be had.`, { n });
  checkSlice(slice(x), count, x.cols, 'The matrix');
  checkSlice(slice(ids), count, n, 'The ids');
  checkSlice(slice(values), count, n, 'The values');
}

export function checkLogsumexp(x: Rows, count: number, targets: Uint32Array | null, out: Rows): void {
  checkSlice(slice(x), count, x.cols, 'The logits');
  checkSlice(slice(out), count, 2, 'The result');
  if (!targets) return;
  if (targets.length < count)
    throw new ShapeMismatchError(`${targets.length} targets for ${count} rows.`, { have: targets.length, need: count });
  for (const t of targets)
    if (t !== 0xffffffff && t >= x.cols)
      throw new InvalidOptionError(`Target ${t} is not in a vocabulary of ${x.cols}.`, {
        target: t,
        vocabulary: x.cols,
      });
}

export function checkKl(p: Rows, q: Rows, pairs: { p: number; q: number }[], out: Rows): void {
  checkSlice(slice(out), pairs.length, 1, 'The result');
  for (const pair of pairs) {
    checkSlice(slice(p, pair.p), 1, p.cols, 'The first distribution');
    checkSlice(slice(q, pair.q), 1, p.cols, 'The second distribution');
  }
}
