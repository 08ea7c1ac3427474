import { PreTrainedTokenizer } from '@huggingface/transformers';
import type { Chat, ChatSpan, Prompt } from '../api/chat';
import { ChatTemplateError, CorruptFileError, EmptyTextError, UnsupportedModelError } from '../api/errors';
import type { Token } from '../api/text';

/** GPT-2's byte alphabet: each byte as a printable character. Printable Latin-1 stands for itself, the rest follow from
 *  U+0100 on. */
function byteAlphabet(): Map<string, number> {
  const map = new Map<string, number>();
  let next = 256;
  for (let b = 0; b < 256; b++) {
    const printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
    map.set(String.fromCharCode(printable ? b : next++), b);
  }
  return map;
}

interface AddedToken {
  id: number;
  content: string;
  special: boolean;
}

interface TokenizerJson {
  model: { type: string; vocab: Record<string, number> };
  added_tokens?: AddedToken[];
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

/** A prompt as the model reads it. */
export interface Read {
  /** The text, or the conversation as the template wrote it. */
  text: string;
  ids: number[];
  /** One a token; null for a plain text. */
  spans: ChatSpan[] | null;
  /** The conversation; null for a text, also for one that was put into a user's turn. */
  chat: Chat | null;
}

/** A byte order mark is a token like any other. */
const AS_IT_IS = { ignoreBOM: true };
/** Decodes complete byte sequences. With its defaults it keeps no state between calls. */
const UTF8 = new TextDecoder('utf-8', AS_IT_IS);

/** Byte-level BPE as Qwen uses it: text to ids (by @huggingface/transformers), ids to bytes and text (here, since a
 *  character may be split over tokens). */
export class Tokenizer {
  private readonly inner: PreTrainedTokenizer;
  private readonly bytes = new Map<number, Uint8Array>();
  private readonly special = new Set<number>();
  private han: string | null = null;
  readonly size: number;

  constructor(json: unknown, config: unknown) {
    if (!isTokenizerJson(json))
      throw new UnsupportedModelError('tokenizer.json is not a byte-level BPE tokenizer, which Qwen models have.');
    const alphabet = byteAlphabet();
    let size = 0;
    const count = (id: unknown): void => {
      if (!Number.isInteger(id) || (id as number) < 0 || (id as number) > 1 << 24)
        throw new CorruptFileError(`tokenizer.json has the token id ${String(id)}, which is none. Download it again.`);
      size = Math.max(size, (id as number) + 1);
    };
    for (const [piece, id] of Object.entries(json.model.vocab)) {
      count(id);
      this.bytes.set(
        id,
        Uint8Array.from(Array.from(piece), (c) => alphabet.get(c) ?? 0x3f),
      );
    }
    for (const { id, content, special } of json.added_tokens ?? []) {
      count(id);
      this.bytes.set(id, new TextEncoder().encode(content));
      if (special) this.special.add(id);
    }
    this.size = size;
    try {
      this.inner = new PreTrainedTokenizer(json, config);
    } catch (cause) {
      throw new CorruptFileError(`tokenizer.json could not be read as a tokenizer: ${(cause as Error).message}`);
    }
  }

  get hasChatTemplate(): boolean {
    return Boolean(this.inner.chat_template);
  }

  /** Whether the default template knows `enable_thinking`. */
  get knowsThinking(): boolean {
    return this.hasChatTemplate && String(this.inner.get_chat_template()).includes('enable_thinking');
  }

  /** Ids of a text; with `chat` the text is one user turn in the model's own template, up to where the assistant
   *  begins. */
  encode(text: string, chat = false): number[] {
    if (chat && !this.hasChatTemplate)
      throw new UnsupportedModelError('This model has no chat template. Trace the text without `chat`.');
    return this.ids(chat ? this.templated(text, { enable_thinking: false }) : text, false);
  }

  /** A prompt as the model reads it. Throws UnsupportedModelError without a chat template, ChatTemplateError,
   *  EmptyTextError. */
  read(prompt: Prompt, chat = false): Read {
    if (typeof prompt === 'string' && !chat) return { text: prompt, ids: this.encode(prompt), spans: null, chat: null };
    const asked: Chat = typeof prompt === 'string' ? { messages: [{ role: 'user', content: prompt }] } : prompt;
    return this.readChat(asked, typeof prompt === 'string' ? null : prompt);
  }

  private readChat(chat: Chat, given: Chat | null): Read {
    if (!this.hasChatTemplate)
      throw new UnsupportedModelError('This model has no chat template. Trace the text without `chat`.');
    const { messages, open, thinking = false } = chat;
    const last = messages.at(-1);
    if (!last) throw new ChatTemplateError('The conversation has no messages.');
    const begun = open === true && last.role === 'assistant';
    const text =
      (this.inner.apply_chat_template(begun ? messages.slice(0, -1) : messages, {
        tokenize: false,
        add_generation_prompt: begun || last.role !== 'assistant',
        enable_thinking: thinking,
      } as never) as unknown as string) + (begun ? last.content : '');
    return { text, ids: this.ids(text, false), spans: null, chat: given };
  }

  /** Ids of one user turn in the template without `enable_thinking`, up to where the assistant begins. */
  encodeTurn(text: string): number[] {
    if (!this.hasChatTemplate)
      throw new UnsupportedModelError('This tokenizer has no chat template, which the prompt is put through.');
    return this.ids(this.templated(text, {}), false);
  }

  /** Ids of a whole text, with the special tokens that the tokenizer puts before and behind it. */
  encodeWhole(text: string): number[] {
    return this.ids(text, true);
  }

  private templated(text: string, options: Record<string, boolean>): string {
    return this.inner.apply_chat_template([{ role: 'user', content: text }], {
      ...options,
      tokenize: false,
      add_generation_prompt: true,
    }) as string;
  }

  private ids(text: string, special: boolean): number[] {
    const ids = text === '' ? [] : this.inner.encode(text, { add_special_tokens: special });
    if (ids.length === 0) throw new EmptyTextError('The text has no tokens. Type something first.');
    return ids;
  }

  tokenBytes(id: number): Uint8Array {
    return this.bytes.get(id) ?? new Uint8Array();
  }

  /** The text of one token alone. */
  text(id: number): string {
    return UTF8.decode(this.tokenBytes(id));
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

  /** Tokens with their texts; those that share one byte-split character carry the joint text. */
  tokens(ids: ArrayLike<number>): Token[] {
    const out: Token[] = Array.from(ids, (id, position) => ({
      id,
      text: this.text(id),
      position,
      special: this.isSpecial(id),
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

function concat(parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
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
