import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Chat } from '../../lens/api/chat';
import type { TokenLogprob } from '../../lens/api/text';
import type { StreamKind } from '../base/view';
import { answerOf } from '../chat/answer';
import { type Branches, type BranchesDb, createBranches, type Origin } from '../chat/branches';
import { awaitsAnswer, begunWith, fromWords, isAnswered, withAnswer, withOpen, withSaid } from '../chat/turns';
import { samePrompt } from '../reading/prompt';
import { writtenOf } from '../steering/generated';
import { begunIds, offPosition, offStream, type Place, worded, wordOf, wordsOf } from './branch-off';
import type { Commits } from './commit';
import type { Notices } from './notices';
import type { Shows } from './show';
import type { Stores } from './stores';

interface ConversationState {
  /** The conversation that waits while the text is on show. */
  aside: Chat | null;
  /** What stands in the box for the next turn. */
  draft: string;
  /** The branch on show. */
  shown: string | null;
}

/** A conversation on the page: how it is written, answered, gone on with, branched and returned to. What goes on from an
 *  answer is a step of undo and of the browser's history. */
export interface Conversation {
  store: StoreApi<ConversationState>;
  branches: Branches;
  /** Goes from the text to the conversation that was left, or to one whose first turn is the text. */
  open(): Promise<void>;
  /** Goes back to the text. The conversation waits. */
  leave(): Promise<void>;
  /** Changes the conversation under the hand. */
  change(how: (chat: Chat) => Chat): void;
  /** Changes it in one step. */
  step(how: (chat: Chat) => Chat): Promise<void>;
  setDraft(draft: string): void;
  /** The user's next turn, and the answers to it. Does nothing without words, or while a turn waits for its answer. */
  send(text: string): Promise<void>;
  /** One of the texts of the run becomes the assistant's turn: all of it, or up to the `index`-th token. */
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
  /** Begins another conversation; the one on show is kept as a branch. */
  anew(): Promise<void>;
  /** Keeps the conversation as a branch. */
  hold(): void;
  /** Returns to a branch. The conversation on show is kept as one. */
  back(id: string): Promise<void>;
  /** Brings a conversation from elsewhere. */
  bring(chat: Chat): Promise<void>;
  /** What is done in `go` at once is done to the branch on show, as undo is. */
  within<T>(go: () => T): T;
  dispose(): void;
}

interface Parts extends Stores, Pick<Shows, 'show'>, Pick<Commits, 'generate' | 'commit' | 'setSampling'> {
  notices: Notices;
}

