import type { ErrorData } from '../lens/errors';
import type {
  BandOptions,
  ChangeReport,
  Edit,
  FeatureInfo,
  GenerateStep,
  LensInfo,
  ParityCase,
  Preview,
  Progress,
  Provider,
  SiteCodes,
  SiteLabels,
  Snippet,
  Token,
} from '../lens/types';

/** What crosses between the page and the worker. A request has an id; its replies carry the same. */

export interface Sampling {
  maxTokens?: number;
  temperature?: number;
  topP?: number;
  seed?: number;
}

/** Calls with one answer, by name: arguments and result, both structured-cloneable. */
export interface Calls {
  open: { args: { url: string; sites?: number[]; provider?: 'auto' | Provider }; result: LensInfo };
  tokenize: { args: { text: string; chat?: boolean }; result: Token[] };
  trace: { args: { text: string; edits?: Edit[]; chat?: boolean }; result: TraceData };
  dispose: { args: { trace: number }; result: null };
  residual: { args: { trace: number; layer: number; position: number }; result: Float32Array };
  top: { args: { trace: number; position: number; n: number }; result: { id: number; text: string; logprob: number }[] };
  lens: { args: { trace: number; layer: number; position: number; n: number }; result: { id: number; text: string; logprob: number }[] };
  surprisal: { args: { trace: number }; result: Float32Array };
  activations: { args: { trace: number; layer: number; feature: number; on?: 'code' | 'preactivation' }; result: Float32Array };
  latents: { args: { trace: number; layer: number }; result: Float32Array };
  preview: { args: { trace: number; edits: Edit[]; n?: number }; result: Preview };
  band: { args: { prompt: string; edits: Edit[] } & Omit<BandOptions, 'signal'>; result: Float32Array[] };
  feature: { args: { layer: number; id: number }; result: FeatureInfo };
  snippets: { args: { layer: number; id: number }; result: Snippet[] };
  decoderRow: { args: { layer: number; id: number }; result: Float32Array };
  labels: { args: { layer: number }; result: SiteLabels | null };
  parity: { args: Record<string, never>; result: ParityCase[] };
  /** Sends every step as an event and waits for `next` before the following one; ends when the last token is out. */
  generate: { args: { prompt: string; variants?: Edit[][]; chat?: boolean } & Sampling; result: null };
  ping: { args: Record<string, never>; result: null };
}

export type CallName = keyof Calls;

/** A trace as it is sent: tokens and codes at once; everything else is asked for by `id`. */
export interface TraceData {
  id: number;
  text: string;
  tokens: Token[];
  sites: SiteCodes[];
  reports: ChangeReport[];
}

export type Request =
  | { [N in CallName]: { id: number; call: N; args: Calls[N]['args'] } }[CallName]
  | { id: number; call: 'cancel' }
  /** The page has taken a step of the generation `id` and wants the next. */
  | { id: number; call: 'next' };

export type Event = { kind: 'progress'; progress: Progress } | { kind: 'parity'; parity: ParityCase } | { kind: 'step'; step: GenerateStep };

export type Reply =
  | { id: number; result: Calls[CallName]['result'] }
  | { id: number; error: ErrorData }
  | { id: number; event: Event }
  | { lost: { reason: string; message: string } };
