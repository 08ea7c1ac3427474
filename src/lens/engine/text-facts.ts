import type { ChatSpan } from '../api/chat';
import type { TokenFacts } from '../maths/where';

/** What a tokenizer knows of a token alone. */
export interface TokenKinds {
  isSpecial(id: number): boolean;
  /** The tokens `<think>` and `</think>`; null where they are not both one token. */
  readonly thinkTags: { open: number; close: number } | null;
}

/** Tokens, and in a conversation where in it they stand. */
export interface ReadTokens {
  ids: ArrayLike<number>;
  /** One a token; none for a plain text. */
  spans?: readonly ChatSpan[] | null;
  /** Index of the message that generated tokens belong to; none for a plain text. */
  turn?: number | null;
}

/** What edits ask about the tokens of a text, and about those that are generated behind it. */
export class TextFacts {
  /** One a token of the text. */
  readonly tokens: readonly TokenFacts[];
  readonly ids: Int32Array;
  /** The message that generated tokens belong to; null in a plain text. */
  readonly turn: number | null;

  /** `ends`: tokens that end a turn. */
  constructor(
    { ids, spans, turn = null }: ReadTokens,
    readonly kinds: TokenKinds,
    readonly ends: readonly number[] = [],
  ) {
    this.ids = Int32Array.from(ids);
    this.turn = turn;
    this.tokens = Array.from(this.ids, (id, position) => ({
      position,
      prompt: ids.length,
      special: kinds.isSpecial(id),
      span: spans?.[position] ?? null,
    }));
  }

  /** Of a row that is generated behind the text. */
  row(): RowFacts {
    return new RowFacts(this);
  }
}

/** The facts of one row's generated tokens, as they come. In a conversation they are the assistant's, in the turn that
 *  the prompt began: thinking between `<think>` and `</think>`, else content. The tags, and a token that ends the turn,
 *  are the template's. */
export class RowFacts {
  private position: number;
  private thinking: boolean;

  constructor(private readonly text: TextFacts) {
    this.position = text.tokens.length;
    this.thinking = endsThinking(text);
  }

  /** Where the next token stands if it is this one. */
  spanOf(id: number): ChatSpan | null {
    const { kinds, ends, turn } = this.text;
    if (turn === null) return null;
    const tags = kinds.thinkTags;
    const template = ends.includes(id) || id === tags?.open || id === tags?.close;
    return { role: 'assistant', turn, section: template ? 'template' : this.thinking ? 'thinking' : 'content' };
  }

  /** Takes the next token. */
  push(id: number): TokenFacts {
    const { tokens, kinds } = this.text;
    const span = this.spanOf(id);
    if (id === kinds.thinkTags?.open) this.thinking = true;
    if (id === kinds.thinkTags?.close) this.thinking = false;
    return { position: this.position++, prompt: tokens.length, special: kinds.isSpecial(id), span };
  }
}

/** Whether the text ends inside thinking: the turn that goes on opened it, and did not close it. */
function endsThinking({ ids, tokens, kinds, turn }: TextFacts): boolean {
  const tags = kinds.thinkTags;
  for (let i = ids.length - 1; tags && i >= 0 && tokens[i]!.span?.turn === turn; i--) {
    if (ids[i] === tags.open) return true;
    if (ids[i] === tags.close) return false;
  }
  return false;
}
