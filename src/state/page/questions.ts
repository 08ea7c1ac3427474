import { shallow } from 'zustand/shallow';
import type { Preview } from '../../lens/api/edit';
import type { FeatureInfo, Snippet } from '../../lens/api/feature';
import type { TokenLogprob } from '../../lens/api/text';
import { createQuerySlot, type QuerySlot } from '../base/query';
import type { Labels } from '../features/labels';
import type { ModelSession } from '../model/session';
import { type Alternatives, readAlternatives, selectAlternativesAt } from './alternatives';
import { type Page, selectEdits, selectShownFeature, selectSite, selectWordsPosition } from './selectors';

export interface Words {
  /** Logit lens at the site, null without one, and the model's own next-token distribution: ten each. */
  lens: TokenLogprob[] | null;
  next: TokenLogprob[];
}

/** The engine's answers about what is selected; they follow the selection. */
export interface Answers {
  words: QuerySlot<Words>;
  /** What else could stand in the place of a token; asked while it is shown. */
  alternatives: QuerySlot<Alternatives>;
  feature: QuerySlot<FeatureInfo>;
  /** Where the shown feature fires; only at a site with feature data. */
  snippets: QuerySlot<Snippet[]>;
  /** What the edits do to the next token. */
  preview: QuerySlot<Preview>;
}

export interface Questions extends Answers {
  /** Keeps the answers as stale, because the engine that gave them is gone. */
  release(): void;
  /** Asks all that is not asked yet. */
  ask(): void;
  stop(): void;
}

/** Asks, and has the labels read of every site that is named. */
export function createQuestions(engine: ModelSession, page: Page, labels: Labels): Questions {
  const words = createQuerySlot<Words>(engine);
  const alternatives = createQuerySlot<Alternatives>(engine);
  const feature = createQuerySlot<FeatureInfo>(engine);
  const snippets = createQuerySlot<Snippet[]>(engine);
  const preview = createQuerySlot<Preview>(engine, true);
  const all = [words, alternatives, feature, snippets, preview];

  const askWords = () => {
    const state = page.getState();
    const { trace, serial } = state.tracer;
    const site = selectSite(state)?.layer ?? null;
    const position = selectWordsPosition(state);
    if (!trace || position === null) return;
    void words.ask(`${serial}:${site}:${position}`, async () => {
      const [lens, next] = await Promise.all([
        site === null ? null : trace.lens(site, position, 10),
        trace.top(position, 10),
      ]);
      return { lens, next };
    });
  };

  const askAlternatives = () => {
    const state = page.getState();
    const { trace, reading, serial } = state.tracer;
    const position = selectAlternativesAt(state);
    if (position === 0) alternatives.clear();
    if (!trace || !reading || !position) return;
    void alternatives.ask(`${serial}:${position}`, () => readAlternatives(trace, reading.surprisal, position));
  };

  const askFeature = () => {
    const state = page.getState();
    const { lens } = state.engine;
    const { site } = state.view;
    const id = selectShownFeature(state);
    if (!lens || site === null || id === null) return;
    void feature.ask(`${site}:${id}`, () => lens.feature(site, id));
    if (selectSite(state)?.features) void snippets.ask(`${site}:${id}`, () => lens.snippets(site, id));
    else snippets.clear();
    void labels.need(site);
  };

  const askPreview = () => {
    const state = page.getState();
    const { lens } = state.engine;
    const { trace, serial } = state.tracer;
    const edits = selectEdits(state);
    if (!edits.length) preview.clear();
    else if (lens && trace)
      void preview.ask(`${serial}:${JSON.stringify(edits)}`, (signal) => lens.preview(trace, edits, { n: 12, signal }));
  };

  /** Of rows whose layer is not on show. */
  const askLabels = () => {
    for (const { layer } of page.getState().steering.rows) void labels.need(layer);
  };

  const stops = [
    page.follow(
      (s) => s.tracer.reading,
      (reading) => {
        if (!reading) for (const query of all) query.clear();
      },
    ),
    page.follow((s) => [s.tracer.serial, s.view.site, selectWordsPosition(s)], askWords, shallow),
    page.follow((s) => [s.tracer.serial, selectAlternativesAt(s)], askAlternatives, shallow),
    page.follow((s) => [s.tracer.serial, s.view.site, selectShownFeature(s)], askFeature, shallow),
    page.follow((s) => [s.tracer.serial, s.steering.rows], askPreview, shallow),
    page.follow((s) => s.steering.rows, askLabels),
  ];
  return {
    words,
    alternatives,
    feature,
    snippets,
    preview,
    release: () => {
      for (const query of all) query.release();
    },
    ask: () => {
      askWords();
      askAlternatives();
      askFeature();
      askPreview();
      askLabels();
    },
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}
