import { createBranches, openBranchesDb } from '../chat/branches';
import { createExact } from '../chat/exact';
import { createShown } from '../chat/shown';
import { type Contrast, createContrast } from '../features/contrast';
import { createImportedLabels, type ImportedLabels, openLabelsDb } from '../features/imported-labels';
import { createLabels, type Labels } from '../features/labels';
import { createLog, openLogDb, type VerbalLog } from '../log/log';
import { createModels, type Models, openLensStore } from '../model/models';
import type { OpenLens } from '../model/opening';
import { createParity, type Parity } from '../model/parity';
import { openNotebookDb } from '../notebook/db';
import { createNotebook, type Notebook } from '../notebook/notebook';
import { createVerbal, type Verbal } from '../words/verbalizer';
import { followModel, followRows } from './change-model';
import { type Commits, createCommits, expireRuns } from './commit';
import { type Conversation, createConversation } from './conversation';
import { followChat } from './fit-chat';
import { createHistory, type History } from './history';
import { followRuns, shownBy } from './notebook-runs';
import { createNotices, type Notices } from './notices';
import { type Answers, createQuestions } from './questions';
import { followLocks } from './relock';
import { createShows, type Shows } from './show';
import { createStores, type Stores } from './stores';

/** The stores of one page and what joins them. Panels read stores and call these; nothing here knows the DOM. */
export interface Workbench extends Stores, Commits, Shows, Answers {
  parity: Parity;
  history: History;
  contrast: Contrast;
  /** The conversation that is run in place of the text. */
  chat: Conversation;
  notebook: Notebook;
  verbal: Verbal;
  /** Every verbalization made here. */
  log: VerbalLog;
  labels: Labels;
  /** Labels from files, for dictionaries that come without. */
  imported: ImportedLabels;
  /** Large models: what is planned, and what is kept in this browser. */
  models: Models;
  notices: Notices;
  /** Opens another layer's dictionary in place of the open ones. Text and edits stay; edits of a closed dictionary do
   *  nothing until it is open again. */
  openLayer(layer: number): Promise<void>;
  dispose(): void;
}

const browser = {
  pause: 250,
  recover: 500,
  openNotebook: () => openNotebookDb(),
  openLog: () => openLogDb(),
  openLabels: () => openLabelsDb(),
  openBranches: () => openBranchesDb(),
  openStore: openLensStore,
};

export function createWorkbench(openLens: OpenLens, own: Partial<typeof browser> = {}): Workbench {
  const { pause, recover, openNotebook, openLog, openLabels, openBranches, openStore } = { ...browser, ...own };
  const stores = createStores(openLens, pause, recover);
  const { engine, view, tracer, steering, sampling, runner, page, maximumOf } = stores;
  const parity = createParity(engine);
  const labels = createLabels(engine);
  const imported = createImportedLabels(labels, openLabels);
  const models = createModels(openStore);
  const notebook = createNotebook(openNotebook);
  const log = createLog(openLog);
  const notices = createNotices();
  const branches = createBranches(openBranches);
  const exact = createExact();
  const model = () => engine.store.getState().info?.model ?? null;
  const shown = createShown(tracer.store, branches, {
    model,
    exact: ({ messages, open }) => (open ? undefined : exact.of(messages.at(-1)!.content, model() ?? '')),
    say: (sentence) => notices.say('text', [sentence]),
  });
  const history = createHistory(tracer, steering, sampling, shown.thread);
  const commits = createCommits(stores);
  const contrast = createContrast(engine, tracer, (prompt, bos) => shows.exchange(prompt, bos));
  const shows: Shows = createShows({
    ...stores,
    history,
    notices,
    contrast,
    commits,
    as: shown.as,
  });
  const chat = createConversation({ ...stores, ...commits, show: shows.show, notices, branches, shown, exact });
  const verbal = createVerbal(engine, tracer, view, {
    show: async (prompt, bos) => {
      await (typeof prompt === 'string'
        ? shows.show({ text: prompt, ...(bos !== undefined && { bos }) })
        : chat.bring(prompt));
    },
    showFeature: shows.showFeature,
  });
  const regions = { parity, history, contrast, chat, notebook, verbal, log, labels, imported, models, notices };

  // Marks and locks are brought up to date first, so that the questions are about what exists.
  const stops = [
    followRows(page, steering, maximumOf),
    followLocks(page, view),
    followChat({ engine, tracer, notices, hand: shown.hand }),
  ];
  const { release, ask, stop, ...answers } = createQuestions(engine, page, labels);
  stops.push(
    stop,
    expireRuns(page, runner),
    followModel({ ...stores, ...regions, commits, questions: { release, ask } }),
    verbal.onRecord((record) => log.add([record])),
    followRuns(runner, notebook, () => engine.store.getState().info, shownBy(steering, commits.scales)),
  );
  return {
    ...stores,
    ...regions,
    ...commits,
    ...shows,
    ...answers,
    openLayer: async (layer) => {
      commits.stop();
      verbal.cancel();
      await engine.openSites([layer]);
    },
    dispose: () => {
      for (const each of stops) each();
      commits.uncommit();
      history.stop();
      contrast.stop();
      verbal.dispose();
      chat.dispose();
      log.close();
      imported.close();
      notebook.close();
      void engine.close();
    },
  };
}
