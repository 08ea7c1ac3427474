import type { Prompt } from '../../lens/api/chat';
import type { Effect } from '../../lens/api/effect';
import { SHEET } from '../base/view';
import type { Shown } from '../chat/shown';
import { fromWords } from '../chat/turns';
import type { Contrast } from '../features/contrast';
import { promptOf, samePrompt, workOf } from '../reading/prompt';
import { movedRows } from '../steering/edits';
import { effectRows, effectSampling } from '../steering/examples';
import type { Commits } from './commit';
import type { History, Work } from './history';
import type { Notices } from './notices';
import type { Stores } from './stores';

/** A state to bring the page to. */
export type ShowTarget = Partial<Omit<Work, 'thread'>>;

/** Ways to bring the page to something else. */
export interface Shows {
  /** The only way to bring the page to a text or a conversation and to the settings named with it; settings that are
   *  not named stay. Makes one step of the browser's history and one undo step, apart from what was typed just before.
   *  Traces another text and locks nothing in it. Runs if more than a text is named and an edit is on or a run is on
   *  show. Gives whether it is on show then: the reader may have written something else meanwhile. */
  show(work: ShowTarget): Promise<boolean>;
  /** The same for a text or a conversation alone, without a step of the browser's history. */
  exchange(prompt: Prompt, bos?: boolean): Promise<void>;
  /** Puts before the text what the tokenizer puts there, or leaves it out. Locks and named positions move with their
   *  tokens; an edit whose only positions go with that token is off. One undo step. */
  putFirst(bos: boolean): Promise<void>;
  /** Goes to a place; the one on show is left for the sheet. A step of the browser's history. */
  go(place: string): void;
  /** Shows a feature of any site, on the sheet. */
  showFeature(layer: number, feature: number): void;
  /** Brings text, edits and sampling to a measured effect's, shows its first feature, and runs. Other edits go. `text`:
   *  the effect's own (default) or the one beside it. */
  showEffect(effect: Effect, text?: string): Promise<void>;
  /** Undoes the last change of text, edits or sampling; does nothing if there is no such change. */
  undo(): void;
  redo(): void;
}

interface Parts extends Stores {
  history: History;
  notices: Notices;
  contrast: Contrast;
  commits: Commits;
  /** Does what shows a conversation of this thread. */
  as: Shown['as'];
}

export function createShows(parts: Parts): Shows {
  const { view, tracer, steering, history, contrast, maximumOf, trail } = parts;
  const exchange = async (work: ShowTarget) => {
    const release = history.hold();
    return bring(parts, work).finally(release);
  };
  const show = (work: ShowTarget) => trail.step(() => exchange(work));
  const restore = (by: 'undo' | 'redo') => {
    const work = history[by]();
    if (!work) return;
    const read = ({ bos, ...written }: Pick<Work, 'text' | 'chat' | 'bos'>) => ({ prompt: promptOf(written), bos });
    contrast.restored(by, read(tracer.store.getState()), read(work));
    const { thread, ...target } = work;
    const go = () => bring(parts, target);
    void (thread ? parts.as(thread, go) : go());
  };
  return {
    show,
    exchange: async (prompt, bos) => void (await exchange({ ...workOf(prompt), ...(bos !== undefined && { bos }) })),
    putFirst: async (bos) => {
      const release = history.hold();
      try {
        await tracer.setBos(bos);
        const { moved } = tracer.store.getState();
        const { rows } = steering.store.getState();
        if (moved && tracer.store.getState().bos === bos) steering.replace(movedRows(rows, moved));
      } finally {
        release();
      }
    },
    go: (place) =>
      trail.step(() => view.set({ place: view.store.getState().place === place ? SHEET : place, sheet: null })),
    showFeature: (layer, feature) => {
      const choose = () =>
        view.set({ site: layer, feature, left: null, colour: 'feature', tab: 'features', place: SHEET, sheet: null });
      // On the sheet a choice is no step: Back would go through every feature that was looked at.
      if (view.store.getState().place === SHEET) choose();
      else trail.step(choose);
    },
    showEffect: (effect, text = effect.prompt) =>
      trail.step(async () => {
        const [{ layer, feature }] = effect.edits as [Effect['edits'][number]];
        view.set({ site: layer, feature, left: null, colour: 'feature' });
        await show({
          text,
          bos: true,
          rows: effectRows(effect, maximumOf),
          sampling: effectSampling(effect),
        });
      }),
    undo: () => restore('undo'),
    redo: () => restore('redo'),
  };
}

async function bring(
  { view, tracer, steering, sampling, commits, notices }: Parts,
  target: ShowTarget,
): Promise<boolean> {
  const before = tracer.store.getState();
  // A text alone goes back to plain texts.
  const { text = before.text, chat = null, bos = before.bos, rows, sampling: drawn, ...against } = target;
  const prompt = promptOf({ text, chat });
  commits.uncommit();
  if (rows || Object.keys(against).length) steering.store.setState(rows ? { ...against, rows } : against);
  if (drawn) sampling.setState(drawn, true);
  const another = !samePrompt(prompt, promptOf(before));
  const moved = another || bos !== before.bos;
  if (another) {
    view.unlock();
    notices.say('paste', []);
  }
  let brought = prompt;
  if (moved || !before.reading || !samePrompt(prompt, before.reading.prompt)) {
    tracer.store.setState({ text, chat, bos });
    // Brought within what the model has.
    brought = promptOf(tracer.store.getState());
    await (moved && !another ? tracer.setBos(bos) : tracer.trace());
  }
  const more = rows || drawn || Object.keys(against).length > 0;
  const there = isStill(promptOf(tracer.store.getState()), brought);
  if (more && there) commits.commit();
  return there;
}

/** Whether a prompt is what was brought; of a begun answer perhaps the words, where its tokens were no such words. */
const isStill = (now: Prompt, brought: Prompt): boolean =>
  samePrompt(now, brought) || (typeof brought !== 'string' && samePrompt(now, fromWords(brought)));