export function createConversation(parts: Parts, openBranches: () => Promise<BranchesDb>): Conversation {
  const { engine, tracer, runner, sampling, notices, view } = parts;
  const store = createStore<ConversationState>(() => ({ aside: null, draft: '', shown: null }));
  const branches = createBranches(openBranches);
  /** The tokens of the answer that was kept last. */
  let exact: { content: string; ids: number[]; model: string } | null = null;
  let own = 0;
  const within = <T>(go: () => T): T => {
    own++;
    try {
      return go();
    } finally {
      own--;
    }
  };
  const chatNow = () => tracer.store.getState().chat;
  const model = () => engine.store.getState().info?.model ?? null;
  const show = (chat: Chat) => within(() => parts.show({ chat }));

  /** What is generated is brought into sight, where not all is. */
  const answer = () => {
    view.set({ tab: 'steer' });
    return parts.generate();
  };

  /** Which branch is on show, after a change of the conversation or of what is kept. */
  const follow = (chat: Chat, changed: boolean) => {
    const { shown } = store.getState();
    const { list } = branches.store.getState();
    const same = list.filter((each) => samePrompt(each.chat, chat));
    const found = same.find(({ id }) => id === shown) ?? same[0];
    if (found) store.setState({ shown: found.id });
    else if (changed && own > 0 && shown !== null) branches.update(shown, chat, model());
    else if (changed || !list.some(({ id }) => id === shown)) store.setState({ shown: null });
  };
  const stops = [
    tracer.store.subscribe((now, before) => {
      if (now.chat === before.chat) return;
      if (!now.chat) store.setState({ aside: before.chat });
      else {
        void branches.need();
        follow(now.chat, true);
      }
    }),
    branches.store.subscribe((now, before) => {
      const chat = chatNow();
      if (chat && now.list !== before.list) follow(chat, false);
    }),
  ];

  const change = (how: (chat: Chat) => Chat) => {
    const chat = chatNow();
    const next = chat && how(chat);
    if (next && next !== chat) within(() => tracer.converse(next));
  };
  /** Keeps what is on show, unless it is kept already or nothing was said. */
  const hold = (): string | null => {
    const chat = chatNow();
    if (!chat?.messages.some(({ content }) => content !== '')) return null;
    const { shown } = store.getState();
    if (shown !== null) return shown;
    const id = branches.add(chat, null, model());
    if (id === null) notices.say('text', ['This conversation is too long to be kept as a branch.']);
    store.setState({ shown: id });
    return id;
  };
  /** Shows a conversation that is, or becomes, a branch of its own. */
  const showBranch = async (chat: Chat, id: string | null) => {
    store.setState({ shown: id });
    await show(chat);
    store.setState({ shown: id });
  };
  const branchTo = async (chat: Chat, from: Origin) => {
    hold();
    await showBranch(chat, branches.add(chat, from, model()));
    await answer();
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
    await parts.show({ text: before + wordOf(token) });
    await answer();
  };

  return {
    store,
    branches,
    open: async () => {
      const { text, chat } = tracer.store.getState();
      if (!chat) await show(store.getState().aside ?? begunWith(text));
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
    setDraft: (draft) => store.setState({ draft }),
    send: async (text) => {
      const chat = chatNow();
      if (!chat || text.trim() === '' || awaitsAnswer(chat)) return;
      store.setState({ draft: '' });
      await show(withSaid(chat, text));
      await answer();
    },
    keep: async (stream, index) => {
      const { plan, streams } = runner.store.getState();
      const rows = streams?.[stream];
      if (!plan || typeof plan.prompt === 'string' || !rows?.length) return;
      const chat = plan.prompt;
      const { lens } = engine.store.getState();
      const { text, ids } = answerOf(rows, plan.sampling.stop, index === undefined ? undefined : index + 1);
      const begun = lens && ids ? await begunIds(lens, chat).catch(() => null) : null;
      const all = begun && ids && [...begun, ...ids];
      // A character that is split between what was begun and what was generated is whole only in the tokens.
      const content =
        (chat.ids && all && lens && (await wordsOf(lens, chat, all))) ||
        (chat.open ? chat.messages.at(-1)!.content : '') + text;
      exact = all && { content, ids: all, model: model() ?? '' };
      view.unlock();
      await show(withAnswer(chat, content));
    },
    branch: async (at, token) => {
      const { lens } = engine.store.getState();
      if (!lens) return;
      const { plan, streams } = runner.store.getState();
      const read = tracer.store.getState().reading?.prompt;
      const prompt = 'stream' in at ? plan?.prompt : read;
      if (prompt === undefined) return;
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
      parts.setSampling({ seed: (sampling.getState().seed + 1) % 2 ** 32 });
      await answer();
    },
    goOn: async () => {
      const chat = chatNow();
      const last = chat?.messages.at(-1);
      if (!chat || last?.role !== 'assistant') return;
      const known = exact?.content === last.content && exact.model === model() ? exact.ids : undefined;
      if (isAnswered(chat)) await show(withOpen(chat, true, known));
      await answer();
    },
    anew: async () => {
      hold();
      store.setState({ shown: null, draft: '' });
      await parts.show({ chat: begunWith('') });
    },
    hold: () => void hold(),
    back: async (id) => {
      const branch = branches.store.getState().list.find((one) => one.id === id);
      if (!branch) return;
      hold();
      const { chat } = branch;
      const foreign = chat.ids !== undefined && branch.model !== model();
      await showBranch(foreign ? fromWords(chat) : chat, id);
      if (foreign)
        notices.say('text', [
          'The branch’s answer was begun by another model: it goes on from its words, not its tokens.',
        ]);
      parts.commit();
    },
    bring: async (chat) => {
      hold();
      store.setState({ shown: null });
      await parts.show({ chat });
    },
    within,
    dispose: () => {
      for (const stop of stops) stop();
      branches.close();
    },
  };
}
