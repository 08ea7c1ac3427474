import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Preview } from '../../lens/api/edit';
import type { Effect } from '../../lens/api/effect';
import type { FeatureInfo, Snippet } from '../../lens/api/feature';
import type { TokenLogprob } from '../../lens/api/text';
import { createQuery, type Query } from '../base/query';
import { defaultSampling, type Sampling, setSampling } from '../base/sampling';
import { createView, type View } from '../base/view';
import { type Contrast, createContrast } from '../features/contrast';
import { createImportedLabels, type ImportedLabels, openLabelsDb } from '../features/imported-labels';
import { createLabels, type Labels } from '../features/labels';
import { createLog, openLogDb, type VerbalLog } from '../log/log';
import { requestName } from '../model/model-url';
import { createModels, type Models, openKeptStore } from '../model/models';
import { createParity, type Parity } from '../model/parity';
import { createEngine, type Engine, type OpenLens } from '../model/session';
import { openNotebookDb } from '../notebook/db';
import { createNotebook, type Notebook } from '../notebook/notebook';
import { chipAt } from '../reading/chips';
import { type Unit, unitOf } from '../reading/maximum';
import { createRanking, lockedChip, type rankingOf, siteOf } from '../reading/select';
import { createTracer, type Tracer } from '../reading/trace';
import { type EditPatch, type EditRow, editsOf, MOST_ROWS, markClosed } from '../steering/edits';
import { effectRow, effectSampling } from '../steering/examples';
import { createRunner, type Plan, type Runner } from '../steering/run';
import { createSteering, type Steering } from '../steering/steering';
import { createVerbal, type Verbal } from '../words/verbalizer';
import { fitModel, leaveModel } from './change-model';
import { createHistory, type History, type Work } from './history';
import { followRuns } from './notebook-runs';
import { createNotices, type Notices } from './notices';

export interface Words {
  /** Logit lens at the site, and the model's own next-token distribution: ten each. */
  lens: TokenLogprob[];
  next: TokenLogprob[];
}

/** What the page is brought to. Rows that depend on what 1 x means are given as a function: it is asked again when the
 *  text is traced, and must change nothing. */
export type Target = Pick<Work, 'text'> &
  Partial<Omit<Work, 'text' | 'rows'>> & { rows?: EditRow[] | (() => EditRow[]) };

/** The stores of one page and what joins them. Panels read stores and call these; nothing here knows the DOM. */
export interface Workbench {
  engine: Engine;
  view: View;
  tracer: Tracer;
  steering: Steering;
  runner: Runner;
  parity: Parity;
  sampling: StoreApi<Sampling>;
  history: History;
  contrast: Contrast;
  notebook: Notebook;
  words: Query<Words>;
  verbal: Verbal;
  /** Every verbalization made here. */
  log: VerbalLog;
  feature: Query<FeatureInfo>;
  /** Where the shown feature fires, of a site with feature data. */
  snippets: Query<Snippet[]>;
  labels: Labels;
  /** Labels from files, for dictionaries that come without. */
  imported: ImportedLabels;
  /** Large models: what is planned, and what is kept in this browser. */
  models: Models;
  preview: Query<Preview>;
  /** What a link or an earlier model asked for and could not be had, in words. */
  notices: Notices;
  /** The chosen feature, or the strongest of the list while none is chosen. */
  shownFeature(): number | null;
  /** The features listed, of the selected tokens or of the whole text; the last answer is kept. */
  ranking: typeof rankingOf;
  unit(layer: number, feature: number): Unit;
  /** A change while the hand is still on the control: next-token view only. A commit that waits is off. */
  edit(key: number, patch: EditPatch): void;
  /** The hand is off: one run of what stands now, after `delay` ms without another commit (a key held down commits at
   *  each repeat). Without an edit the baseline is run, and only where a run is on show that it replaces. */
  commit(delay?: number): void;
  /** Ends the run under way and the commit that waits. */
  stop(): void;
  /** Makes a feature a row at +1 x its maximum and runs. Nothing where the list is full, or has a row that adds it
   *  everywhere already: that is turned on. */
  steer(layer: number, feature: number): void;
  /** Opens the dictionary of another layer in place of those that are open. Text stays; edits of the others stay, and
   *  do nothing until theirs is open again. */
  openLayer(layer: number): Promise<void>;
  /** Shows a feature of any site. */
  showFeature(layer: number, feature: number): void;
  /** Brings text, edit and sampling to a measured effect's, shows its feature, and runs. Other edits go. */
  showEffect(effect: Effect): Promise<void>;
  setSampling(patch: Partial<Sampling>): void;
  /** The one way to bring the page to a text, and to what else is named with it; what is not named stays. One step for
   *  undo, apart from what was typed just before. Another text is traced, and nothing of it is locked; more than a text
   *  is run, where an edit is on or a run is on show. */
  show(work: Target): Promise<void>;
  /** Takes the last change of text, edits or sampling back; nothing where there is none. */
  undo(): void;
  redo(): void;
  /** Runs what stands now, even if it has just been run. */
  generate(): Promise<void>;
  dispose(): void;
}

