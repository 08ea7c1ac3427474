import { DeviceLostError, EngineCrashedError, type ErrorData, errorToData } from '../../lens/api/errors';

/** A failure, for the region in which it happened; null for a lost device, which the page reports once for all
 *  regions. */
export function regionError(error: unknown): ErrorData | null {
  return isLoss(error) ? null : errorToData(error);
}

/** The engine is gone, whatever was asked of it. */
export const isLoss = (error: unknown): error is DeviceLostError | EngineCrashedError =>
  error instanceof DeviceLostError || error instanceof EngineCrashedError;
