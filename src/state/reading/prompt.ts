import type { Chat, Prompt } from '../../lens/api/chat';

/** What the page runs: the conversation, where one is on show, else the text. */
export const promptOf = ({ text, chat }: { text: string; chat: Chat | null }): Prompt => chat ?? text;

/** Names what the tokenizer puts before a text only where it is left out: what was kept before it could be means it. */
export const bosAsked = (bos: boolean): { prependBos?: false } => (bos ? {} : { prependBos: false });

/** A prompt as the page's own work. */
export const workOf = (prompt: Prompt): { text: string } | { chat: Chat } =>
  typeof prompt === 'string' ? { text: prompt } : { chat: prompt };

/** Whether nobody has written anything yet. */
export const isEmpty = (prompt: Prompt): boolean =>
  typeof prompt === 'string' ? prompt === '' : prompt.messages.every(({ content }) => content === '');

/** Whether two prompts are the same to the model. */
export function samePrompt(a: Prompt, b: Prompt): boolean {
  if (a === b) return true;
  if (typeof a === 'string' || typeof b === 'string' || a.messages.length !== b.messages.length) return false;
  const [one, other] = [settingsOf(a), settingsOf(b)];
  return (
    one.open === other.open &&
    one.thinking === other.thinking &&
    one.template === other.template &&
    one.ids.length === other.ids.length &&
    one.ids.every((id, i) => id === other.ids[i]) &&
    a.messages.every(({ role, content }, i) => role === b.messages[i]!.role && content === b.messages[i]!.content)
  );
}

/** What a conversation is beside its messages, its defaults filled in. */
export const settingsOf = ({ open = false, ids = [], thinking = false, template = 'default' }: Chat) => ({
  open,
  ids,
  thinking,
  template,
});

/** A prompt on a line; a conversation by its speakers. */
export const promptSays = (prompt: Prompt): string =>
  typeof prompt === 'string' ? prompt : prompt.messages.map(({ role, content }) => `${role}: ${content}`).join(' · ');
