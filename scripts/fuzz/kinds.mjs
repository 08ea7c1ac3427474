import { FUZZ_CASES } from '../../src/lens/testing/fuzz-cases';
import { runFuzz } from '../../src/lens/testing/fuzz-run';

/** What fuzz.mjs takes from the library's tests. It imports TypeScript: it is loaded through Vite. */

export const KINDS = Object.keys(FUZZ_CASES);

/** Runs the inputs of the seeds [from, to): see `runFuzz`.
 *  @param {string} kind
 *  @param {number} from
 *  @param {number} to
 *  @param {(seed: number) => void} onSeed */
export const fuzz = (kind, from, to, onSeed) => runFuzz(kind, FUZZ_CASES[kind], from, to, onSeed);
