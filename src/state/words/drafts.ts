import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ModelSession } from '../model/session';
import type { Tracer } from '../reading/trace';
import { type Draft, type DraftState, ownDraft, selectDraft, withDraft } from './draft';
import { createDraftAnswers, type DraftAnswers } from './draft-answers';
import type { RecordedAnswers, VerbalRecord } from './record';

export interface Drafts extends DraftAnswers {
  store: StoreApi<DraftState>;
  /** Looks at a sample, with the answers that are known of the first. Null: at none. */
  look(record: VerbalRecord | null, sample: number, recorded?: RecordedAnswers | null): void;
  type(text: string): void;
  drop(claim: string, dropped: boolean): void;
  revert(): void;
  open(part: 'claims' | 'features', open: boolean): void;
  dispose(): void;
}

export function createDrafts(engine: ModelSession, tracer: Tracer): Drafts {
  const store = createStore<DraftState>(() => ({
    drafts: new Map(),
    record: null,
    sample: 0,
    recorded: null,
    claims: true,
    features: false,
  }));
  const { stop, ...answers } = createDraftAnswers(engine, tracer, store);
  const change = (next: (draft: Draft) => Draft) =>
    store.setState((state) => {
      const draft = selectDraft(state);
      return draft ? withDraft(state, next(draft)) : state;
    });
  return {
    store,
    ...answers,
    look: (record, sample, recorded = null) => {
      const before = store.getState();
      if (before.record !== record || before.sample !== sample)
        store.setState({ record, sample, recorded: sample === 0 ? recorded : null });
    },
    type: (text) => change((draft) => ({ ...draft, text })),
    drop: (claim, dropped) =>
      change((draft) => {
        const names = new Set(draft.dropped);
        names[dropped ? 'add' : 'delete'](claim);
        return { ...draft, dropped: names };
      }),
    revert: () => change(() => ownDraft(store.getState())!),
    open: (part, open) => store.setState({ [part]: open }),
    dispose: stop,
  };
}
