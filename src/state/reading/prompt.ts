import type { Chat, Prompt } from '../../lens/api/chat';

/** What the page runs: the conversation, where one is on show, else the text. */
export const promptOf = ({ text, chat }: { text: string; chat: Chat | null }): Prompt => chat ?? text;

/** A prompt as the page's own work. */
export const workOf = (prompt: Prompt): { text: string } | { chat: Chat } =>
  typeof prompt === 'string' ? { text: prompt } : { chat: prompt };

/** Whether nobody has written anything yet. */
export const isEmpty = (prompt: Prompt): boolean =>
  typeof prompt === 'string' ? prompt === '' : prompt.messages.every(({ content }) => content === '');

/** Whether two prompts are the same to the model. */
export const samePrompt = (a: Prompt, b: Prompt): boolean => a === b || written(a) === written(b);

/** The prompt as a string, its defaults left out. */
function written(prompt: Prompt): string {
  if (typeof prompt === 'string') return `text ${prompt}`;
  const { messages, open = false, ids = null, thinking = false, template = 'default' } = prompt;
  return JSON.stringify([messages.map(({ role, content }) => [role, content]), open, ids, thinking, template]);
}

/** A prompt on a line; a conversation by its speakers. */
export const promptSays = (prompt: Prompt): string =>
  typeof prompt === 'string' ? prompt : prompt.messages.map(({ role, content }) => `${role}: ${content}`).join(' · ');
