/** Conversations, as a model's own chat template writes them. */

/** Who speaks. */
export type Role = (typeof ROLES)[number];
export const ROLES = ['system', 'user', 'assistant'] as const;

/** A turn of a conversation. Thinking stands in the content between `<think>` and `</think>`, as the model wrote it. */
export interface Message {
  role: Role;
  content: string;
}

/** A conversation, which the model's chat template turns into text. If the last message is not the assistant's, the
 *  text ends where the assistant begins. */
export interface Chat {
  /** In their order; at least one. */
  messages: Message[];
  /** The last message, the assistant's, is begun: its content stands as it is behind the place where the assistant
   *  begins, no end of turn follows, and generation goes on with it. */
  open?: boolean;
  /** The exact tokens of the begun message, where its text alone would not give them back: a text may have several
   *  tokenizations, and a byte-split character is no text. Only with `open`; each below LensInfo.vocabulary. They must
   *  spell the content, but for a last character that they cut: anything else is not run. `tokenize` alone shows what
   *  they are, whatever the content. */
  ids?: number[];
  /** Whether the model thinks first, where its template knows `enable_thinking`. Default: false. */
  thinking?: boolean;
  /** Name of one of LensInfo.templates. Default: `default`. */
  template?: string;
}

/** What a model runs: a text as it is, or a conversation. */
export type Prompt = string | Chat;

/** What a token of a conversation is: written by the template, said by the speaker, or thought by the assistant before
 *  it answers. Thinking ends at `</think>`; it begins at `<think>`, or with the turn if the template ends inside a thought
 *  where the assistant begins. The tags around thinking are the template's. */
export type Section = 'template' | 'content' | 'thinking';

/** Where in a conversation a token stands. */
export interface ChatSpan {
  /** Null before the first message, such as a default system prompt. */
  role: Role | null;
  /** Index of its message; null before the first. Generated tokens belong to the begun message, or to one after the
   *  last. */
  turn: number | null;
  section: Section;
}
