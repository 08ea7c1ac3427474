import { expect, test } from 'vitest';
import type { Chat } from '../../lens/api/chat';
import { ChatTemplateError } from '../../lens/api/errors';
import { atAddress } from '../model/model-url';
import { fakeLens, settled } from '../testing/lens';
import { saidBy, withBench } from '../testing/workbench';

const on = withBench();
const user = { role: 'user' as const, content: 'Hi' };
const named: Chat = { messages: [user], template: 'rag' };
const begun: Chat = {
  messages: [user, { role: 'assistant', content: 'I refuse.' }],
  open: true,
  ids: [5, 6, 7],
};
const chat = () => on.bench.tracer.store.getState().chat;
const DROPPED = 'This model has no chat template “rag”: its default template is used.';

/** A model of some templates, which refuses the tokens of `begun` as the library does. */
function strict(...templates: string[]) {
  const fake = fakeLens();
  Object.assign(fake.info, { chat: true, templates });
  const { trace } = fake;
  fake.trace = async (prompt, options) => {
    if (typeof prompt !== 'string' && prompt.ids) throw new ChatTemplateError('Not its words.', { spelled: 'x' });
    return trace(prompt, options);
  };
  return fake;
}

test('a template that the model does not have is dropped where a conversation arrives, and said', async () => {
  on.fake = strict('default', 'tools');
  await on.open();
  expect(await on.bench.show({ chat: { ...named, template: 'tools' } })).toBe(true);
  expect([chat()!.template, saidBy(on.bench)]).toEqual(['tools', []]);
  expect(await on.bench.show({ chat: named })).toBe(true);
  expect([chat(), saidBy(on.bench)]).toEqual([{ messages: [user] }, [DROPPED]]);
  on.bench.undo();
  expect(chat()!.template).toBe('tools');
});

test('a template is dropped when a model opens that lacks it, and undo does not bring it back', async () => {
  on.fake = strict('default', 'rag');
  await on.open();
  await on.bench.show({ chat: named });
  expect(chat()).toEqual(named);
  on.fake = strict('default');
  await on.bench.engine.open(atAddress('other/'), 'auto');
  await settled();
  expect([chat(), saidBy(on.bench)]).toEqual([{ messages: [user] }, [DROPPED]]);
  on.bench.undo();
  expect(chat()).toEqual({ messages: [user] });
});

test('exact tokens that are not the begun words are left out, said, and run from the words', async () => {
  on.fake = strict('default');
  await on.open();
  on.bench.steering.add(3, 7);
  expect(await on.bench.show({ chat: begun, draw: 2 })).toBe(true);
  await settled();
  expect(chat()).toEqual({ messages: begun.messages, open: true });
  expect(saidBy(on.bench)).toEqual([expect.stringContaining('are not its words')]);
  expect(on.bench.tracer.store.getState()).toMatchObject({ error: null, reading: { prompt: { open: true } } });
  expect(on.called('generate')).toHaveLength(1);
});

test('the conversation that waits beside the text leaves its tokens with the model', async () => {
  on.fake = strict('default');
  on.fake.trace = fakeLens().trace;
  await on.open();
  await on.bench.show({ chat: begun });
  expect(chat()).toEqual(begun);
  await on.bench.chat.leave();
  on.fake = strict('default');
  await on.bench.engine.open(atAddress('other/'), 'auto');
  await settled();
  await on.bench.chat.open();
  expect([chat(), saidBy(on.bench)]).toEqual([{ messages: begun.messages, open: true }, []]);
});
