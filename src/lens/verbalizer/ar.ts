import { ContextOverflowError, NonFiniteError, throwIfAborted } from '../api/errors';
import { rowsThatFit } from '../engine/context';
import type { Model } from '../engine/model';
import { paddedPrefill } from '../engine/padded';
import { withScope } from '../engine/scope';
import type { Tokenizer } from '../engine/tokenizer';
import type { NlaMeta } from '../folders/nla-meta';
import { slice } from '../kernels/compute';
import { count, counted } from '../maths/figures';
import { arPrompt } from './prompt';
import type { DeviceContext } from './source';

/** Texts that run as one batch. */
const MOST_ROWS = 32;

/** An activation reconstructor: the blocks up to its site, read at the last token, and a linear head. */
export class Ar {
  constructor(
    private readonly host: DeviceContext,
    /** Has the linear head. */
    readonly model: Model,
    private readonly tokenizer: Tokenizer,
    private readonly meta: NlaMeta,
  ) {}

  /** One vector a text, [d]. Throws ContextOverflowError if a text is too long, NonFiniteError if a vector has NaN or
   *  infinity. */
  async reconstruct(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> {
    const prompts = texts.map((text) => this.prompt(text));
    const out: Float32Array[] = [];
    const { config, room } = this.model;
    const longest = Math.max(...prompts.map((ids) => ids.length));
    // As many as WebAssembly's memory has room for.
    const most = room ? Math.max(1, Math.min(MOST_ROWS, rowsThatFit(config, longest, room))) : MOST_ROWS;
    for (let from = 0; from < prompts.length; from += most) {
      throwIfAborted(signal);
      out.push(...(await this.host.queue.run(() => this.together(prompts.slice(from, from + most), signal))));
    }
    return out;
  }

  private prompt(text: string): number[] {
    const ids = arPrompt(this.tokenizer, this.meta, text);
    const room = this.model.config.contextLength;
    if (ids.length <= room) return ids;
    const tokens = ids.length;
    throw new ContextOverflowError(
      `The text has ${count(tokens)} tokens with the prompt around it, the reconstructor holds ${count(room)}. Shorten it by ${counted(tokens - room, 'token')}.`,
      {
        tokens,
        room,
      },
    );
  }

  private together(prompts: number[][], signal?: AbortSignal): Promise<Float32Array[]> {
    const { model } = this;
    const { compute, config } = model;
    return withScope(compute, async (scope) => {
      const { total, parts } = await paddedPrefill(scope, model, prompts, signal);
      const read = scope.rows(prompts.length, config.d);
      for (const [b, ids] of prompts.entries())
        compute.copy(slice(parts.at(-1)!, b * total + ids.length - 1), slice(read, b), 1);
      const out = scope.rows(prompts.length, config.d);
      await model.logits(read, prompts.length, out);
      const [data] = (await compute.read([out])) as [Float32Array];
      if (!data.every(Number.isFinite))
        throw new NonFiniteError(
          'The reconstructor gave NaN or infinity. Its weights may be damaged: download them again.',
        );
      return prompts.map((_, b) => data.slice(b * config.d, (b + 1) * config.d));
    });
  }

  release(): Promise<void> {
    return this.model.release();
  }
}
