import type { Chat } from '../../lens/api/chat';
import type { ErrorData } from '../../lens/api/errors';
import type { LensInfo } from '../../lens/api/lens';
import type { Shown } from '../chat/shown';
import { fromWords } from '../chat/turns';
import type { Notices } from './notices';
import type { Stores } from './stores';

interface Parts extends Pick<Stores, 'engine' | 'tracer'> {
  notices: Notices;
  /** Does what changes the conversation on show and makes no other of it. */
  hand: Shown['hand'];
}

/** Brings a conversation that comes from anywhere within what the open model has, and says so: a template that the model
 *  does not know by name is dropped, and so are exact tokens that do not spell the begun answer. Returns a function that
 *  stops this. */
export function followChat(parts: Parts): () => void {
  const { tracer, notices, hand } = parts;
  return tracer.store.subscribe((now, before) => {
    if (now.chat !== before.chat) fitTemplate(parts);
    // Only the model's tokenizer knows what tokens spell: what it refuses is read by its words.
    if (now.error === before.error || !spellsOther(now.error) || !now.chat?.ids) return;
    const words = fromWords(now.chat);
    hand(() => tracer.store.setState({ chat: words }));
    notices.say('chat', [
      'The exact tokens that came with the begun answer are not its words: they are left out, and it goes on from its words.',
    ]);
    void tracer.trace();
  });
}

/** Drops the name of a template that the open model does not have; true if there was one. */
export function fitTemplate({ engine, tracer, notices, hand }: Parts): boolean {
  const { info } = engine.store.getState();
  const { chat } = tracer.store.getState();
  if (!chat?.template || !info || !lacks(chat, info)) return false;
  const { template, ...rest } = chat;
  hand(() => tracer.store.setState({ chat: rest }));
  notices.say('chat', [`This model has no chat template “${template}”: its default template is used.`]);
  return true;
}

/** Without any template a conversation is not run, and nothing is to be said about its name. */
const lacks = ({ template = 'default' }: Chat, { templates }: LensInfo): boolean =>
  template !== 'default' && templates.length > 0 && !templates.includes(template);

const spellsOther = (error: ErrorData | null): boolean =>
  error?.name === 'ChatTemplateError' && 'spelled' in error.fields;
