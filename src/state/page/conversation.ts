import type { StoreApi } from 'zustand/vanilla';
import type { Chat } from '../../lens/api/chat';
import type { TokenLogprob } from '../../lens/api/text';
import type { StreamKind } from '../base/view';
import { answerOf } from '../chat/answer';
import type { Branches, Origin } from '../chat/branches';
import type { Exact } from '../chat/exact';
import { newThread, type Shown, type ShownState } from '../chat/shown';
import { awaitsAnswer, begunWith, fromWords, isAnswered, withAnswer, withOpen, withSaid } from '../chat/turns';
import { samePrompt } from '../reading/prompt';
import { writtenOf } from '../steering/generated';
import { begunIds, offPosition, offStream, type Place, worded, wordOf, wordsOf } from './branch-off';
import type { Commits } from './commit';
import type { Notices } from './notices';
import type { Shows, ShowTarget } from './show';
import type { Stores } from './stores';

/** A conversation on the page: how it is written, answered, gone on with, branched and returned to. What goes on from an
 *  answer is a step of undo and of the browser's history. */
export interface Conversation {
  store: StoreApi<ShownState>;
  branches: Branches;
  /** Goes from the text to the conversation that was left, or to one whose first turn is the text. */
  open(): Promise<void>;
  /** Goes back to the text. The conversation waits. */
  leave(): Promise<void>;
  /** Changes the conversation under the hand. */
  change(how: (chat: Chat) => Chat): void;
  /** Changes it in one step. */
  step(how: (chat: Chat) => Chat): Promise<void>;
  /** The conversation that waited behind the text before a reload. */
  wait(chat: Chat): void;
  setDraft(draft: string): void;
  /** The user's next turn, and the answers to it. Does nothing without words, or while a turn waits for its answer. */
  send(text: string): Promise<void>;
  /** One of the texts of the run becomes the assistant's turn: all of it, or up to the `index`-th token. Where the
   *  conversation is another by now, it stays, and the answered one is a branch of its own. */
  keep(stream: StreamKind, index?: number): Promise<void>;
  /** Keeps the conversation as a branch, and goes on in another from a place with the token there exchanged; a plain
   *  text goes on as it is. */
  branch(at: Place, token: TokenLogprob): Promise<void>;
  /** Generates the answers to the last turn as it stands. */
  answer(): Promise<void>;
  /** The same again with the next seed. */
  reroll(): Promise<void>;
  /** Goes on with the last answer, from where it stopped. */
  goOn(): Promise<void>;
  /** Begins another conversation, by the same template and way of thinking; the one on show is kept as a branch. Where it
   *  cannot be kept, says so, and does nothing; so do `back`, `bring` and `branch`. */
  anew(): Promise<void>;
  /** Keeps the conversation as a branch. */
  hold(): void;
  /** Returns to a branch. The conversation on show is kept as one. */
  back(id: string): Promise<void>;
  /** Brings a whole conversation from elsewhere, and the settings that come with it; what it replaces is kept as a
   *  branch. Its words make no branch the one on show. Null where the one on show cannot be kept: it stays, and a
   *  notice says why. Else whether it is on show then, as `show` does. */
  bring(chat: Chat, work?: Omit<ShowTarget, 'chat' | 'text'>): Promise<boolean | null>;
  /** Does what changes the conversation on show and makes no other of it. */
  hand: Shown['hand'];
  /** The id of the thread on show, and a way back to it for what keeps the id: the browser's history. Null: the text is
   *  on show. */
  thread(): string | null;
  backTo<T>(thread: string, go: () => T): T;
  /** The model goes: what is on show, and what waits behind the text, go on from their words. */
  leaveModel(): void;
  dispose(): void;
}

interface Parts extends Stores, Pick<Shows, 'show'>, Pick<Commits, 'generate' | 'commit' | 'stop' | 'setSampling'> {
  notices: Notices;
  branches: Branches;
  shown: Shown;
  exact: Exact;
}

