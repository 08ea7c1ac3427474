import type { Chat, Prompt } from '../lens/api/chat';
import type { ChangeReport, Edit, Preview } from '../lens/api/edit';
import type { ErrorData } from '../lens/api/errors';
import type { FeatureInfo, SiteLabels, Snippet } from '../lens/api/feature';
import type { BandOptions, GenerateOptions, GenerateStep } from '../lens/api/generate';
import type { LensInfo, ParityCase } from '../lens/api/lens';
import type { Progress } from '../lens/api/open';
import type { OpenRequest } from '../lens/api/request';
import type { SiteCodes } from '../lens/api/site';
import type { Token } from '../lens/api/text';
import type { Score, ScoreControls, VerbalizeOptions, VerbalizerList, VerbalizeStep } from '../lens/api/verbalizer';

/** Messages between the page and the worker. A reply carries the id of its request. */

/** The target of a description or a score: a trace, by its id, or a bare vector. */
export type WordsTarget = { trace: number } | { vector: Float32Array };

/** Calls with one answer, by name: arguments and result, both structured-cloneable. */
export interface Calls {
  open: { args: OpenRequest; result: LensInfo };
  /** Replaces the lens that answers; traces of the old lens are gone. */
  openSites: { args: { layers: readonly number[] }; result: LensInfo };
  tokenize: { args: { text: Prompt; chat?: boolean; prependBos?: boolean }; result: Token[] };
  trace: { args: { text: Prompt; edits?: Edit[]; chat?: boolean; prependBos?: boolean }; result: TraceData };
  dispose: { args: { trace: number }; result: null };
  residual: { args: { trace: number; layer: number; position: number }; result: Float32Array };
  top: {
    args: { trace: number; position: number; n: number };
    result: { id: number; text: string; logprob: number }[];
  };
  lens: {
    args: { trace: number; layer: number; position: number; n: number };
    result: { id: number; text: string; logprob: number }[];
  };
  surprisal: { args: { trace: number }; result: Float32Array };
  activations: {
    args: { trace: number; layer: number; feature: number; on?: 'code' | 'preactivation' };
    result: Float32Array;
  };
  latents: { args: { trace: number; layer: number }; result: Float32Array };
  preview: { args: { trace: number; edits: Edit[]; n?: number }; result: Preview };
  band: { args: { prompt: Prompt; edits: Edit[] } & Omit<BandOptions, 'signal'>; result: Float32Array[] };
  feature: { args: { layer: number; id: number }; result: FeatureInfo };
  snippets: { args: { layer: number; id: number }; result: Snippet[] };
  decoderRow: { args: { layer: number; id: number }; result: Float32Array };
  labels: { args: { layer: number }; result: SiteLabels | null };
  encode: { args: { layer: number; vectors: readonly Float32Array[] }; result: SiteCodes };
  verbalizers: { args: Record<string, never>; result: VerbalizerList };
  reconstruct: { args: { texts: readonly string[] }; result: Float32Array[] };
  score: { args: { texts: readonly string[]; target: WordsTarget; position?: number }; result: Score[] };
  controls: { args: { target: WordsTarget; position?: number; others?: readonly string[] }; result: ScoreControls };
  parity: { args: Record<string, never>; result: ParityCase[] };
  /** `generate` and `verbalize` send every step as an event, and wait for `next` before the following step. They end
   *  after the last token. */
  generate: { args: { prompt: Prompt } & Omit<GenerateOptions, 'signal'>; result: null };
  verbalize: { args: { target: WordsTarget } & Omit<VerbalizeOptions, 'signal' | 'onProgress'>; result: null };
  ping: { args: Record<string, never>; result: null };
}

export type CallName = keyof Calls;

/** Calls that send steps, with the type of each step. */
export interface Steps {
  generate: GenerateStep;
  verbalize: VerbalizeStep;
}

/** Bytes that the first use of a trained pair loads. */
export interface Bytes {
  loaded: number;
  total: number;
}

/** A trace as sent: with tokens and codes; the page asks for the rest by `id`. */
export interface TraceData {
  id: number;
  text: string;
  chat: Chat | null;
  tokens: Token[];
  sites: SiteCodes[];
  reports: ChangeReport[];
}

export type Request =
  | { [N in CallName]: { id: number; call: N; args: Calls[N]['args'] } }[CallName]
  | { id: number; call: 'cancel' }
  /** The page has taken a step of the call `id` and wants the next. */
  | { id: number; call: 'next' };

export type Event =
  | { kind: 'progress'; progress: Progress }
  | { kind: 'bytes'; bytes: Bytes }
  | { kind: 'parity'; parity: ParityCase }
  | { kind: 'step'; step: Steps[keyof Steps] };

export type Reply =
  | { id: number; result: Calls[CallName]['result'] }
  | { id: number; error: ErrorData }
  | { id: number; event: Event }
  | { lost: { reason: string; message: string } };
