import { type Chat, ROLES } from '../api/chat';
import { ChatTemplateError } from '../api/errors';

/** Refuses what is no conversation, whatever its type says: it may come from a file, a link or a program. Throws
 *  ChatTemplateError. `vocabulary`: the tokenizer's number of ids. */
export function checkChat({ messages, open, ids }: Chat, vocabulary: number): void {
  if (!Array.isArray(messages) || messages.length === 0)
    throw new ChatTemplateError('The conversation has no messages. Add one.');
  for (const [turn, message] of messages.entries()) {
    const { role, content } = (message ?? {}) as { role?: unknown; content?: unknown };
    if (!ROLES.some((known) => known === role))
      throw new ChatTemplateError(`Message ${turn} has no known role. Roles are ${ROLES.join(', ')}.`, { turn });
    if (typeof content !== 'string') throw new ChatTemplateError(`Message ${turn} has no text.`, { turn });
  }
  const begun = open === true && messages.at(-1)!.role === 'assistant';
  if (open && !begun)
    throw new ChatTemplateError('Only an assistant’s last message can be begun. End with one, or leave `open` out.');
  if (ids === undefined) return;
  if (!begun) throw new ChatTemplateError('Token ids are for a begun message. Set `open`, or leave the ids out.');
  const wrong = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
  if (wrong !== undefined)
    throw new ChatTemplateError(
      `The begun message has the token id ${String(wrong)}; this model’s ids go from 0 to ${vocabulary - 1}. It may come from another model: leave the ids out.`,
      { id: wrong },
    );
}