export function createConversation(parts: Parts): Conversation {
  const { engine, tracer, runner, sampling, notices, view, branches, shown, exact } = parts;
  const { store } = shown;
  const chatNow = () => tracer.store.getState().chat;
  const model = () => engine.store.getState().info?.model ?? '';
  /** A step in the conversation on show. */
  const show = (chat: Chat) => shown.hand(() => parts.show({ chat }));
  /** Another conversation, which begins a thread; null where the one on show has to stay. */
  const begin = async (chat: Chat, work: Omit<ShowTarget, 'chat' | 'text'> = {}, from?: Origin | null) => {
    if (!shown.leaves()) return null;
    const shows = shown.as(newThread(), () => parts.show({ ...work, chat }));
    // One that is a branch from its beginning on.
    if (from !== undefined) shown.hold(from);
    return shows;
  };

  /** The answers to a conversation stand in it; what goes on from a text is brought into sight, where not all is. */
  const answer = () => {
    if (!chatNow()) view.set({ tab: 'steer' });
    return parts.generate();
  };

  const change = (how: (chat: Chat) => Chat) => {
    const chat = chatNow();
    const next = chat && how(chat);
    if (next && next !== chat) shown.hand(() => tracer.converse(next));
  };
  const branchTo = async (chat: Chat, from: Origin) => {
    if (await begin(chat, {}, from)) await answer();
  };
  /** The exact tokens of the last answer: the branch's own, else those of the last answer of these words. */
  const tokensOf = (chat: Chat, content: string): number[] | undefined => {
    const { shown: id } = store.getState();
    const branch = branches.store.getState().list.find((one) => one.id === id);
    const own = branch && branch.model === model() && samePrompt(branch.chat, chat) ? branch.exact : undefined;
    return own ?? exact.of(content, model());
  };

  const branchText = async (prompt: string, at: Place, token: TokenLogprob) => {
    const { streams } = runner.store.getState();
    const { reading } = tracer.store.getState();
    const before =
      'stream' in at
        ? streams && writtenOf(prompt, streams, at.stream, at.index - 1)
        : reading?.chips
            .filter(({ to }) => to < at.position)
            .map(({ text }) => text)
            .join('');
    if (before === null || before === undefined) return;
    // What the tokenizer puts before a text is no part of it.
    const put = engine.store.getState().info?.bos ?? '';
    const from = put && before.startsWith(put) && !prompt.startsWith(put) ? put.length : 0;
    await parts.show({ text: before.slice(from) + wordOf(token) });
    await answer();
  };

  return {
    store,
    branches,
    open: async () => {
      const { text, chat } = tracer.store.getState();
      if (chat) return;
      const { aside } = store.getState();
      await shown.as(aside?.thread ?? newThread(), () => parts.show({ chat: aside?.chat ?? begunWith(text) }));
      // Its answers are those on show still.
      if (aside) parts.commit();
    },
    leave: async () => {
      if (chatNow()) await parts.show({ text: tracer.store.getState().text });
    },
    change,
    step: async (how) => {
      const chat = chatNow();
      const next = chat && how(chat);
      if (next && next !== chat) await show(next);
    },
    wait: shown.wait,
    setDraft: (draft) => store.setState({ draft }),
    send: async (text) => {
      const chat = chatNow();
      if (!chat || text.trim() === '' || awaitsAnswer(chat)) return;
      parts.stop();
      store.setState({ draft: '' });
      await show(withSaid(chat, text));
      await answer();
    },
    keep: async (stream, index) => {
      const { plan, streams } = runner.store.getState();
      const rows = streams?.[stream];
      if (!plan || typeof plan.prompt === 'string' || !rows?.length) return;
      // Ended by the reader, it leaves its record.
      parts.stop();
      const chat = plan.prompt;
      const { lens } = engine.store.getState();
      const { text, ids } = answerOf(rows, plan.sampling.stop, index === undefined ? undefined : index + 1);
      const begun = lens && ids ? await begunIds(lens, chat).catch(() => null) : null;
      const all = begun && ids && [...begun, ...ids];
      // A character that is split between what was begun and what was generated is whole only in the tokens.
      const content =
        (chat.ids && all && lens && (await wordsOf(lens, chat, all))) ||
        (chat.open ? chat.messages.at(-1)!.content : '') + text;
      if (all) exact.put(content, model(), all);
      view.unlock();
      const said = withAnswer(chat, content);
      // Meanwhile the conversation may have become another.
      const thread = shown.threadOf(chat);
      if (thread) await shown.as(thread, () => parts.show({ chat: said }));
      else await begin(said, {}, null);
    },
    branch: async (at, token) => {
      const { lens } = engine.store.getState();
      if (!lens) return;
      const { plan, streams } = runner.store.getState();
      const read = tracer.store.getState().reading?.prompt;
      const prompt = 'stream' in at ? plan?.prompt : read;
      if (prompt === undefined) return;
      parts.stop();
      if (typeof prompt === 'string') return branchText(prompt, at, token);
      if ('stream' in at) {
        const rows = streams?.[at.stream];
        if (!rows) return;
        const begun = await begunIds(lens, prompt).catch(() => null);
        const { chat, from } = await worded(lens, offStream(prompt, begun, rows, at.index, token));
        return branchTo(chat, from);
      }
      const off = offPosition(prompt, await lens.tokenize(prompt), at.position, token);
      if (off) {
        const { chat, from } = await worded(lens, off);
        return branchTo(chat, from);
      }
      notices.say('text', ['A branch begins at a word of the assistant’s. To change another turn, write in it.']);
    },
    answer,
    reroll: async () => {
      parts.stop();
      parts.setSampling({ seed: (sampling.getState().seed + 1) % 2 ** 32 });
      await answer();
    },
    goOn: async () => {
      const chat = chatNow();
      const last = chat?.messages.at(-1);
      if (!chat || last?.role !== 'assistant') return;
      parts.stop();
      if (isAnswered(chat)) await show(withOpen(chat, true, tokensOf(chat, last.content)));
      await answer();
    },
    anew: async () => {
      const { thinking, template } = chatNow() ?? {};
      await begin({ ...begunWith(''), ...(thinking && { thinking }), ...(template && { template }) });
    },
    hold: () => shown.hold(),
    back: async (id) => {
      const branch = branches.store.getState().list.find((one) => one.id === id);
      if (!branch || !shown.leaves()) return;
      const { chat } = branch;
      const foreign = chat.ids !== undefined && branch.model !== model();
      await shown.as({ id, seeks: false }, () => parts.show({ chat: foreign ? fromWords(chat) : chat }));
      if (foreign)
        notices.say('text', [
          'The branch’s answer was begun by another model: it goes on from its words, not its tokens.',
        ]);
      parts.commit();
    },
    bring: async (chat, work) => {
      const now = chatNow();
      if (!now || !samePrompt(now, chat)) return begin(chat, work);
      return parts.show({ ...work, chat });
    },
    hand: shown.hand,
    thread: () => shown.thread()?.id ?? null,
    backTo: (id, go) => shown.as({ id, seeks: false }, go),
    leaveModel: () => {
      const { aside } = store.getState();
      if (aside) store.setState({ aside: { ...aside, chat: fromWords(aside.chat) } });
      const chat = chatNow();
      if (chat?.ids) shown.hand(() => tracer.store.setState({ chat: fromWords(chat) }));
    },
    dispose: () => {
      shown.stop();
      branches.close();
    },
  };
}
