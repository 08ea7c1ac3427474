/** What a run of the bench gives: plain data, written as JSON by `run.mjs` and as a table by `report.ts`. */

export interface Line {
  name: string;
  /** Minimum over the race's rounds of one run, the GPU's work included. */
  ms: number;
  /** Dispatches of one run. */
  dispatches: number;
  /** Our kernels among them, in order. */
  kernels: string[];
  note: string;
}

export interface Goal {
  text: string;
  met: boolean;
  /** The figures, and by how much it falls short where it does. */
  figures: string;
}

/** Lines that were timed in turns, the first of them the measure of the others. */
export interface Race {
  title: string;
  rounds: number;
  /** Runs between two waits for the GPU. */
  repeat: number;
  lines: Line[];
  goals: Goal[];
}

export interface Results {
  /** `browser` or `Dawn for Node`, with its version. */
  host: string;
  adapter: string;
  software: boolean;
  runtime: string;
  /** What else the machine was doing, where the host can tell. */
  load: string;
  races: Race[];
  /** Races that were left out, and why. */
  left: string[];
  seconds: number;
}

export interface BenchOptions {
  /** 3 rounds, and nothing that takes minutes on a software adapter. */
  quick: boolean;
  /** On a software adapter too: everything, all rounds. */
  long: boolean;
  /** Decode steps of the model at this URL too; without one the kernels only. */
  model: string | null;
}
