import type { EditOn } from '../api/edit';
import type { DictionaryWeights } from '../folders/dictionary-weights';
import type { Gate } from '../maths/gate';
import type { DictionaryParts, PartsOptions } from './dictionary-parts';

/**
 * A device as the engine sees it: rows of float32 that stay where they are computed, and this project's operations on
 * them. Two implementations, `webgpu.ts` (WGSL) and `wasm.ts` (plain TypeScript, `oracle.ts`), give the same results up
 * to float32 rounding.
 *
 * Operations only *queue* work, in order; `read` is the one point that waits. Nothing here is re-entrant with ONNX
 * Runtime: the engine's queue serialises both.
 */

/** A matrix on the device, row-major. Float32 unless it is said to hold u32. */
export interface Rows {
  readonly rows: number;
  readonly cols: number;
}

/** A dictionary on the device. */
export interface Dictionary {
  readonly d: number;
  readonly width: number;
  /** Codes that are kept a row. */
  readonly k: number;
  readonly activation: 'topk' | 'threshold';
  /** Its size on the device. */
  readonly bytes: number;
}

/** Result of `encode` for `rows` rows. */
export interface Codes {
  readonly ids: Rows; // [rows, k], u32
  readonly values: Rows; // [rows, k]
  /** [rows, STATS]: |h - h^|^2, |h - mu|^2, |h|^2, active latents, max h_i^2 / |h|^2. A row with NaN or infinity, in
   *  itself or in a pre-activation, has 0, 0, 0, -1, 0 and no codes. */
  readonly stats: Rows;
}

/** Columns of Codes.stats. */
export const STATS = 5;

/** The column of Codes.stats with the row's active latents, or -1 where `encode` refused the row. Its top-k writes it,
 *  and the error of its reconstruction reads it. */
export const ACTIVE = 3;

/** The column of Codes.stats with the largest channel's share of |h|^2; 0 of a row of zeros. */
export const PEAK = 4;

/** Rows of a matrix, or of codes, from row `from` on. The operation says how many. */
export interface Slice<T extends Rows | Codes = Rows> {
  readonly rows: T;
  readonly from: number;
}

export function slice<T extends Rows | Codes>(rows: T, from = 0): Slice<T> {
  return { rows, from };
}

/** The slice that begins `by` rows later. */
export function later<T extends Rows | Codes>({ rows, from }: Slice<T>, by: number): Slice<T> {
  return { rows, from: from + by };
}

/** One edit, ready for the device. */
export interface Slot {
  mode: 'add' | 'scale' | 'clamp' | 'ablate';
  feature: number; // ignored when `vector` is given
  strength: number; // 0 in clamp alone
  on: EditOn;
  /** Row of `vectors` to move along instead of the decoder row (mode 'add'); `relative` multiplies the strength by
   *  |h|. */
  vector?: number;
  relative?: boolean;
  /** Column of the flags that must be set; missing: none. */
  gate?: number;
}

/** A gate, ready for the device. */
export interface GateSlot extends Omit<Gate, 'layer'> {
  /** Its column of the flags. */
  column: number;
}

/** Gates at one site, over the tokens of sequences of one length. The tokens of a sequence are rows in their order, and
 *  the sequences lie one behind the other. */
export interface Gates {
  gates: GateSlot[];
  sequences: number;
  /** For each row, whether a turn begins there: gates that reach to the end of their turn close. */
  begins: boolean[];
  /** Each row of the residual before any edit. */
  h: Slice;
  /** The codes of each row before any edit. */
  codes: Slice<Codes>;
  /** [., columns], u32: where to write 1 for a gate that is open, else 0, one row a token. Other columns stay. */
  flags: Slice;
  /** Row of the flags that holds the first sequence's from before its first token; the other sequences' follow. It is
   *  a row that is written only where each sequence has one token, which then stands in its place. */
  before: number;
}

/** [rows, 4]: how many slots acted, |change|, |h| before, 0. A slot acted when its coefficient is not 0. */
export type Report = Rows;

/** One program for each of `programs.length` rows. */
export interface Programs {
  h: Slice;
  /** The slots of each row. */
  programs: Slot[][];
  /** The codes of each row before any edit. */
  codes: Slice<Codes>;
  /** The rows that Slot.vector indexes. */
  vectors: Rows | null;
  report: Slice<Report>;
  /** The flags of each row, whose columns Slot.gate names; missing where no slot has a gate. */
  flags?: Slice | null;
}

/** Moves a row of h along a random direction, by the |change| in another row's report. */
export interface MatchedMove {
  /** Counted from where `h` and `report` begin. */
  row: number;
  /** Row of the source report. If that acted 0 times, the moved row of h keeps every bit. */
  source: number;
  /** Row of `directions`. */
  direction: number;
}

export interface MatchedMoves {
  h: Slice;
  moves: MatchedMove[];
  /** Unit rows. */
  directions: Rows;
  source: Report;
  /** May lie in the buffer of `source` as long as no moved row is a source. */
  report: Slice<Report>;
}

