import { InvalidEditError, InvalidOptionError, ShapeMismatchError, UnsupportedModelError } from '../api/errors';
import type { DictionaryWeights } from '../folders/dictionary-weights';
import type { Codes, Dictionary, MatchedMove, Rows, Slot } from './compute';
import type { DictionaryParts, MatrixPieces } from './dictionary-parts';

/** What both implementations refuse before they compute: a GPU would clamp an index out of range without a word. */

/** The most that a top-k keeps. */
const MOST_KEPT = 1024;
/** The most slots that one row's program has. */
export const MOST_SLOTS = 256;

export function checkRange(rows: Rows, start: number, count: number, what: string): void {
  if (start < 0 || count < 0 || !Number.isInteger(start) || !Number.isInteger(count) || start + count > rows.rows)
    throw new ShapeMismatchError(`${what} has ${rows.rows} rows; rows ${start} to ${start + count} were asked for.`, {
      rows: rows.rows,
      start,
      count,
    });
}

export function checkCols(rows: Rows, cols: number, what: string): void {
  if (rows.cols !== cols)
    throw new ShapeMismatchError(`${what} has ${rows.cols} columns, ${cols} are needed.`, {
      have: rows.cols,
      need: cols,
    });
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

export function checkKept(k: number): void {
  if (!(k >= 1 && k <= MOST_KEPT))
    throw new UnsupportedModelError(
      `The dictionary keeps k = ${k} latents a token; 1 to ${MOST_KEPT} can be computed.`,
      { k },
    );
}

/** Throws ShapeMismatchError where the pieces' rows or a vector's length do not fit, UnsupportedModelError for a k that
 *  cannot be computed. */
export function checkParts({
  d,
  width,
  k,
  format,
  encoder,
  decoder,
  encoderBias,
  decoderBias,
  center,
}: DictionaryParts): void {
  const rowsOf = ({ transposed, pieces }: MatrixPieces) =>
    [pieces.reduce((sum, { rows }) => sum + rows, 0), transposed ? d : width] as const;
  const lengths: [string, number, number][] = [
    ['encoder rows', ...rowsOf(encoder)],
    ['decoder rows', ...rowsOf(decoder)],
    ['encoder biases', encoderBias.length, width],
    ['decoder biases', decoderBias.length, d],
    ['means', center.length, d],
  ];
  for (const [name, have, need] of lengths)
    if (have !== need)
      throw new ShapeMismatchError(`The dictionary has ${have} ${name}; ${need} are needed.`, { name, have, need });
  checkKept(k);
  if (format !== 'f16' && format !== 'int8')
    throw new InvalidOptionError(`A dictionary lies on the GPU as f16 or int8, not as ${String(format)}.`, { format });
}

export function checkEncode(
  dictionary: Dictionary,
  h: Rows,
  hRow: number,
  count: number,
  out: Codes,
  outRow: number,
): void {
  checkCols(h, dictionary.d, 'The residual');
  checkCols(out.ids, dictionary.k, 'The codes');
  checkRange(h, hRow, count, 'The residual');
  checkRange(out.ids, outRow, count, 'The codes');
}

export function checkScatter(dictionary: Dictionary, codes: Codes, row: number, count: number, out: Rows): void {
  checkRange(codes.ids, row, count, 'The codes');
  checkRange(out, 0, count, 'The dense latents');
  checkCols(out, dictionary.width, 'The dense latents');
}

export function checkPreactivation(dictionary: Dictionary, h: Rows, count: number, feature: number, out: Rows): void {
  checkCols(h, dictionary.d, 'The residual');
  checkRange(h, 0, count, 'The residual');
  checkRange(out, 0, count, 'The result');
  checkCols(out, 1, 'The result');
  checkFeature(dictionary, feature);
}

function checkFeature({ width }: Dictionary, feature: number): void {
  if (!(Number.isInteger(feature) && feature >= 0 && feature < width))
    throw new InvalidOptionError(`Feature ${feature} is not in this dictionary; it has 0 to ${width - 1}.`, {
      feature,
    });
}

export function checkDecoderRow(dictionary: Dictionary, feature: number, out: Rows, row: number): void {
  checkFeature(dictionary, feature);
  checkCols(out, dictionary.d, 'The result');
  checkRange(out, row, 1, 'The result');
}

export function checkSimilar(dictionary: Dictionary, feature: number, out: Rows): void {
  checkFeature(dictionary, feature);
  checkCols(out, dictionary.width, 'The cosines');
  checkRange(out, 0, 1, 'The cosines');
}

export function checkEdit(
  dictionary: Dictionary,
  h: Rows,
  hRow: number,
  programs: Slot[][],
  codes: Codes,
  codesRow: number,
  vectors: Rows | null,
  report: Rows,
  reportRow: number,
): void {
  checkCols(h, dictionary.d, 'The residual');
  checkRange(h, hRow, programs.length, 'The residual');
  checkRange(codes.ids, codesRow, programs.length, 'The codes');
  checkRange(report, reportRow, programs.length, 'The report');
  checkCols(report, 4, 'The report');
  if (vectors) checkCols(vectors, dictionary.d, 'The vectors');
  for (const slots of programs) {
    if (slots.length > MOST_SLOTS)
      throw new InvalidEditError(`${slots.length} edits at one site; at most ${MOST_SLOTS} can act at once.`);
    for (const slot of slots) {
      if (!Number.isFinite(slot.strength))
        throw new InvalidEditError(`The strength ${slot.strength} of an edit is not a finite number.`);
      if (slot.vector === undefined) {
        if (!(slot.feature >= 0 && slot.feature < dictionary.width))
          throw new InvalidEditError(
            `Feature ${slot.feature} is not in this dictionary; it has 0 to ${dictionary.width - 1}.`,
            { feature: slot.feature },
          );
      } else if (slot.mode !== 'add' || !vectors || !(slot.vector >= 0 && slot.vector < vectors.rows))
        throw new InvalidEditError('An edit along a vector has mode add and names a vector that is there.', {
          mode: slot.mode,
          vector: slot.vector,
        });
    }
  }
}

export function checkMatch(
  h: Rows,
  hRow: number,
  moves: MatchedMove[],
  directions: Rows,
  source: Rows,
  report: Rows,
  reportRow: number,
): void {
  checkCols(directions, h.cols, 'The directions');
  checkCols(source, 4, 'The source report');
  checkCols(report, 4, 'The report');
  for (const m of moves) {
    checkRange(h, hRow + m.row, 1, 'The residual');
    checkRange(report, reportRow + m.row, 1, 'The report');
    checkRange(source, m.source, 1, 'The source report');
    checkRange(directions, m.direction, 1, 'The directions');
  }
}

export function checkTopk(x: Rows, count: number, n: number, ids: Rows, values: Rows): void {
  if (!(n >= 1 && n <= MOST_KEPT))
    throw new InvalidOptionError(`The ${n} largest were asked for; 1 to ${MOST_KEPT} can be had.`, { n });
  checkRange(x, 0, count, 'The matrix');
  for (const [rows, name] of [[ids, 'The ids'] as const, [values, 'The values'] as const]) {
    checkRange(rows, 0, count, name);
    checkCols(rows, n, name);
  }
}

export function checkLogsumexp(x: Rows, count: number, targets: Uint32Array | null, out: Rows): void {
  checkRange(x, 0, count, 'The logits');
  checkRange(out, 0, count, 'The result');
  checkCols(out, 2, 'The result');
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
  checkCols(q, p.cols, 'The second distribution');
  checkRange(out, 0, pairs.length, 'The result');
  checkCols(out, 1, 'The result');
  for (const pair of pairs) {
    checkRange(p, pair.p, 1, 'The first distribution');
    checkRange(q, pair.q, 1, 'The second distribution');
  }
}
