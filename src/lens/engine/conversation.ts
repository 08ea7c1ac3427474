import { type Chat, ROLES } from '../api/chat';
import { ChatTemplateError } from '../api/errors';

/** Refuses what is no conversation, whatever its type says: it may come from a file, a link or a program. Throws
 *  ChatTemplateError. `vocabulary`: the model's number of ids. */
export function checkChat(chat: Chat, vocabulary: number): void {
  const { messages, open, ids, thinking, template } = (chat ?? {}) as Partial<Chat>;
  if (!Array.isArray(messages) || messages.length === 0)
    throw new ChatTemplateError('The conversation has no messages. Add one.');
  for (const [turn, message] of messages.entries()) {
    const { role, content } = (message ?? {}) as { role?: unknown; content?: unknown };
    if (!ROLES.some((known) => known === role))
      throw new ChatTemplateError(`Message ${turn} has no known role. Roles are ${ROLES.join(', ')}.`, { turn });
    if (typeof content !== 'string') throw new ChatTemplateError(`Message ${turn} has no text.`, { turn });
  }
  if (thinking !== undefined && typeof thinking !== 'boolean')
    throw new ChatTemplateError('`thinking` is true or false. Leave it out where it is neither.');
  if (template !== undefined && typeof template !== 'string')
    throw new ChatTemplateError('`template` is the name of a chat template. Leave it out for the default one.');
  const begun = open === true && messages.at(-1)!.role === 'assistant';
  if (open && !begun)
    throw new ChatTemplateError('Only an assistant’s last message can be begun. End with one, or leave `open` out.');
  if (ids === undefined) return;
  if (!begun) throw new ChatTemplateError('Token ids are for a begun message. Set `open`, or leave the ids out.');
  if (!Array.isArray(ids)) throw new ChatTemplateError('The token ids of the begun message are no list.');
  const wrong = ids.findIndex((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
  if (wrong >= 0)
    throw new ChatTemplateError(
      `The begun message has the token id ${String(ids[wrong])}; this model’s ids go from 0 to ${vocabulary - 1}. It may come from another model: leave the ids out.`,
      { id: ids[wrong] },
    );
}
