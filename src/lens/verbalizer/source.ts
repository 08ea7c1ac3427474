import type { Score, ScoreControls, VerbalizerInfo, VerbalizeStep } from '../api/verbalizer';
import type { Gpu } from '../engine/device';
import type { KeptWeights } from '../engine/kept-weights';
import type { Queue } from '../engine/queue';
import type { ResidentWeights } from '../engine/resident';
import type { Runtime } from '../engine/runtime';
import type { Compute } from '../kernels/compute';

/** The resources of a verbalizer: the open lens's device and its queue. Every call of ONNX Runtime goes through the
 *  queue. */
export interface DeviceContext {
  runtime: Runtime;
  gpu: Gpu | null;
  /** The open model's weights, if all models are made of the same; null: its folder has them. */
  weights: ResidentWeights | KeptWeights | null;
  compute: Compute;
  queue: Queue;
  /** As Engine.wholeRow. */
  wholeRow: number;
}

/** A vector to be put into words. */
export interface VectorTarget {
  /** Its position in the trace; null for a bare vector. It enters the seed of each sample, and steps carry it. */
  position: number | null;
  vector: Float32Array; // [d]
}

export interface VerbalizeRun {
  samples: number;
  seed: number;
  temperature: number; // 0: greedy
  maxTokens: number;
  /** The site where the vectors were read, for a source that reads any site. */
  layer?: number;
  signal?: AbortSignal;
  onProgress?: (p: { loaded: number; total: number }) => void;
}

/** One way to put vectors into words. The caller has filled in and checked every option and vector (targets.ts), and
 *  read the vectors at `info.layer`, or at the layer of its choice where that is null. */
export interface WordSource {
  readonly info: VerbalizerInfo;
  /** One step a token of a row (target, sample). Leaving the loop, or the signal (AbortedError), frees what the run
   *  made. */
  verbalize(targets: readonly VectorTarget[], run: VerbalizeRun): AsyncGenerator<VerbalizeStep>;
  /** Frees everything that was loaded. The caller must make sure that no run is left, and nothing else runs on the
   *  device. */
  release(): Promise<void>;
}

/** A source that also turns words into vectors. */
export interface ScoringSource extends WordSource {
  reconstruct(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
  score(texts: readonly string[], vector: Float32Array, signal?: AbortSignal): Promise<Score[]>;
  /** `others`: explanations of other tokens; by default those in the source's folder. */
  controls(
    vector: Float32Array,
    options?: { others?: readonly string[]; signal?: AbortSignal },
  ): Promise<ScoreControls>;
}

export const MOST_TOKENS = 1024;
