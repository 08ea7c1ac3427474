import { expect, test } from 'vitest';
import type { Chat } from '../../lens/api/chat';
import { defaultSampling } from '../base/sampling';
import { branchName } from '../chat/branches';
import { settled } from '../testing/lens';
import { logged } from '../testing/log';
import { tracedBench } from '../testing/workbench';
import { reopen } from './log-reopen';
import { bringBack } from './notebook-runs';
import { importRecipe } from './recipes';
import type { Workbench } from './workbench';

const saying = (content: string): Chat => ({ messages: [{ role: 'user', content }] });
const sha256 = 'f'.repeat(64);

/** What brings a conversation from elsewhere. */
const WAYS: Record<string, (bench: Workbench, chat: Chat) => Promise<unknown>> = {
  recipe: (bench, conversation) =>
    importRecipe(bench, {
      format: 'lenslet-recipe-3',
      model: { name: 'fake', sha256 },
      dictionaries: [],
      edits: [],
      sampling: defaultSampling,
      conversation,
    }),
  run: (bench, prompt) =>
    bringBack(bench, {
      at: '2026-01-01T00:00:00.000Z',
      model: 'fake',
      sha256,
      plan: { prompt, edits: [], control: true, draw: 1, sampling: defaultSampling },
      complete: true,
      baseline: [],
      steered: null,
      control: null,
      band: null,
    }),
  log: (bench, chat) =>
    reopen(
      bench,
      logged(0, {
        model: 'fake',
        sha256,
        layer: 4,
        target: {
          ...logged().target,
          kind: 'token',
          chat,
          text: `user ${chat.messages[0]!.content}`,
          whole: true,
          position: 1,
        } as ReturnType<typeof logged>['target'],
      }),
    ),
};

test.each(Object.keys(WAYS))('a %s keeps the conversation that its own replaces, in one step', async (way) => {
  const bench = await tracedBench();
  bench.engine.store.setState(({ info }) => ({ info: info && { ...info, chat: true } }));
  const names = () => bench.chat.branches.store.getState().list.map((each) => branchName(each));
  const chat = () => bench.tracer.store.getState().chat;
  await bench.show({ chat: saying('Unkept') });
  let steps = 0;
  bench.trail.follow({ leave: () => {}, arrive: () => steps++ });
  await WAYS[way]!(bench, saying('From elsewhere'));
  await settled();
  expect([chat(), names(), steps]).toEqual([saying('From elsewhere'), ['Unkept'], 1]);
  // The same once more takes no place.
  await WAYS[way]!(bench, saying('From elsewhere'));
  expect(names()).toEqual(['Unkept']);
  bench.undo();
  expect(chat()).toEqual(saying('Unkept'));
  bench.dispose();
});
