/** The results of one run over a text. T: its tokens, d: width of the residual stream. */

import type { Chat } from './chat';
import type { ChangeReport } from './edit';
import type { SiteCodes } from './site';
import type { Token, TokenLogprob } from './text';

export interface Trace {
  /** The text as it was given, also where `chat` made it a user's turn; a conversation as the template wrote it. */
  readonly text: string;
  /** The conversation that was traced; null for a text, also where `chat` made it a user's turn and its tokens have
   *  spans. */
  readonly chat: Chat | null;
  readonly tokens: Token[];
  /** Sites of this trace; throws SiteUnavailableError for another layer. */
  site(layer: number): SiteCodes;
  reports(): ChangeReport[];
  /** Residual after block `layer` before that site's edits, [d]. */
  residual(layer: number, position: number): Promise<Float32Array>;
  /** The n likeliest next tokens after `position`. */
  top(position: number, n: number): Promise<TokenLogprob[]>;
  /** Logit lens: the site's residual at `position` through the final norm and unembedding. */
  lens(layer: number, position: number, n: number): Promise<TokenLogprob[]>;
  /** -log p of each token given those before it, [T]; NaN at position 0. */
  surprisal(): Promise<Float32Array>;
  dispose(): void;
}