export interface Compute {
  /** New rows, zero-filled or filled from `data` (length rows * cols). */
  rows(rows: number, cols: number, data?: Float32Array | Uint32Array): Rows;
  release(...rows: Rows[]): void;
  /** Copies `count` rows of `from` into `to`; equal cols. Both may be of one matrix if they do not overlap. */
  copy(from: Slice, to: Slice, count: number): void;
  /** Submits the queued work. The engine calls it before it hands a buffer to ONNX Runtime, which submits to the same
   *  queue. Nothing to do on wasm. */
  flush(): void;
  /** Reads all rows with one wait, each into an array of its own, in order. For u32 rows, view the result's buffer as
   *  Uint32Array. */
  read(list: Rows[]): Promise<Float32Array[]>;

  dictionary(weights: DictionaryWeights): Dictionary;
  /** Reads a kept dictionary, piece by piece: onto the GPU, or as float32 into memory. Other work may be queued
   *  meanwhile. Throws UnsupportedModelError if it is too large for the GPU; `uploadDictionaryParts` and
   *  `readDictionaryParts` list other errors. */
  dictionaryFromParts(parts: DictionaryParts, options?: PartsOptions): Promise<Dictionary>;
  releaseDictionary(dictionary: Dictionary): void;
  /** New codes for `count` rows; release with `releaseCodes`. */
  codes(dictionary: Dictionary, count: number): Codes;
  releaseCodes(codes: Codes): void;

  /** Codes, error and norms of `count` rows of h. p = h W_enc + b_enc. The latents of a top-k dictionary are the k largest
   *  p above 0; of a threshold dictionary all p above their thresholds, of which the k largest are kept, and the error is
   *  that of all. */
  encode(dictionary: Dictionary, h: Slice, count: number, out: Slice<Codes>): void;
  /** relu of one feature's bare pre-activation, whatever its threshold, for the first out.rows rows of h, into out
   *  [., 1]. */
  preactivation(dictionary: Dictionary, h: Rows, feature: number, out: Rows): void;
  /** The same, but 0 where it is not above its threshold: of a threshold dictionary the latent, kept or not. */
  aboveThreshold(dictionary: Dictionary, h: Rows, feature: number, out: Rows): void;
  /** W_dec[feature] as the dictionary's kernels read it, into the row of `out`, [d]. */
  decoderRow(dictionary: Dictionary, feature: number, out: Slice): void;
  /** Cosine of W_dec[feature] with each row of W_dec, into out [1, width]: 1 at the feature itself, up to rounding; 0
   *  where either row is all zeros. */
  similar(dictionary: Dictionary, feature: number, out: Rows): void;
  /** `count` codes as dense latents, [count, width]: those that are kept. */
  scatter(dictionary: Dictionary, codes: Slice<Codes>, count: number, out: Rows): void;

  /** Whether each gate is open at each token: it opens where its feature's latent, whether the codes had room for it or
   *  not, is above a bound in float32. Then it stays open at that token alone, or until its turn ends, or until the latent
   *  is at most another bound. */
  gate(dictionary: Dictionary, gates: Gates): void;
  /** Carry out each row's slots on h in place; all slots of a row see the same unedited row, and its latents whether the
   *  codes had room for them or not. A row without slots, or
   *  whose slots do not act, keeps every bit. A slot whose flag is 0 does not act. */
  edit(dictionary: Dictionary, programs: Programs): void;
  /** For each move: its row of h += |change of its source row| * its direction. Its row of `report` gets the source's
   *  acted, the |change|, and |h| before. If the source acted 0 times, h keeps every bit and the report has 0 acted, 0
   *  change. */
  match(moves: MatchedMoves): void;

  /** The n largest of each of the first `count` rows, descending, ties by lower column: ids [count, n] u32 and values
   *  [count, n]. n <= 1024. NaN is never chosen; -0 counts as 0; unused slots have id 0xFFFFFFFF and value 0. */
  topk(x: Rows, count: number, n: number, ids: Rows, values: Rows): void;
  /** Per row: log-sum-exp, and x[row, target[row]] (0 where target is 0xFFFFFFFF). out [count, 2]. -Infinity is a logit
   *  of probability 0. The log-sum-exp is NaN for a row that is not a distribution: it holds NaN or +Infinity, or only
   *  -Infinity. */
  logsumexp(x: Rows, count: number, targets: Uint32Array | null, out: Rows): void;
  /** KL(softmax p[pRow] || softmax q[qRow]) in nats over all columns, one row of out [pairs, 1] a pair. NaN if
   *  either row is not a distribution (see `logsumexp`); +Infinity if q is -Infinity at a column where p is not. */
  kl(p: Rows, q: Rows, pairs: { p: number; q: number }[], out: Rows): void;

  /** Dispatches queued since the last call; tests count with it. 0 on wasm. */
  takeDispatches(): number;
  destroy(): void;
}
