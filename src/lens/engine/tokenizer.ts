import { PreTrainedTokenizer } from '@huggingface/transformers';
import type { Chat, ChatSpan, Prompt } from '../api/chat';
import { CorruptFileError, EmptyTextError, UnknownTokenError, UnsupportedModelError } from '../api/errors';
import type { Token } from '../api/text';
import { concat } from './bytes';
import { ChatTemplates } from './chat-template';
import { checkChat } from './conversation';
import { pieceBytes } from './piece-bytes';
import { type ChatRead, type ChatTokenizer, readChat } from './read-chat';
import { CLOSE, OPEN } from './segments';

interface AddedToken {
  id: number;
  content: string;
  special: boolean;
}

interface TokenizerJson {
  model: { type: string; vocab: Record<string, number> };
  added_tokens?: AddedToken[];
  decoder?: unknown;
}

function isTokenizerJson(json: unknown): json is TokenizerJson {
  const model = (json as { model?: { type?: unknown; vocab?: unknown } } | null)?.model;
  return model?.type === 'BPE' && typeof model.vocab === 'object' && model.vocab !== null;
}

/** Length in bytes of the UTF-8 character that starts with `lead`, 0 where none can. */
function characterLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

/** A prompt as the model reads it. It may be given again: it is not to be changed. */
export interface Read {
  /** As Trace.text. */
  text: string;
  ids: number[];
  /** One a token; null for a plain text. */
  spans: ChatSpan[] | null;
  /** Index of the message that generated tokens belong to; null for a plain text. */
  turn: number | null;
  /** The conversation; null for a text, also for one that was put into a user's turn. */
  chat: Chat | null;
}

/** How a plain text is read; see Lens.trace. */
export interface ReadAs {
  chat?: boolean;
  prependBos?: boolean;
}

/** A byte order mark is a token like any other. */
const AS_IT_IS = { ignoreBOM: true };
/** Decodes complete byte sequences. With its defaults it keeps no state between calls. */
const UTF8 = new TextDecoder('utf-8', AS_IT_IS);

/** BPE as these models use it (piece-bytes.ts): text to ids (by @huggingface/transformers), ids to bytes and text (here,
 *  since a character may be split over tokens). */
export class Tokenizer implements ChatTokenizer {
  private readonly inner: PreTrainedTokenizer;
  private readonly bytes = new Map<number, Uint8Array>();
  private readonly special = new Set<number>();
  /** Special tokens that the model has no embedding for, as Gemma 3's text models have none for an image. */
  private readonly beyond = new Map<number, string>();
  private readonly chats: ChatTemplates;
  private han: string | null = null;
  /** The ids that the tokenizer's post-processor puts before a text: what Hugging Face's `tokenizer(text)` begins with,
   *  whatever `add_bos_token` says. Empty for most. */
  readonly first: readonly number[];
  /** The conversation that was read last: it is traced, gone on with and judged in turn. */
  private last: { key: string; read: ChatRead } | null = null;
  /** Number of its ids, those left out that no model of its vocabulary could read. */
  readonly size: number;
  readonly vocabulary: number;
  /** The tokens around thinking; null where they are not single tokens. */
  readonly thinkTags: { open: number; close: number } | null;

  /** `template`: text of the folder's chat_template.jinja, if it has one. `vocabulary`: the model's number of ids, where
   *  it has more than the tokenizer. */
  constructor(json: unknown, config: unknown, template: string | null = null, vocabulary = 0) {
    if (!isTokenizerJson(json))
      throw new UnsupportedModelError('tokenizer.json is not a BPE tokenizer, which the models that open have.');
    const bytes = pieceBytes(json);
    let size = 0;
    const take = (id: unknown, spelt: Uint8Array): void => {
      if (!Number.isInteger(id) || (id as number) < 0 || (id as number) > 1 << 24)
        throw new CorruptFileError(`tokenizer.json has the token id ${String(id)}, which is none. Download it again.`);
      size = Math.max(size, (id as number) + 1);
      this.bytes.set(id as number, spelt);
    };
    for (const [piece, id] of Object.entries(json.model.vocab)) take(id, bytes.piece(piece));
    for (const { id, content, special } of json.added_tokens ?? []) {
      if (special && vocabulary > 0 && id >= vocabulary) {
        this.beyond.set(id, content);
        continue;
      }
      take(id, bytes.added(content));
      if (special) this.special.add(id);
    }
    this.size = size;
    this.vocabulary = Math.max(size, vocabulary);
    const added = (text: string) => json.added_tokens?.find(({ content }) => content === text)?.id;
    const [open, close] = [added(OPEN), added(CLOSE)];
    this.thinkTags = open !== undefined && close !== undefined ? { open, close } : null;
    this.chats = new ChatTemplates(
      config,
      template,
      (chosen, messages, options) =>
        this.inner.apply_chat_template(messages, { ...options, chat_template: chosen, tokenize: false }) as string,
    );
    try {
      this.inner = new PreTrainedTokenizer(json, { ...(config as object), chat_template: null });
      this.first = this.putFirst();
    } catch (cause) {
      throw new CorruptFileError(`tokenizer.json could not be read as a tokenizer: ${(cause as Error).message}`);
    }
  }

