import type { StoreApi } from 'zustand/vanilla';
import type { SiteCodes } from '../../lens/api/site';
import type { Score } from '../../lens/api/verbalizer';
import { setNorm } from '../../lens/maths/score';
import { createQuerySlot, type QuerySlot } from '../base/query';
import type { ModelSession } from '../model/session';
import type { Tracer } from '../reading/trace';
import { claimsOf, withoutEach } from './claims';
import { type DraftState, draftKey, left, selectDraft } from './draft';
import { type ClaimScores, isToken, type VerbalRecord } from './record';

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
    const { record, sample, recorded, ...open } = store.getState();
    const draft = selectDraft(store.getState());
    const { lens } = engine.store.getState();
    // Without a score of the sample there is no reconstructor, or the words are not done.
    const scored = record?.samples[sample]?.score;
    if (!record || !draft || !scored) {
      for (const query of queries) query.clear();
      return;
    }
    const live = lens !== null && (!isToken(record.target) || tracer.store.getState().trace !== null);
    const own = record.samples[sample]!.text;
    const kept = left(draft);
    /** Takes what the recording says of the text itself: to ask would load the reconstructor unbidden. */
    const answer = <V>(query: QuerySlot<V>, text: string, known: V | undefined, task: () => Promise<V>) => {
      const key = `${draftKey(record, sample)}:${text}`;
      if (known !== undefined && text === own) query.give(key, known);
      else if (live) void query.ask(key, task);
      else query.clear();
    };
    if (kept === own) score.clear();
    else answer(score, kept, undefined, async () => (await scores(record, [kept]))[0]!);
    if (open.claims && claimsOf(draft.text).length) {
      answer(claims, draft.text, recorded?.claims, async () => {
        const [whole, ...without] = await scores(record, [draft.text, ...withoutEach(draft.text)]);
        return { whole: whole!, without };
      });
    }
    const { target, layer } = record;
    const norm = isToken(target) ? target.norm : null;
    if (open.features && layer !== null && norm !== null) {
      answer(features, kept, recorded?.features, async () =>
        lens!.encode(layer, [setNorm(await lens!.reconstruct(kept), norm)]),
      );
    }
  };

  const stops = [
    store.subscribe(ask),
    engine.store.subscribe((now, before) => {
      if (now.lens === before.lens) return;
      for (const query of queries) query.release();
      if (store.getState().recorded) ask();
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
