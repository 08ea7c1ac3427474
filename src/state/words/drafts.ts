import { createStore, type StoreApi } from 'zustand/vanilla';
import type { SiteCodes } from '../../lens/api/site';
import type { Score } from '../../lens/api/verbalizer';
import { setNorm } from '../../lens/maths/score';
import { createQuery, type Query } from '../base/query';
import type { Engine } from '../model/session';
import type { Tracer } from '../reading/trace';
import { claimsOf, withoutClaims, withoutEach } from './claims';
import { isToken, type VerbalRecord } from './record';

/** What the reader has made of one sample's text. */
export interface Draft {
  text: string;
  /** Claims that are left out, by their words. */
  dropped: ReadonlySet<string>;
}

export interface DraftState {
  /** By record and sample; a sample that was not touched has none. */
  drafts: ReadonlyMap<string, Draft>;
  /** The sample looked at. */
  record: VerbalRecord | null;
  sample: number;
  /** Which of what takes more calls is on show, and is asked for. */
  claims: boolean;
  features: boolean;
}

/** The scores of a text as a whole and without each of its claims. */
export interface ClaimScores {
  whole: Score;
  without: Score[];
}

export interface Drafts {
  store: StoreApi<DraftState>;
  /** Of the text as it stands, where that is not the sample's own. Follows the hand: each answer is shown, the newest
   *  text's last. */
  score: Query<Score>;
  /** Of the text with all of its claims. */
  claims: Query<ClaimScores>;
  /** The codes of what the text as it stands says, one row, at the token's norm: a latent grows with it. */
  features: Query<SiteCodes>;
  /** Looks at a sample. Null: at none. */
  look(record: VerbalRecord | null, sample: number): void;
  draft(): Draft | null;
  /** The text without the claims left out: what is scored. */
  text(): string;
  type(text: string): void;
  drop(claim: string, dropped: boolean): void;
  revert(): void;
  open(part: 'claims' | 'features', open: boolean): void;
  dispose(): void;
}

const NONE: ReadonlySet<string> = new Set();

export const draftKey = (record: VerbalRecord, sample: number): string => `${record.id}:${sample}`;

/** The draft of a sample, or its own text where there is none. */
function draftOf({ drafts, record, sample }: Pick<DraftState, 'drafts' | 'record' | 'sample'>): Draft | null {
  const own = record?.samples[sample];
  return own ? (drafts.get(draftKey(record, sample)) ?? { text: own.text, dropped: NONE }) : null;
}

export const left = ({ text, dropped }: Draft): string => withoutClaims(text, (claim) => dropped.has(claim.text));

export function createDrafts(engine: Engine, tracer: Tracer): Drafts {
  const store = createStore<DraftState>(() => ({
    drafts: new Map(),
    record: null,
    sample: 0,
    claims: true,
    features: false,
  }));
  const score = createQuery<Score>(engine, true);
  const claims = createQuery<ClaimScores>(engine);
  const features = createQuery<SiteCodes>(engine);
  const queries = [score, claims, features];

  const draft = () => draftOf(store.getState());
  const text = () => {
    const now = draft();
    return now ? left(now) : '';
  };

  /** Scores texts against the vector that the record is of. */
  const scores = async (texts: readonly string[]): Promise<Score[]> => {
    const { lens } = engine.store.getState();
    const { trace } = tracer.store.getState();
    const target = store.getState().record!.target;
    if (isToken(target)) return lens!.score(texts, trace!, target.position);
    return lens!.score(texts, await lens!.decoderRow(target.layer, target.feature));
  };

  const ask = () => {
    const { record, sample, ...open } = store.getState();
    const now = draft();
    const { lens } = engine.store.getState();
    // Without a score of its own there is no reconstructor, or the words are not done.
    const scored = record?.samples[sample]?.score;
    if (!record || !now || !lens || !scored || (isToken(record.target) && !tracer.store.getState().trace)) {
      for (const query of queries) query.clear();
      return;
    }
    const of = `${draftKey(record, sample)}:`;
    const kept = left(now);
    if (kept === record.samples[sample]!.text) score.clear();
    else void score.ask(of + kept, async () => (await scores([kept]))[0]!);
    if (open.claims && claimsOf(now.text).length) {
      void claims.ask(of + now.text, async () => {
        const [whole, ...without] = await scores([now.text, ...withoutEach(now.text)]);
        return { whole: whole!, without };
      });
    }
    const { target, layer } = record;
    const norm = isToken(target) ? target.norm : null;
    if (open.features && layer !== null && norm !== null) {
      void features.ask(of + kept, async () => lens.encode(layer, [setNorm(await lens.reconstruct(kept), norm)]));
    }
  };

  const set = (next: Draft | null) =>
    store.setState(({ drafts, record, sample }) => {
      const all = new Map(drafts);
      const key = draftKey(record!, sample);
      if (next && (next.text !== record!.samples[sample]!.text || next.dropped.size)) all.set(key, next);
      else all.delete(key);
      return { drafts: all };
    });
  const stop = store.subscribe(ask);
  const stopEngine = engine.store.subscribe((now, before) => {
    if (now.lens !== before.lens) for (const query of queries) query.release();
  });
  const stopTracer = tracer.store.subscribe((now, before) => {
    if (now.trace !== before.trace) ask();
  });

  return {
    store,
    score,
    claims,
    features,
    look: (record, sample) => {
      const before = store.getState();
      if (before.record !== record || before.sample !== sample) store.setState({ record, sample });
    },
    draft,
    text,
    type: (next) => {
      const now = draft();
      if (now) set({ ...now, text: next });
    },
    drop: (claim, dropped) => {
      const now = draft();
      if (!now) return;
      const names = new Set(now.dropped);
      names[dropped ? 'add' : 'delete'](claim);
      set({ ...now, dropped: names });
    },
    revert: () => {
      if (draft()) set(null);
    },
    open: (part, open) => store.setState({ [part]: open }),
    dispose: () => {
      stop();
      stopEngine();
      stopTracer();
    },
  };
}
