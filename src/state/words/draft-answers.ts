import type { StoreApi } from 'zustand/vanilla';
import type { SiteCodes } from '../../lens/api/site';
import type { Score } from '../../lens/api/verbalizer';
import { setNorm } from '../../lens/maths/score';
import { createQuerySlot, type QuerySlot } from '../base/query';
import type { ModelSession } from '../model/session';
import type { Tracer } from '../reading/trace';
import { claimsOf, withoutEach } from './claims';
import { type DraftState, draftKey, left, selectDraft } from './draft';
import { isToken, type VerbalRecord } from './record';

/** The scores of a text as a whole and without each of its claims. */
interface ClaimScores {
  whole: Score;
  without: Score[];
}

/** What the engine says about a draft. */
export interface DraftAnswers {
  /** The score of the text as it stands, if it is not the sample's own text. Follows the hand: each answer is shown,
   *  the newest text's last. */
  score: QuerySlot<Score>;
  /** Of the text with all of its claims. */
  claims: QuerySlot<ClaimScores>;
  /** The codes of what the text as it stands says, one row, at the token's norm: a latent grows with it. */
  features: QuerySlot<SiteCodes>;
}

/** Asks about the draft as it stands, whenever it or what is looked at changes. */
export function createDraftAnswers(
  engine: ModelSession,
  tracer: Tracer,
  store: StoreApi<DraftState>,
): DraftAnswers & { stop(): void } {
  const score = createQuerySlot<Score>(engine, true);
  const claims = createQuerySlot<ClaimScores>(engine);
  const features = createQuerySlot<SiteCodes>(engine);
  const queries = [score, claims, features];

  /** Scores texts against the vector that the record is of. */
  const scores = async ({ target }: VerbalRecord, texts: readonly string[]): Promise<Score[]> => {
    const { lens } = engine.store.getState();
    if (isToken(target)) return lens!.score(texts, tracer.store.getState().trace!, target.position);
    return lens!.score(texts, await lens!.decoderRow(target.layer, target.feature));
  };

  const ask = () => {
    const { record, sample, ...open } = store.getState();
    const draft = selectDraft(store.getState());
    const { lens } = engine.store.getState();
    // Without a score of the sample there is no reconstructor, or the words are not done.
    const scored = record?.samples[sample]?.score;
    if (!record || !draft || !lens || !scored || (isToken(record.target) && !tracer.store.getState().trace)) {
      for (const query of queries) query.clear();
      return;
    }
    const of = `${draftKey(record, sample)}:`;
    const kept = left(draft);
    if (kept === record.samples[sample]!.text) score.clear();
    else void score.ask(of + kept, async () => (await scores(record, [kept]))[0]!);
    if (open.claims && claimsOf(draft.text).length) {
      void claims.ask(of + draft.text, async () => {
        const [whole, ...without] = await scores(record, [draft.text, ...withoutEach(draft.text)]);
        return { whole: whole!, without };
      });
    }
    const { target, layer } = record;
    const norm = isToken(target) ? target.norm : null;
    if (open.features && layer !== null && norm !== null) {
      void features.ask(of + kept, async () => lens.encode(layer, [setNorm(await lens.reconstruct(kept), norm)]));
    }
  };

  const stops = [
    store.subscribe(ask),
    engine.store.subscribe((now, before) => {
      if (now.lens !== before.lens) for (const query of queries) query.release();
    }),
    tracer.store.subscribe((now, before) => {
      if (now.trace !== before.trace) ask();
    }),
  ];
  return {
    score,
    claims,
    features,
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}
