import type { GeneratedRow } from '../../lens/api/generate';
import type { SiteCodes } from '../../lens/api/site';
import type { StreamKind } from '../base/view';
import { activeAt } from '../reading/rank';
import type { Streams } from './run';

type Stream = readonly Pick<GeneratedRow, 'codes' | 'done'>[];

/** The codes of the i-th generated token at a site. The row after it holds them, since the model reads a token one step
 *  later. Null if the token was not read. */
export const codesOf = (stream: Stream | null, i: number, layer: number): SiteCodes | null =>
  stream?.[i + 1]?.codes[layer] ?? null;

/** Why the i-th token of a text has no codes at a site, in words; null where it has. */
export function unread(stream: Stream | null, i: number, layer: number, kind: StreamKind): string | null {
  const row = stream?.[i];
  if (!stream) return `This run has no ${kind} text.`;
  if (!row) return `The ${kind} text has ${stream.length} tokens so far.`;
  if (i + 1 < stream.length) return codesOf(stream, i, layer) ? null : 'The codes of this text are not kept.';
  if (row.done === null) return 'The model has not read this token yet.';
  if (row.done === 'stop') return 'This token ended the text, and the model did not read it.';
  if (row.done === 'sequence') return 'This token completed a stop sequence, and the model did not read it.';
  if (row.done === 'source')
    return 'The control ended with the steered text: its last token was not read by the model.';
  if (row.done === 'context') return 'The context is full: the last token was not read by the model.';
  return 'The last token was not read by the model: generate one more to see its codes.';
}

/** One feature at the same place of two texts; null where that text's token was not read. */
export interface Difference {
  id: number;
  base: number | null;
  other: number | null;
  difference: number | null;
}

/** The features active on the token of either text, largest |difference| first, ties by lower id; where only one text
 *  was read, the strongest first. */
export function differences(base: SiteCodes | null, other: SiteCodes | null): Difference[] {
  const [a, b] = [activeOf(base), activeOf(other)];
  const rows = [...new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])])].map((id): Difference => {
    const [before, after] = [a && (a.get(id) ?? 0), b && (b.get(id) ?? 0)];
    return { id, base: before, other: after, difference: before === null || after === null ? null : after - before };
  });
  const size = (row: Difference) => Math.abs(row.difference ?? row.base ?? row.other ?? 0);
  return rows.sort((x, y) => size(y) - size(x) || x.id - y.id);
}

/** Value of every active feature of one token. */
const activeOf = (codes: SiteCodes | null): Map<number, number> | null => codes && new Map(activeAt(codes, 0));

/** The text that is set beside the baseline while a token of `kind` is looked at. */
export const partnerOf = (kind: StreamKind): Exclude<StreamKind, 'baseline'> =>
  kind === 'control' ? 'control' : 'steered';

/** Prompt and generated text, all of it or up to the i-th token with it. A character whose last byte is not yet written
 *  is left out. */
export function writtenOf(prompt: string, streams: Streams, kind: StreamKind, i?: number): string {
  const rows: readonly GeneratedRow[] = streams[kind] ?? [];
  return prompt + (i === undefined ? rows : rows.slice(0, i + 1)).map((row) => row.text).join('');
}
