import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ErrorData } from '../../lens/api/errors';
import type { Lens } from '../../lens/api/lens';
import type { Trace } from '../../lens/api/trace';
import type { VerbalizerInfo, VerbalizerSource } from '../../lens/api/verbalizer';
import { setNorm } from '../../lens/maths/score';
import { regionError } from '../base/region-error';
import type { View } from '../base/view';
import type { Engine } from '../model/session';
import { chipAt } from '../reading/chips';
import { lockedChip, selectionOf } from '../reading/select';
import type { Reading, Tracer } from '../reading/trace';
import { createDrafts, type Drafts } from './drafts';
import {
  type DecoderTarget,
  isToken,
  keyOf,
  tokenTarget,
  type VerbalEntry,
  type VerbalRecord,
  type VerbalSample,
  type VerbalTarget,
} from './record';
import { paced, sameWords, sharedChips, take } from './steps';

export const SAMPLES = [1, 4, 8] as const;
/** Rows that are written at once: more is no faster, and cancelling would lose more. */
const ROWS = 16;
/** Other tokens' words that make a control where the pair's folder brings none. */
const FEW = 4;
/** Milliseconds between two drawings of what streams. */
const PACE = 50;

/** How the next words are made; null: as the source has it. */
export interface VerbalChoice {
  source: VerbalizerSource | null;
  /** Site to read, for a source that reads any. Null: the one on show. */
  layer: number | null;
  samples: number;
  seed: number;
  temperature: number | null;
}

export interface VerbalState {
  /** What can put a vector into words here; null: not asked yet. */
  infos: readonly VerbalizerInfo[] | null;
  /** Why the folder's trained pair is not among them. */
  notice: string | null;
  choice: VerbalChoice;
  /** By `keyOf`. */
  entries: ReadonlyMap<string, VerbalEntry>;
  /** The run under way: vectors in all and those that have their words; bytes while a trained pair is loaded. */
  run: { total: number; done: number; loading: { loaded: number; total: number } | null } | null;
  /** Why the last run failed: one over tokens, or one over a decoder row. */
  error: ErrorData | null;
  rowError: ErrorData | null;
}

