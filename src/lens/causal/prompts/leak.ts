import { PromptSetError } from '../../api/errors';
import { near, piecesOf } from './near';
import type { PromptItem } from './prompt';
import type { Partition } from './split';

/** Refuses sets of which one shows in development what another keeps for its test: a prompt, or a near-duplicate of it.
 *  Throws PromptSetError with both prompts. */
export function refuseLeaks(sets: Record<string, { items: readonly PromptItem[]; partition: Partition }>): void {
  const all = Object.entries(sets).flatMap(([set, { items, partition }]) =>
    items.map(({ id, text }) => ({ set, id, pieces: piecesOf(text), side: partition.placed.get(id)?.side })),
  );
  const tested = new Map<string, (typeof all)[number][]>();
  for (const prompt of all)
    if (prompt.side === 'test')
      for (const piece of prompt.pieces) tested.set(piece, [...(tested.get(piece) ?? []), prompt]);
  for (const shown of all) {
    if (shown.side !== 'dev') continue;
    const candidates = new Set([...shown.pieces].flatMap((piece) => tested.get(piece) ?? []));
    for (const kept of candidates)
      if (near(shown.pieces, kept.pieces))
        throw new PromptSetError(
          `The prompt ${shown.id} of “${shown.set}” is in development, and “${kept.set}” keeps it, or one near to it (${kept.id}), for its test: leave it out of one of them, or give both sets one salt and one share.`,
          { set: shown.set, id: shown.id, other: kept.id },
        );
  }
}
