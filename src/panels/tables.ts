import type { ParityCase } from '../lens/types';
import { generatedChange, meanKl, perplexity, type Stream } from '../state/measure';
import type { Ranking } from '../state/rank';
import type { Streams } from '../state/run';
import type { Table } from '../ui/csv';

/** The page's tables as they are saved: every number unrounded, its unit in the column's name. */

/** The listed features. `nameOf`: the reader's own name, else the label. */
export function rankingTable(layer: number, { rows }: Ranking, nameOf: (id: number) => string | null): Table {
  return {
    name: `lenslet-features-site-${layer}`,
    columns: ['layer', 'feature', 'name', 'largest', 'largest_at_position', 'mean', 'tokens_active', 'of_maximum'],
    rows: rows.map((row) => [layer, row.id, nameOf(row.id), row.value, row.position, row.mean, row.count, row.relative]),
  };
}

const KINDS = ['baseline', 'steered', 'control'] as const;

/** A run in figures, a row a text. */
export function runTable(streams: { [K in (typeof KINDS)[number]]: Stream | null }): Table {
  return {
    name: 'lenslet-run',
    columns: ['text', 'mean_kl_nats', 'perplexity', 'tokens', 'tokens_acted_on', 'mean_change', 'change_of_norm'],
    rows: KINDS.flatMap((kind) => {
      const stream = streams[kind];
      if (!stream) return [];
      const change = kind === 'baseline' ? null : generatedChange(stream);
      return [[kind, meanKl(stream), perplexity(stream)?.value ?? null, stream.length, change?.acted ?? null, change?.change ?? null, change?.share ?? null]];
    }),
  };
}

/** A run token by token, a row a token of a text. */
export function tokenTable(streams: Streams): Table {
  return {
    name: 'lenslet-run-tokens',
    columns: ['text', 'index', 'token', 'logprob_nats', 'kl_nats', 'surprisal_unedited_nats', 'edits_acted', 'change', 'residual_norm'],
    rows: KINDS.flatMap((kind) =>
      (streams[kind] ?? []).map((row, i) => [kind, i, row.text, row.logprob, row.kl, row.surprisal, row.acted, row.change, row.norm]),
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