/** `pause`: ms without typing after which a text is traced. `recover`: ms after which a lost device is opened again. */
const browser = {
  pause: 250,
  recover: 500,
  openNotebook: () => openNotebookDb(),
  openLog: () => openLogDb(),
  openLabels: () => openLabelsDb(),
  openStore: openKeptStore,
};

export function createWorkbench(openLens: OpenLens, own: Partial<typeof browser> = {}): Workbench {
  const { pause, recover, openNotebook, openLog, openLabels, openStore } = { ...browser, ...own };
  const engine = createEngine(openLens, { pause: recover });
  const view = createView();
  const tracer = createTracer(engine, pause);
  const steering = createSteering();
  const runner = createRunner(engine);
  const parity = createParity(engine);
  const sampling = createStore<Sampling>(() => defaultSampling);
  const history = createHistory(tracer, steering, sampling);
  const contrast = createContrast(engine, tracer, (text) => show({ text }));
  const notebook = createNotebook(openNotebook);
  const words = createQuery<Words>(engine);
  const verbal = createVerbal(engine, tracer, view, {
    show: (text) => show({ text }),
    showFeature: (layer, id) => showFeature(layer, id),
  });
  const log = createLog(openLog);
  const feature = createQuery<FeatureInfo>(engine);
  const snippets = createQuery<Snippet[]>(engine);
  const labels = createLabels(engine);
  const imported = createImportedLabels(labels, openLabels);
  const models = createModels(openStore);
  const preview = createQuery<Preview>(engine, true);
  const notices = createNotices();

  const ranking = createRanking();

  const unit = (layer: number, id: number) =>
    unitOf(siteOf(engine.store.getState().info, layer), id, tracer.store.getState().seen);
  const edits = () => editsOf(steering.store.getState().rows, unit);
  const plan = (): Plan => {
    const { control, draw } = steering.store.getState();
    const now = edits();
    // Without an edit there is nothing to control for: whether and how must not make it another plan.
    const against = now.length ? { control, draw } : { control: false, draw: 1 };
    return { prompt: tracer.store.getState().text, edits: now, ...against, sampling: sampling.getState() };
  };

  const shownFeature = () => {
    const { info } = engine.store.getState();
    const { reading, seen } = tracer.store.getState();
    const state = view.store.getState();
    if (state.feature !== null) return state.feature;
    const site = siteOf(info, state.site);
    return reading && site ? (ranking(reading, site, seen, state).rows[0]?.id ?? null) : null;
  };

  const showFeature = (layer: number, id: number) =>
    view.set({ site: layer, feature: id, left: null, colour: 'feature', tab: 'features', sheet: null });

  const askWords = () => {
    const { trace, reading, serial } = tracer.store.getState();
    const { site } = view.store.getState();
    if (!trace || !reading || site === null || !reading.count) return;
    const position = lockedChip(reading, view.store.getState())?.to ?? reading.count - 1;
    void words.ask(`${serial}:${site}:${position}`, async () => {
      const [lens, next] = await Promise.all([trace.lens(site, position, 10), trace.top(position, 10)]);
      return { lens, next };
    });
  };

  const askFeature = () => {
    const { lens, info } = engine.store.getState();
    const { site } = view.store.getState();
    const id = shownFeature();
    if (!lens || site === null || id === null) return;
    void feature.ask(`${site}:${id}`, () => lens.feature(site, id));
    if (siteOf(info, site)?.features) void snippets.ask(`${site}:${id}`, () => lens.snippets(site, id));
    else snippets.clear();
    void labels.need(site);
  };

  const askPreview = () => {
    const { lens } = engine.store.getState();
    const { trace, serial } = tracer.store.getState();
    const now = edits();
    if (!now.length) preview.clear();
    else if (lens && trace)
      void preview.ask(`${serial}:${JSON.stringify(now)}`, (signal) => lens.preview(trace, now, { n: 12, signal }));
  };

  /** The parts of the view that a new reading or another model may have made impossible. */
  const relock = () => {
    const { reading } = tracer.store.getState();
    const { locked, anchor } = view.store.getState();
    if (!reading || locked === null) return;
    const chipOf = (position: number | null) => chipAt(reading.chips, position)?.from ?? null;
    view.set({ locked: chipOf(locked), anchor: chipOf(locked) === null ? null : chipOf(anchor) });
  };

  const page = { engine, view, tracer, steering, runner, parity, labels, notices, history };

  const generate = async () => {
    if (!engine.store.getState().lens || tracer.store.getState().text === '') return;
    await runner.run(plan());
  };

  let timer: { stop: () => void } | null = null;
  const uncommit = () => {
    timer?.stop();
    timer = null;
  };
  const settle = () => {
    const now = plan();
    const wanted = now.edits.length > 0 || runner.store.getState().streams !== null;
    if (wanted && engine.store.getState().lens && !runner.has(now)) void generate();
  };
  const commit = (delay = 0) => {
    uncommit();
    if (delay === 0) {
      settle();
      return;
    }
    void engine.track(
      new Promise<void>((resolve) => {
        const id = setTimeout(() => {
          settle();
          resolve();
        }, delay);
        timer = {
          stop: () => {
            clearTimeout(id);
            resolve();
          },
        };
      }),
    );
  };

  const bring = async ({ text, rows, sampling: drawn, ...against }: Target) => {
    uncommit();
    const weigh = () => (typeof rows === 'function' ? rows() : rows);
    const first = weigh();
    if (first || Object.keys(against).length) steering.store.setState(first ? { ...against, rows: first } : against);
    if (drawn) sampling.setState(drawn);
    const before = tracer.store.getState();
    if (text !== before.text) view.unlock();
    if (text !== before.text || text !== before.reading?.text) {
      tracer.store.setState({ text });
      await tracer.trace();
      // What has been edited meanwhile is the reader's.
      if (typeof rows === 'function' && steering.store.getState().rows === first) steering.replace(rows());
    }
    const more = rows || drawn || Object.keys(against).length > 0;
    if (more && tracer.store.getState().text === text) commit();
  };
  const show = async (work: Target) => {
    const release = history.hold();
    await bring(work).finally(release);
  };
  const restore = (by: 'undo' | 'redo') => {
    const work = history[by]();
    if (!work) return;
    contrast.restored(by, tracer.store.getState().text, work.text);
    void bring(work);
  };

  const unsubscribe = [
    engine.store.subscribe((now, before) => {
      if (now.phase === 'loading' && before.request && now.url !== before.url)
        leaveModel(page, requestName(before.request));
      if (now.lens === before.lens) return;
      if (!now.lens || before.lens) {
        tracer.detach();
        runner.expire();
        for (const query of [words, feature, snippets, preview]) query.release();
      }
      if (!now.lens) return;
      // Other dictionaries of the same model: what is on show is theirs from now on, without a word of what cannot be.
      const { site } = view.store.getState();
      const first = now.info?.sites[0]?.layer;
      if (before.lens && first !== undefined && !siteOf(now.info, site))
        view.set({ site: first, feature: null, left: null });
      if (now.info?.model === before.info?.model) labels.renew();
      else labels.clear();
      if (now.info) imported.apply(now.info);
      fitModel(page);
      void tracer.trace().then(() => {
        const { streams, recorded } = runner.store.getState();
        if (engine.store.getState().lens === now.lens && (recorded || (edits().length && !streams))) void generate();
      });
    }),
    tracer.store.subscribe((now, before) => {
      if (now.text !== before.text) {
        runner.expire();
        if (view.store.getState().left) view.set({ left: null });
      }
      if (now.reading !== before.reading && !now.reading)
        for (const query of [words, feature, snippets, preview]) query.clear();
      if (now.trace === before.trace || !now.trace) return;
      relock();
      askWords();
      askFeature();
      askPreview();
    }),
    view.store.subscribe((now, before) => {
      if (now.site !== before.site || now.locked !== before.locked) askWords();
      if (now.hover === before.hover) askFeature();
    }),
    steering.store.subscribe((now, before) => {
      const { info } = engine.store.getState();
      const marked = markClosed(now.rows, info?.sites.map(({ layer }) => layer) ?? now.rows.map(({ layer }) => layer));
      // Rows that come back by undo have the marks of their time.
      if (info && marked !== now.rows) {
        steering.replace(marked);
        return;
      }
      runner.expire();
      for (const { layer } of now.rows) void labels.need(layer);
      if (now.rows !== before.rows) askPreview();
    }),
    sampling.subscribe(() => runner.expire()),
    runner.store.subscribe(({ streams }) => {
      const { generated } = view.store.getState();
      // The run on show has no such text any more.
      if (generated && streams && !streams[generated.stream]) view.unlock();
    }),
    verbal.onRecord((record) => log.add([record])),
    followRuns(runner, notebook, () => engine.store.getState().info, unit),
  ];

  return {
    engine,
    view,
    tracer,
    steering,
    runner,
    parity,
    sampling,
    history,
    contrast,
    notebook,
    words,
    verbal,
    log,
    feature,
    snippets,
    labels,
    imported,
    models,
    preview,
    notices,
    shownFeature,
    ranking,
    unit,
    edit: (key, patch) => {
      uncommit();
      steering.patch(key, patch);
    },
    commit,
    stop: () => {
      uncommit();
      runner.stop();
    },
    steer: (layer, id) => {
      const { rows } = steering.store.getState();
      const there = rows.find(
        (row) => row.layer === layer && row.feature === id && row.mode === 'add' && row.where === 'all',
      );
      if (there?.enabled && there.weight !== 0) return;
      if (there) steering.patch(there.key, { enabled: true, weight: there.weight || 1 });
      else if (rows.length < MOST_ROWS) steering.add(layer, id);
      else return;
      commit();
    },
    openLayer: async (layer) => {
      uncommit();
      runner.stop();
      verbal.cancel();
      await engine.openSites([layer]);
    },
    showFeature,
    showEffect: (effect) => {
      const { layer, feature: id } = effect.edit;
      view.set({ site: layer, feature: id, left: null, colour: 'feature' });
      return show({
        text: effect.prompt,
        rows: () => [effectRow(effect, unit(layer, id))],
        sampling: effectSampling(effect),
      });
    },
    setSampling: (patch) => {
      const next = setSampling(sampling.getState(), patch);
      if (JSON.stringify(next) !== JSON.stringify(sampling.getState())) sampling.setState(next);
    },
    show,
    undo: () => restore('undo'),
    redo: () => restore('redo'),
    generate,
    dispose: () => {
      for (const stop of unsubscribe) stop();
      uncommit();
      history.stop();
      contrast.stop();
      verbal.dispose();
      log.close();
      imported.close();
      notebook.close();
      void engine.close();
    },
  };
}
