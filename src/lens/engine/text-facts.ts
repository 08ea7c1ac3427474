import type { ChatSpan } from '../api/chat';
import type { TokenFacts } from '../maths/where';

/** What a tokenizer knows of a token alone. */
export interface TokenKinds {
  isSpecial(id: number): boolean;
  /** The tokens `<think>` and `</think>`; null where they are not both one token. */
  readonly thinkTags: { open: number; close: number } | null;
}

/** What edits ask about the tokens of a text, and about those that are generated behind it. */
export class TextFacts {
  /** One a token of the text. */
  readonly tokens: readonly TokenFacts[];

  /** `spans`: one a token, null for a plain text; `ends`: tokens that end a turn. */
  constructor(
    readonly ids: Int32Array,
    spans: readonly ChatSpan[] | null,
    readonly kinds: TokenKinds,
    readonly ends: readonly number[] = [],
  ) {
    this.tokens = Array.from(ids, (id, position) => ({
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
  /** Null in a plain text. */
  private readonly turn: number | null;

  constructor(private readonly text: TextFacts) {
    this.position = text.tokens.length;
    this.turn = begunTurn(text.tokens);
    this.thinking = endsThinking(text);
  }

  /** Where the next token stands if it is this one. */
  spanOf(id: number): ChatSpan | null {
    if (this.turn === null) return null;
    const { kinds, ends } = this.text;
    const tags = kinds.thinkTags;
    const template = ends.includes(id) || id === tags?.open || id === tags?.close;
    return {
      role: 'assistant',
      turn: this.turn,
      section: template ? 'template' : this.thinking ? 'thinking' : 'content',
    };
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

/** The turn that generated tokens belong to: the assistant's that the prompt ends in, else the one after its last. */
function begunTurn(tokens: readonly TokenFacts[]): number | null {
  const last = tokens.at(-1)?.span;
  if (!last) return null;
  if (last.role === 'assistant' && last.turn !== null) return last.turn;
  return tokens.reduce((most, { span }) => Math.max(most, span?.turn ?? -1), -1) + 1;
}

/** Whether the text ends inside thinking: its last turn opened it, and did not close it. */
function endsThinking({ ids, tokens, kinds }: TextFacts): boolean {
  const tags = kinds.thinkTags;
  const turn = tokens.at(-1)?.span?.turn;
  for (let i = ids.length - 1; tags && i >= 0 && tokens[i]!.span?.turn === turn; i--) {
    if (ids[i] === tags.open) return true;
    if (ids[i] === tags.close) return false;
  }
  return false;
}
