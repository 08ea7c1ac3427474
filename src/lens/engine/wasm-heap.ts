import { WASM_ADDRESSES, WASM_BESIDE } from '../sizes';

/** What one open model has of the heap, as `wasmWeights` counts it. */
interface Taken {
  inside: number;
  largest: number;
}

/** An account of ONNX Runtime's WebAssembly memory: all models that are open there share its addresses, whatever lens
 *  or verbalizer they belong to. Bytes. */
export class WasmHeap {
  private readonly models = new Set<Taken>();

  /** Enters a model; the result takes it out again. */
  take(model: Taken): () => void {
    const own = { ...model };
    this.models.add(own);
    return () => {
      this.models.delete(own);
    };
  }

  /** Weights and tables of all open models. */
  get inside(): number {
    return [...this.models].reduce((sum, { inside }) => sum + inside, 0);
  }

  /** What is left for a run. What the largest matrix took while it was packed is not counted on: it may be in pieces. */
  get room(): number {
    const packed = Math.max(0, ...[...this.models].map(({ largest }) => largest));
    return Math.max(0, WASM_ADDRESSES - WASM_BESIDE - this.inside - packed);
  }
}

/** That of this worker: it has one copy of ONNX Runtime. */
export const wasmHeap = new WasmHeap();
