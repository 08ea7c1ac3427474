import { LensError } from '../api/errors';

/** What a small and a large model share while they are opened: a failure of the runtime's own becomes one of ours. */
export function buildFailure(error: unknown, what = 'The model could not be built'): LensError {
  return error instanceof LensError
    ? error
    : new LensError(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: String(error) });
}
