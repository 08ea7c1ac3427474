import type { Rows } from '../kernels/compute';
import { finite } from './codes';
import type { Model } from './model';
import { type Candidates, logSumExp } from './sampler';
import type { Scope } from './scope';

/** Largest vocabulary for which we read back a whole row of logits; above it we read the largest 1,024. */
export const WHOLE_ROW = 16384;
const CUT = 1024;

/** Reads the candidates from which tokens are sampled, for rows of logits on the device. */
export class CandidateReader {
  /** A whole row is read back. */
  readonly whole: boolean;
  private readonly lse: Rows;
  private readonly top: { ids: Rows; values: Rows; n: number } | null;

  constructor(
    scope: Scope,
    private readonly model: Model,
    private readonly logits: Rows,
    wholeRow: number,
  ) {
    const { vocabularySize } = model.config;
    const count = logits.rows;
    this.whole = vocabularySize <= wholeRow;
    this.lse = scope.rows(count, 2);
    const n = Math.min(CUT, vocabularySize);
    this.top = this.whole ? null : { ids: scope.rows(count, n), values: scope.rows(count, n), n };
  }

  /** Queues the necessary work and returns the rows to read back. */
  request(): Rows[] {
    const { compute } = this.model;
    if (!this.top) return [this.logits];
    compute.topk(this.logits, this.logits.rows, this.top.n, this.top.ids, this.top.values);
    compute.logsumexp(this.logits, this.logits.rows, null, this.lse);
    return [this.top.ids, this.top.values, this.lse];
  }

  /** A row's candidates; `data`: the rows of `request` as read. Throws NonFiniteError for logits without a finite
   *  log-sum-exp. */
  row(data: Float32Array[], row: number, position: number): Candidates {
    if (this.top) {
      const { n } = this.top;
      const ids = new Uint32Array(data[0]!.buffer, data[0]!.byteOffset + row * n * 4, n);
      return {
        ids,
        logits: data[1]!.subarray(row * n, (row + 1) * n),
        logSumExp: finite(data[2]![row * 2]!, position),
      };
    }
    const v = this.model.config.vocabularySize;
    const logits = data[0]!.subarray(row * v, (row + 1) * v);
    return { ids: null, logits, logSumExp: finite(logSumExp(logits), position) };
  }

  /** -log p of one token a row; 0xFFFFFFFF: no token. Costs a second readback, needed only without whole rows. */
  async surprisals(targets: Uint32Array): Promise<Float32Array> {
    const { compute } = this.model;
    compute.logsumexp(this.logits, this.logits.rows, targets, this.lse);
    const [data] = await compute.read([this.lse]);
    return Float32Array.from(targets, (_, row) => data![row * 2]! - data![row * 2 + 1]!);
  }
}
