import * as v from 'valibot';
import { type Chat, ROLES } from '../api/chat';
import * as s from './schemas';

/** Messages of a conversation. */
export const MOST_MESSAGES = 1000;
const MOST_IDS = 100_000;

/** A conversation from elsewhere; a text has at most `longest` characters. Unknown keys are refused. */
export const chatSchema = (longest: number) =>
  v.pipe(
    s.exact({
      messages: v.pipe(
        s.list(s.exact({ role: s.oneOf(ROLES), content: s.anyText(longest) }), MOST_MESSAGES),
        v.check((messages) => messages.length > 0, 'must hold a message'),
      ),
      open: v.optional(s.flag),
      ids: v.optional(s.listOf<number>((id) => s.isWhole(id, 0, 1 << 24), MOST_IDS, 'must list token ids')),
      thinking: v.optional(s.flag),
      template: v.optional(s.text(100)),
    }),
    s.rule(
      'open',
      ({ open, messages }) => !open || messages.at(-1)!.role === 'assistant',
      'must not be true where the last message is not the assistant’s',
    ),
    s.rule('ids', ({ ids, open }) => !ids || open === true, 'must not be there without "open"'),
  ) satisfies v.GenericSchema<unknown, Chat>;
