import type { Prompt } from '../../lens/api/chat';
import { promptOf, samePrompt } from '../reading/prompt';
import type { Conversation } from './conversation';
import type { Stores } from './stores';

/** Keeps the conversation on show as a branch before another one from elsewhere takes its place. A text takes no place:
 *  the conversation waits beside it. */
export function makeWay(
  { tracer, chat }: Pick<Stores, 'tracer'> & { chat: Pick<Conversation, 'hold'> },
  prompt: Prompt | null | undefined,
): void {
  if (prompt && typeof prompt !== 'string' && !samePrompt(promptOf(tracer.store.getState()), prompt)) chat.hold();
}
