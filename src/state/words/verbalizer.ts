import type { Chat, Prompt } from '../../lens/api/chat';
import type { Lens } from '../../lens/api/lens';
import { regionError } from '../base/region-error';
import type { View } from '../base/view';
import type { ModelSession } from '../model/session';
import { chipAt } from '../reading/chips';
import { promptOf, samePrompt } from '../reading/prompt';
import type { Tracer } from '../reading/trace';
import { createDrafts, type Drafts } from './drafts';
import { rowJob, tokensJob } from './jobs';
import { isToken, type VerbalEntry, type VerbalRecord } from './record';
import { createVerbalRuns } from './run';
import { createVerbalStore, ofWeights, putEntries, type VerbalChoice, type VerbalStore } from './state';
import { carried } from './steps';

export interface Verbal {
  store: VerbalStore;
  /** What the reader does to a text: edit it, leave claims out, ask which features it names. */
  drafts: Drafts;
  /** Asks once what the open model's verbalizers are. Never rejects. */
  need(): Promise<void>;
  set(patch: Partial<VerbalChoice>): void;
  /** Puts the given positions, or those selected, into words, some at a time. Leaves out positions that already have their words from
   *  the same options, unless all have them. */
  verbalize(positions?: readonly number[]): Promise<void>;
  verbalizeRow(layer: number, feature: number): Promise<void>;
  /** Ends the run; what is done stays. */
  cancel(): void;
  /** Shows a kept verbalization: brings the page to its text, locks its token, and puts its words there. False where
   *  its text is not known whole. */
  show(record: VerbalRecord): Promise<boolean>;
  /** Calls back with every verbalization that is done, until the returned function is called. */
  onRecord(listener: (record: VerbalRecord) => void): () => void;
  dispose(): void;
}

/** How the page is brought to a text and to a feature's card. */
interface Page {
  show: (prompt: Prompt, bos?: boolean) => Promise<void>;
  showFeature: (layer: number, feature: number) => void;
}

export function createVerbal(engine: ModelSession, tracer: Tracer, view: View, page: Page): Verbal {
  const store = createVerbalStore();
  const drafts = createDrafts(engine, tracer);
  const { need, forget } = createNeed(engine, store);
  const listeners = new Set<(record: VerbalRecord) => void>();
  const told = (record: VerbalRecord) => {
    for (const listener of listeners) listener(record);
  };
  const { start, cancel } = createVerbalRuns(engine, store, need, told);

  const unsubscribe = [
    tracer.store.subscribe((now, before) => {
      if (now.trace !== before.trace && before.trace) cancel();
      if (now.reading === before.reading) return;
      const { entries } = store.getState();
      const kept = carried(entries, now.reading, before.reading);
      if (kept.size !== entries.size || now.reading?.text !== before.reading?.text) store.setState({ entries: kept });
    }),
    engine.store.subscribe((now, before) => {
      if (now.lens === before.lens) return;
      cancel();
      forget();
      const another = now.info?.model !== before.info?.model;
      store.setState({
        ...(now.lens && !another ? {} : { infos: null }),
        ...(another
          ? { entries: new Map() }
          : now.lens
            ? { entries: ofWeights(store.getState().entries, now.lens.info.sha256) }
            : {}),
        notice: null,
        error: null,
        rowError: null,
      });
    }),
  ];

  return {
    store,
    drafts,
    need,
    set: (patch) => store.setState(({ choice }) => ({ choice: { ...choice, ...patch } })),
    verbalize: (positions) => start((begun) => tokensJob(store, tracer, view, begun, positions), 'error'),
    verbalizeRow: (layer, feature) => start((begun) => rowJob(store, begun, layer, feature), 'rowError'),
    cancel,
    show: async (record) => {
      const { sha256 } = engine.store.getState().info ?? {};
      const entry: VerbalEntry = { record, state: 'done', foreign: record.sha256 === null || record.sha256 !== sha256 };
      const there = await bring(record, { engine, tracer, view, page });
      if (there) putEntries(store, [entry]);
      return there;
    },
    onRecord: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose: () => {
      for (const stop of unsubscribe) stop();
      drafts.dispose();
      cancel();
    },
  };
}

/** Asks each lens once; `forget` has it asked again. */
function createNeed(engine: ModelSession, store: VerbalStore) {
  let asked: Lens | null = null;
  return {
    need: async () => {
      const { lens } = engine.store.getState();
      if (!lens || asked === lens) return;
      asked = lens;
      try {
        const { sources, notice } = await engine.track(lens.verbalizers());
        if (asked === lens) store.setState({ infos: sources, notice });
      } catch (error) {
        if (asked !== lens) return;
        asked = null;
        store.setState({ error: regionError(error) });
      }
    },
    forget: () => {
      asked = null;
    },
  };
}

/** Brings the page to where a record's words belong; false if that place cannot be had. */
async function bring(
  { target, layer, sha256 }: VerbalRecord,
  { engine, tracer, view, page }: { engine: ModelSession; tracer: Tracer; view: View; page: Page },
): Promise<boolean> {
  if (!isToken(target)) {
    page.showFeature(target.layer, target.feature);
    return true;
  }
  if (target.text === null || !target.whole) return false;
  const { info } = engine.store.getState();
  const prompt = target.chat ? ofModel(target.chat, sha256 !== null && sha256 === info?.sha256) : target.text;
  await page.show(prompt, info && info.bos !== null ? target.bos === true : undefined);
  const { reading, ...written } = tracer.store.getState();
  const chip = chipAt(reading?.chips ?? [], target.position);
  if (!samePrompt(promptOf(written), prompt) || reading?.text !== target.text || !chip) return false;
  const open = info?.sites.some((site) => site.layer === layer);
  if (open && layer !== null) view.chooseSite(layer);
  view.select(chip.from, false);
  view.set({ tab: 'words', words: 'words' });
  return true;
}

/** Another model's tokens are others: of its conversation the words are shown. */
function ofModel({ ids, ...chat }: Chat, same: boolean): Chat {
  return same && ids ? { ...chat, ids } : chat;
}