export interface Verbal {
  store: StoreApi<VerbalState>;
  /** What the reader does to a text: edit it, leave claims out, ask which features it names. */
  drafts: Drafts;
  /** Asks once what the open model's verbalizers are. Never rejects. */
  need(): Promise<void>;
  /** The source that the next press uses. */
  source(): VerbalizerInfo | null;
  set(patch: Partial<VerbalChoice>): void;
  /** The positions that `verbalize` takes: the selection's, the locked token, or else the last one. Of tokens that
   *  share a character, the last. */
  positions(): number[];
  /** Puts these positions into words, some at a time. Of several, those that have their words from the same options
   *  already are left as they are. */
  verbalize(): Promise<void>;
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

/** The words of a token, or null. */
export const entryAt = (entries: VerbalState['entries'], position: number): VerbalEntry | null =>
  entries.get(`t:${position}`) ?? null;

/** What the vector of a target is read from. */
export interface Vector {
  from: Trace | Float32Array;
  position?: number;
}

interface Job {
  lens: Lens;
  info: VerbalizerInfo;
  layer: number;
  targets: readonly VerbalTarget[];
  vectorOf: (target: VerbalTarget) => Vector;
  signal: AbortSignal;
  run: string;
}

/** `page` is how the page is brought to a text and to a feature's card. */
export function createVerbal(
  engine: Engine,
  tracer: Tracer,
  view: View,
  page: { show: (text: string) => Promise<void>; showFeature: (layer: number, feature: number) => void },
): Verbal {
  const choice: VerbalChoice = { source: null, layer: null, samples: 1, seed: 16, temperature: null };
  const store = createStore<VerbalState>(() => ({
    infos: null,
    notice: null,
    choice,
    entries: new Map(),
    run: null,
    error: null,
    rowError: null,
  }));
  const listeners = new Set<(record: VerbalRecord) => void>();
  let controller: AbortController | null = null;
  let asked: Lens | null = null;

  const put = (...entries: VerbalEntry[]) =>
    store.setState(({ entries: before }) => ({
      entries: new Map([...before, ...entries.map((entry) => [keyOf(entry.record.target), entry] as const)]),
    }));

  const need = async () => {
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
  };

  const source = () => {
    const { infos, choice } = store.getState();
    return infos?.find((info) => info.source === choice.source) ?? infos?.[0] ?? null;
  };

  const positions = () => {
    const { reading } = tracer.store.getState();
    if (!reading?.count) return [];
    const span = selectionOf(reading, view.store.getState());
    if (!span) return [(lockedChip(reading, view.store.getState()) ?? reading.chips.at(-1)!).to];
    return reading.chips.filter((chip) => chip.from <= span.to && chip.to >= span.from).map((chip) => chip.to);
  };

  /** One record without words yet, with all that is known of it. */
  const blank = ({ info, layer, run }: Job, target: VerbalTarget): VerbalRecord => {
    const { sha256 = null, model = null } = engine.store.getState().info ?? {};
    const { samples, seed, temperature: given } = store.getState().choice;
    const temperature = given ?? info.temperature;
    // Without noise all samples are the same one.
    const drawn = temperature === 0 ? 1 : samples;
    return {
      id: crypto.randomUUID(),
      run,
      when: Date.now(),
      model,
      sha256,
      source: info.source,
      layer,
      target,
      samples: Array.from({ length: drawn }, (): VerbalSample => ({ text: '', score: null, done: null })),
      controls: null,
      variance: info.variance,
      beatsControl: info.quality?.beatsControl ?? null,
      options: { seed, temperature, maxTokens: info.maxTokens },
    };
  };

  /** Writes the words of some vectors of one text (or of one bare vector), then scores each. */
  const write = async (job: Job, batch: readonly VerbalTarget[]) => {
    const { lens, info, layer, signal, vectorOf } = job;
    signal.throwIfAborted();
    const records = batch.map((target) => blank(job, target));
    const samples = records.map((record) => record.samples.map((sample) => ({ ...sample })));
    const { seed, temperature, maxTokens } = records[0]!.options;
    const draw = (state: VerbalEntry['state']) =>
      put(
        ...records.map((record, i) => ({ record: { ...record, samples: samples[i]!.map((s) => ({ ...s })) }, state })),
      );
    draw('writing');
    const first = vectorOf(batch[0]!);
    const position = first.position === undefined ? undefined : batch.map((target) => vectorOf(target).position!);
    const onProgress = (loading: { loaded: number; total: number }) => {
      if (!signal.aborted) store.setState(({ run }) => ({ run: run && { ...run, loading } }));
    };
    const drawing = paced(() => {
      if (!signal.aborted) draw('writing');
    }, PACE);
    try {
      const steps = lens.verbalize(first.from, {
        position,
        source: info.source,
        layer,
        samples: samples[0]!.length,
        seed: seed!,
        temperature: temperature!,
        maxTokens: maxTokens!,
        signal,
        onProgress,
      });
      for await (const step of steps) {
        signal.throwIfAborted();
        const own = samples[position ? position.indexOf(step.position!) : 0]?.[step.sample];
        if (own) take(own, step);
        if (store.getState().run?.loading) store.setState(({ run }) => ({ run: run && { ...run, loading: null } }));
        drawing.ask();
      }
    } catch (error) {
      // Who ended the run by a change of text has no use for the rest; who cancelled it keeps what there is.
      if (stillThere(records[0]!)) draw('stopped');
      throw error;
    } finally {
      drawing.stop();
    }
    draw('scoring');
    for (const [i, target] of batch.entries()) {
      let record: VerbalRecord = { ...records[i]!, samples: samples[i]! };
      try {
        if (info.scores) record = { ...record, ...(await judge(lens, record, vectorOf(target), signal)) };
        signal.throwIfAborted();
      } catch (error) {
        for (const [j, rest] of records.entries())
          if (j >= i && stillThere(rest)) put({ record: { ...rest, samples: samples[j]! }, state: 'stopped' });
        throw error;
      }
      put({ record, state: 'done' });
      store.setState(({ run }) => ({ run: run && { ...run, done: run.done + 1 } }));
      for (const listener of listeners) listener(record);
    }
  };

  /** The scores of a record's samples, and what they have to beat. */
  const judge = async (
    lens: Lens,
    record: VerbalRecord,
    { from, position }: Vector,
    signal: AbortSignal,
  ): Promise<Pick<VerbalRecord, 'samples' | 'controls'>> => {
    const texts = record.samples.map(({ text }) => text);
    const scores = await lens.score(texts, from, position);
    signal.throwIfAborted();
    let controls = await lens.controls(from, position);
    const others = controls.shuffled ? [] : othersThan(record);
    signal.throwIfAborted();
    if (others.length >= FEW) controls = await lens.controls(from, position, { others });
    return { samples: record.samples.map((sample, i) => ({ ...sample, score: scores[i]! })), controls };
  };

  /** Words of the text's other tokens by the same source. */
  const othersThan = (record: VerbalRecord): string[] =>
    [...store.getState().entries.values()]
      .filter(
        ({ record: other, state }) =>
          state === 'done' && other.source === record.source && other.id !== record.id && isToken(other.target),
      )
      .map(({ record: other }) => other.samples[0]!.text);

  const stillThere = (record: VerbalRecord) =>
    store.getState().entries.get(keyOf(record.target))?.record.id === record.id;

  /** Runs a job to its end. A newer one, a cancel, or another text ends it. */
  const start = async (
    begin: (signal: AbortSignal, run: string) => Promise<Job | null>,
    failed: 'error' | 'rowError' = 'error',
  ) => {
    controller?.abort();
    const mine = new AbortController();
    controller = mine;
    const { signal } = mine;
    store.setState({ [failed]: null, run: { total: 0, done: 0, loading: null } });
    const go = async () => {
      await need();
      const job = await begin(signal, crypto.randomUUID());
      signal.throwIfAborted();
      if (!job) return;
      store.setState({ run: { total: job.targets.length, done: 0, loading: null } });
      const { samples } = blank(job, job.targets[0]!);
      const size = Math.max(1, Math.floor(ROWS / samples.length));
      for (let i = 0; i < job.targets.length; i += size) await write(job, job.targets.slice(i, i + size));
    };
    try {
      await engine.track(go());
    } catch (error) {
      if (!signal.aborted) store.setState({ [failed]: regionError(error) });
    } finally {
      if (controller === mine) {
        controller = null;
        store.setState({ run: null });
      }
    }
  };

  const cancel = () => {
    controller?.abort();
    controller = null;
    store.setState({ run: null });
  };

  const verbalize = () =>
    start(async (signal, run) => {
      const { lens } = engine.store.getState();
      const { trace, reading } = tracer.store.getState();
      const info = source();
      const layer = info?.layer ?? store.getState().choice.layer ?? view.store.getState().site;
      if (!lens || !trace || !reading || !info || layer === null) return null;
      const targets = positions().map((position) =>
        tokenTarget(reading, layer, position, trace.tokens[position]?.id ?? null),
      );
      const job: Job = {
        lens,
        info,
        layer,
        targets,
        signal,
        run,
        vectorOf: (target) => ({ from: trace, position: isToken(target) ? target.position : undefined }),
      };
      const { entries } = store.getState();
      const left = targets.filter((target) => !sameWords(entries.get(keyOf(target)), blank(job, target)));
      return left.length ? { ...job, targets: left } : job;
    });

  const verbalizeRow = (layer: number, feature: number) =>
    start(async (signal, run) => {
      const { lens, info: model } = engine.store.getState();
      const info = source();
      if (!lens || !info) return null;
      // A trained pair sets the norm itself. The others put in what they are given: at a row's own norm, about 1, they
      // would say what the prompt alone says.
      const norm = info.layer === null ? (model?.sites.find((site) => site.layer === layer)?.normMedian ?? null) : null;
      const row = setNorm(await lens.decoderRow(layer, feature), norm);
      const target: DecoderTarget = { kind: 'decoder', layer, feature };
      return { lens, info, layer, targets: [target], signal, run, vectorOf: () => ({ from: row }) };
    }, 'rowError');

  const show = async (record: VerbalRecord) => {
    const { target } = record;
    const { sha256 } = engine.store.getState().info ?? {};
    const entry: VerbalEntry = { record, state: 'done', foreign: record.sha256 === null || record.sha256 !== sha256 };
    if (!isToken(target)) {
      page.showFeature(target.layer, target.feature);
      put(entry);
      return true;
    }
    if (target.text === null || !target.whole) return false;
    await page.show(target.text);
    const { reading, text } = tracer.store.getState();
    const chip = chipAt(reading?.chips ?? [], target.position);
    if (text !== target.text || reading?.text !== target.text || !chip) return false;
    const open = engine.store.getState().info?.sites.some(({ layer }) => layer === record.layer);
    if (open && record.layer !== null) view.chooseSite(record.layer);
    view.select(chip.from, false);
    view.set({ tab: 'words', words: 'words', sheet: null });
    put(entry);
    return true;
  };

  /** Keeps the words of the tokens that another reading begins with too: nothing behind a token is in its vector. */
  const follow = (reading: Reading | null, before: Reading | null) => {
    const { entries } = store.getState();
    const equal = reading && before ? sharedChips(reading, before) : 0;
    const last = equal ? reading!.chips[equal - 1]!.to : -1;
    const kept = [...entries].flatMap(([key, entry]): [string, VerbalEntry][] => {
      const { target, layer } = entry.record;
      if (!isToken(target)) return [[key, entry]];
      if (!reading || target.position > last || (entry.state !== 'done' && entry.state !== 'stopped')) return [];
      if (reading.text === before?.text) return [[key, entry]];
      const moved = { ...tokenTarget(reading, layer ?? -1, target.position, target.tokenId), norm: target.norm };
      return [[key, { ...entry, record: { ...entry.record, target: moved } }]];
    });
    if (kept.length !== entries.size || reading?.text !== before?.text) store.setState({ entries: new Map(kept) });
  };

  const drafts = createDrafts(engine, tracer);
  const unsubscribe = [
    tracer.store.subscribe((now, before) => {
      if (now.trace !== before.trace && before.trace) cancel();
      if (now.reading !== before.reading) follow(now.reading, before.reading);
    }),
    engine.store.subscribe((now, before) => {
      if (now.lens === before.lens) return;
      cancel();
      asked = null;
      const another = now.info?.model !== before.info?.model;
      store.setState({
        infos: now.lens && !another ? store.getState().infos : null,
        notice: null,
        error: null,
        rowError: null,
        ...(another ? { entries: new Map() } : {}),
      });
    }),
  ];

  return {
    store,
    drafts,
    need,
    source,
    set: (patch) => store.setState(({ choice }) => ({ choice: { ...choice, ...patch } })),
    positions,
    verbalize,
    verbalizeRow,
    cancel,
    show,
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
