import type { RecipeSampling } from '../api/recipe';
import { TextStream, type Tokenizer } from './tokenizer';

/** What decides how a row goes on and where it ends of itself. */
interface Writing {
  tokenizer: Tokenizer;
  /** The prompt. */
  ids: readonly number[];
  /** Tokens that end a row; their text is not the row's. */
  ends: readonly number[];
  sampling: Pick<RecipeSampling, 'stop' | 'repetitionPenalty'>;
}

/** One row as it is written: its text, why it ends, and the tokens that it has had. */
export class Writer {
  /** All tokens of the prompt and of the row; null where none is weighed by it. */
  readonly seen: Set<number> | null;
  private readonly text: TextStream;
  private readonly stop: readonly string[];
  private readonly longest: number;
  /** The end of the text so far, as long as a stop sequence may reach back. */
  private tail = '';

  constructor(private readonly of: Writing) {
    const { tokenizer, ids, sampling } = of;
    const { stop = [], repetitionPenalty = 1 } = sampling;
    this.seen = repetitionPenalty === 1 ? null : new Set(ids);
    this.text = new TextStream(tokenizer, ids);
    this.stop = stop;
    this.longest = Math.max(0, ...stop.map((text) => text.length));
  }

  /** Takes the token that was drawn. `text`: the whole characters that it completes. `sequence`: a stop sequence is
   *  among them or ends with them, wherever tokens and bytes divide it. */
  push(id: number): { text: string; done: 'stop' | 'sequence' | null } {
    if (this.of.ends.includes(id)) return { text: '', done: 'stop' };
    this.seen?.add(id);
    const text = this.text.push(id);
    const reach = this.tail + text;
    this.tail = this.longest > 1 ? reach.slice(1 - this.longest) : '';
    return { text, done: text !== '' && this.stop.some((one) => reach.includes(one)) ? 'sequence' : null };
  }

  /** The rest of an incomplete character, once the row has ended. */
  end(): string {
    return this.text.end();
  }
}
