import type { Prompt } from '../api/chat';
import { ChatTemplateError } from '../api/errors';

/** Refuses exact tokens of a begun message that are not its content: what runs is what can be read. A character that the
 *  last token does not complete may be left out of the content; Unicode normalisation, which tokenizers do, changes
 *  nothing. Throws ChatTemplateError with field `spelled`. `decode`: the text of ids. */
export function checkBegunIds(prompt: Prompt, decode: (ids: readonly number[]) => string): void {
  if (typeof prompt === 'string' || !prompt.ids) return;
  const { content } = prompt.messages.at(-1)!;
  const spelled = decode(prompt.ids);
  if (plain(spelled) === plain(wellFormed(content))) return;
  throw new ChatTemplateError(
    `The token ids of the begun message spell “${excerpt(spelled)}”, its content is “${excerpt(content)}”. Leave the ids out, or give those of the content.`,
    { turn: prompt.messages.length - 1, spelled: excerpt(spelled) },
  );
}

/** Bytes that are no whole character decode as this. */
const BROKEN = 0xfffd;

/** A text without what a cut last character leaves, normalised. */
function plain(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === BROKEN) end--;
  return text.slice(0, end).normalize('NFC');
}

/** As a tokenizer takes it: a surrogate that is alone is the replacement character. */
const wellFormed = (text: string): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));

const excerpt = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
