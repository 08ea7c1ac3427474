import type { Chat, ChatSpan, Message } from '../api/chat';
import type { ChatTemplates } from './chat-template';
import { layOut, type Piece } from './layout';
import { spansOf } from './spans';
import { TextFacts, type TokenKinds } from './text-facts';

/** What reading a conversation needs of a tokenizer. */
export interface ChatTokenizer extends TokenKinds {
  /** Throws EmptyTextError. */
  encode(text: string): number[];
  tokenBytes(id: number): Uint8Array;
  decode(ids: readonly number[]): string;
  endOfTurn(template?: string): number | null;
}

export interface ChatRead {
  text: string;
  ids: number[];
  /** One a token. */
  spans: ChatSpan[];
  /** Index of the message that generated tokens belong to: the begun one, or one after the last. */
  turn: number;
}

/** A conversation, which `checkChat` passes, as the model reads it. Throws UnsupportedModelError without a chat template, CorruptFileError if the
 *  templates are none, ChatTemplateError, EmptyTextError. */
export function readChat(chat: Chat, templates: ChatTemplates, tokenizer: ChatTokenizer): ChatRead {
  const template = templates.find(chat.template);
  const { messages, open = false, thinking = false } = chat;
  const whole = open ? messages.slice(0, -1) : messages;
  const goesOn = open || messages.at(-1)!.role !== 'assistant';
  const options = { add_generation_prompt: goesOn, enable_thinking: thinking };
  const text = templates.render(template, whole, options);
  const pieces = layOut({
    text,
    bare: goesOn ? templates.tryRender(template, whole, { ...options, add_generation_prompt: false }) : null,
    messages: whole,
    render: (others) => templates.tryRender(template, others, options),
    frame: templates.frame(template, thinking),
    tagged: Boolean(tokenizer.thinkTags),
  });
  if (open) return withBegun(chat, { text, pieces }, tokenizer);
  const ids = tokenizer.encode(text);
  return { text, ids, spans: spansOf(pieces, ids, tokenizer), turn: whole.length };
}

/** The begun message behind the place where the assistant begins. */
function withBegun(chat: Chat, before: { text: string; pieces: Piece[] }, tokenizer: ChatTokenizer): ChatRead {
  const turn = chat.messages.length - 1;
  const { content } = chat.messages[turn] as Message;
  const said: ChatSpan = { role: 'assistant', turn, section: 'content' };
  const pieces = chat.ids ? before.pieces : [...before.pieces, { text: content, span: said }];
  const text = before.text + (chat.ids ? '' : content);
  const ids = tokenizer.encode(text);
  const spans = spansOf(pieces, ids, tokenizer);
  // What was said reaches to the end. The sections in it follow its tokens, as they do in what is generated.
  const first = chat.ids ? -1 : spans.indexOf(said);
  const from = first < 0 ? ids.length : first;
  const begun = chat.ids ?? ids.slice(from);
  const end = tokenizer.endOfTurn(chat.template);
  const head = new TextFacts(
    { ids: ids.slice(0, from), spans: spans.slice(0, from), turn },
    tokenizer,
    end === null ? [] : [end],
  );
  const row = head.row();
  return {
    text: chat.ids ? text + tokenizer.decode(chat.ids) : text,
    ids: [...head.ids, ...begun],
    spans: [
      ...spans.slice(0, from),
      ...begun.map((id) => ({ ...said, section: row.push(id).span?.section ?? 'content' })),
    ],
    turn,
  };
}
