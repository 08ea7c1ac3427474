import { LensError } from '../api/errors';

/** Turns a failure of the runtime into a LensError; for small and large models alike. */
export function buildFailure(error: unknown, what = 'The model could not be built'): LensError {
  return error instanceof LensError
    ? error
    : new LensError(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: String(error) });
}