  private putFirst(): number[] {
    const probe = 'a';
    const plain = this.inner.encode(probe, { add_special_tokens: false });
    const whole = this.inner.encode(probe, { add_special_tokens: true });
    const at = whole.findIndex((_, i) => plain.every((id, j) => whole[i + j] === id));
    const first = whole.slice(0, Math.max(0, at));
    if (first.every((id) => this.bytes.has(id))) return first;
    throw new Error('it puts a first token before each text that it does not have.');
  }

  /** Names of the chat templates. */
  get templates(): string[] {
    return this.chats.names;
  }

  /** Whether there is a template for conversations that name none. */
  get hasDefaultTemplate(): boolean {
    return this.chats.hasDefault;
  }

  /** Whether the default template knows `enable_thinking`. */
  get knowsThinking(): boolean {
    return this.chats.knowThinking;
  }

  /** The special token that a template writes behind what the assistant says; null if it writes none. Throws
   *  UnsupportedModelError without a chat template, ChatTemplateError for an unknown name. */
  endOfTurn(template?: string): number | null {
    const footer = this.chats.frame(this.chats.find(template), false).footers.assistant;
    return footer ? (this.encode(footer).find((id) => this.isSpecial(id)) ?? null) : null;
  }

  /** Ids of a text as it is. Throws EmptyTextError; UnknownTokenError where it spells a token that the model does not
   *  have. */
  encode(text: string): number[] {
    return this.ids(text, false);
  }

  /** A prompt as the model reads it; with `chat` a text is one user turn. Before a text stands what the tokenizer puts
   *  there, unless `prependBos` is false; a conversation's template writes its own. Throws UnsupportedModelError without
   *  a chat template, CorruptFileError if the templates are none, ChatTemplateError, EmptyTextError. */
  read(prompt: Prompt, { chat = false, prependBos = true }: ReadAs = {}): Read {
    if (typeof prompt !== 'string') return { ...this.readChat(prompt), chat: prompt };
    if (!chat) {
      const ids = prependBos ? this.withFirst(this.encode(prompt)) : this.encode(prompt);
      return { text: prompt, ids, spans: null, turn: null, chat: null };
    }
    return { ...this.readChat({ messages: [{ role: 'user', content: prompt }] }), text: prompt, chat: null };
  }

  /** Not a second time where the text spells them itself, as one copied from a rendered conversation does. */
  private withFirst(ids: number[]): number[] {
    const { first } = this;
    return first.every((id, i) => ids[i] === id) ? ids : [...first, ...ids];
  }

  private readChat(chat: Chat): ChatRead {
    checkChat(chat, this.vocabulary);
    const { messages, open, ids, thinking, template } = chat;
    const said = messages.map(({ role, content }) => [role, content]);
    const key = JSON.stringify([said, open, ids, thinking, template]);
    if (this.last?.key !== key) this.last = { key, read: readChat(chat, this.chats, this) };
    return this.last.read;
  }

  /** Ids of one user turn in the template without `enable_thinking`, up to where the assistant begins. */
  encodeTurn(content: string): number[] {
    const messages = [{ role: 'user' as const, content }];
    return this.encode(this.chats.render(this.chats.find(), messages, { add_generation_prompt: true }));
  }

  /** Ids of a whole text, with the special tokens that the tokenizer puts before and behind it. */
  encodeWhole(text: string): number[] {
    return this.ids(text, true);
  }

