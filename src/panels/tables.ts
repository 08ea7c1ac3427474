import type { ParityCase } from '../lens/api/lens';
import { STREAMS, type StreamKind } from '../state/base/view';
import type { RunRow } from '../state/notebook/record';
import type { Ranking } from '../state/reading/rank';
import type { Hit } from '../state/search/search';
import { generatedChange, meanKl, perplexity, type Stream } from '../state/steering/measure';
import type { Table } from '../ui/csv';

/** The page's tables as they are saved: every number unrounded, its unit in the column's name. A KL is KL(edited ‖
 *  unedited), of the models' next tokens after the text's own tokens. */

/** The listed features. `nameOf`: the reader's own name, else the label. */
export function rankingTable(layer: number, { rows }: Ranking, nameOf: (id: number) => string | null): Table {
  return {
    name: `lenslet-features-site-${layer}`,
    columns: ['layer', 'feature', 'name', 'largest', 'largest_at_position', 'mean', 'tokens_active', 'of_maximum'],
    rows: rows.map((row) => [
      layer,
      row.id,
      nameOf(row.id),
      row.value,
      row.position,
      row.mean,
      row.count,
      row.relative,
    ]),
  };
}

/** A run in figures, a row a text. */
export function runTable(streams: { [K in StreamKind]: Stream | null }): Table {
  return {
    name: 'lenslet-run',
    columns: [
      'text',
      'mean_kl_edited_from_unedited_nats',
      'perplexity',
      'tokens',
      'tokens_acted_on',
      'mean_change',
      'change_of_norm',
    ],
    rows: STREAMS.flatMap((kind) => {
      const stream = streams[kind];
      if (!stream) return [];
      const change = kind === 'baseline' ? null : generatedChange(stream);
      return [
        [
          kind,
          meanKl(stream),
          perplexity(stream)?.value ?? null,
          stream.length,
          change?.acted ?? null,
          change?.change ?? null,
          change?.share ?? null,
        ],
      ];
    }),
  };
}

/** A run token by token, a row a token of a text. */
export function tokenTable(streams: { [K in StreamKind]: readonly RunRow[] | null }): Table {
  return {
    name: 'lenslet-run-tokens',
    columns: [
      'text',
      'index',
      'token',
      'logprob_nats',
      'kl_edited_from_unedited_nats',
      'surprisal_unedited_nats',
      'edits_acted',
      'change',
      'residual_norm',
    ],
    rows: STREAMS.flatMap((kind) =>
      (streams[kind] ?? []).map((row, i) => [
        kind,
        i,
        row.text,
        row.logprob,
        row.kl,
        row.surprisal,
        row.acted,
        row.change,
        row.norm,
      ]),
    ),
  };
}

export function parityTable(cases: readonly ParityCase[]): Table {
  return {
    name: 'lenslet-parity',
    columns: ['case', 'within', 'residual_relative', 'logit', 'fvu', 'ids_that_differ', 'worst_position'],
    rows: cases.map((one) => [one.name, one.ok, one.residual, one.logit, one.fvu, one.mismatches, one.worst]),
  };
}

/** Features by their values in two texts. `from` and `to` name the texts; null: not known there. */
export function pairTable(
  name: string,
  [from, to]: readonly [string, string],
  layer: number,
  rows: readonly { id: number; from: number | null; to: number | null }[],
  nameOf: (id: number) => string | null,
): Table {
  return {
    name: `lenslet-${name}`,
    columns: ['layer', 'feature', 'name', from, to, 'difference'],
    rows: rows.map((row) => [
      layer,
      row.id,
      nameOf(row.id),
      row.from,
      row.to,
      row.from === null || row.to === null ? null : row.to - row.from,
    ]),
  };
}

/** What a search found. */
export function hitTable(hits: readonly Hit[]): Table {
  return {
    name: 'lenslet-search',
    columns: [
      'layer',
      'feature',
      'label',
      'precision',
      'share_of_held_out_tokens',
      'promoted_token',
      'promoted_rank',
      'said',
    ],
    rows: hits.map((hit) => [
      hit.layer,
      hit.id,
      hit.label,
      hit.precision,
      hit.density,
      hit.token?.text ?? null,
      hit.token?.rank ?? null,
      hit.said?.text ?? null,
    ]),
  };
}
