import type { Codes, Compute, Dictionary, Rows } from '../kernels/compute';

/** Device rows that live and die together. */
export class Scope {
  private readonly owned: Rows[] = [];

  constructor(readonly compute: Compute) {}

  /** As Compute.rows, released with the scope. */
  rows(rows: number, cols: number, data?: Float32Array | Uint32Array): Rows {
    const made = this.compute.rows(rows, cols, data);
    this.owned.push(made);
    return made;
  }

  codes(dictionary: Dictionary, count: number): Codes {
    const made = this.compute.codes(dictionary, count);
    this.owned.push(made.ids, made.values, made.stats);
    return made;
  }

  release(): void {
    this.compute.release(...this.owned.splice(0));
  }
}

/** Runs a task with rows that are released when it ends, however it ends. */
export async function withScope<T>(compute: Compute, task: (scope: Scope) => Promise<T>): Promise<T> {
  const scope = new Scope(compute);
  try {
    return await task(scope);
  } finally {
    scope.release();
  }
}