  private ids(text: string, special: boolean): number[] {
    const ids = text === '' ? [] : this.inner.encode(text, { add_special_tokens: special });
    if (ids.length === 0) throw new EmptyTextError('The text has no tokens. Type something first.');
    const unread = ids.find((id) => this.beyond.has(id));
    if (unread !== undefined)
      throw new UnknownTokenError(
        `The text spells ${this.beyond.get(unread)}, which this model has no embedding for. Take it out.`,
        { id: unread },
      );
    return ids;
  }

  tokenBytes(id: number): Uint8Array {
    return this.bytes.get(id) ?? new Uint8Array();
  }

  /** The text of one token alone. */
  text(id: number): string {
    return UTF8.decode(this.tokenBytes(id));
  }

  decode(ids: readonly number[]): string {
    return UTF8.decode(concat(ids.map((id) => this.tokenBytes(id))));
  }

  /** A token's name in a list: its text, or its bytes (`‹E5 8D›`) if they are not whole characters. */
  label(id: number): string {
    const text = this.text(id);
    if (!text.includes('\ufffd')) return text;
    return `‹${Array.from(this.tokenBytes(id), (b) => b.toString(16).toUpperCase().padStart(2, '0')).join(' ')}›`;
  }

  /** The distinct Han characters of all tokens, joined. Looked for once: a large vocabulary has 150,000 tokens, and
   *  every lens asks. */
  hanCharacters(): string {
    this.han ??= this.findHan();
    return this.han;
  }

  private findHan(): string {
    const found = new Set<string>();
    for (const bytes of this.bytes.values()) {
      // No Han character begins with a lower byte.
      if (!bytes.some((byte) => byte >= 0xe2)) continue;
      for (const character of UTF8.decode(bytes))
        if (!found.has(character) && /\p{Script=Han}/u.test(character)) found.add(character);
    }
    return [...found].join('');
  }

  isSpecial(id: number): boolean {
    return this.special.has(id);
  }

  /** Tokens with their texts; those that share one byte-split character carry the joint text. `spans`: one a token. */
  tokens(ids: ArrayLike<number>, spans: readonly ChatSpan[] | null = null): Token[] {
    const out: Token[] = Array.from(ids, (id, position) => ({
      id,
      text: this.text(id),
      position,
      special: this.isSpecial(id),
      ...(spans && { span: spans[position]! }),
    }));
    let start = 0;
    while (start < out.length) {
      const end = this.characterEnd(ids, start);
      if (end > start + 1) {
        const parts = Array.from({ length: end - start }, (_, i) => this.tokenBytes(ids[start + i]!));
        const text = UTF8.decode(concat(parts));
        for (let i = start; i < end; i++) out[i]!.fragment = { text, index: i - start, count: end - start };
      }
      start = end;
    }
    return out;
  }

  /** Index after the last token needed to complete the characters begun at token `start`. */
  private characterEnd(ids: ArrayLike<number>, start: number): number {
    let missing = 0;
    for (let i = start; i < ids.length; i++) {
      const bytes = this.tokenBytes(ids[i]!);
      for (const b of bytes) {
        if (missing > 0 && (b & 0xc0) === 0x80) missing--;
        else missing = Math.max(0, characterLength(b) - 1);
      }
      if (missing === 0) return i + 1;
    }
    return start + 1;
  }
}

/** Most bytes of a character in UTF-8. */
const LONGEST = 4;

/** Tokens to text as they stream: a character that is split over tokens comes out with its last one. `after`: the tokens
 *  before them; where they end within a character, the first of the stream completes it. */
export class TextStream {
  private readonly decoder = new TextDecoder('utf-8', AS_IT_IS);

  constructor(
    private readonly tokenizer: Tokenizer,
    after: readonly number[] = [],
  ) {
    let from = after.length;
    for (let bytes = 0; from > 0 && bytes < LONGEST; ) bytes += tokenizer.tokenBytes(after[--from]!).length;
    for (const id of after.slice(from)) this.push(id);
  }

  push(id: number): string {
    return this.decoder.decode(this.tokenizer.tokenBytes(id), { stream: true });
  }

  /** The rest of an incomplete character. */
  end(): string {
    return this.decoder.decode();
  }
}
