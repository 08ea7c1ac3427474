import { StoreUnavailableError } from '../api/errors';
import { HUB, sameAddress } from '../api/identity';
import type { Origin, WeightFormat } from '../api/model';
import type { ModelRef, SourceRef } from '../api/request';
import type { QwenConfig } from '../folders/config';
import { fitsWasm } from '../sizes';

/** Where a kept entry came from, at the very commit; with the token of what was asked for where it was given for that
 *  Hub, and without one that was given for another. Throws StoreUnavailableError for a picked folder, which is not at
 *  hand any more. */
export function refOfOrigin(origin: Origin, asked: ModelRef): SourceRef {
  if (origin.kind === 'url') return origin;
  if (origin.kind === 'picked')
    throw new StoreUnavailableError(`The folder ${origin.name} is not at hand. Choose it again.`, {
      folder: origin.name,
    });
  const { repo, revision, endpoint } = origin;
  const trusted = 'token' in asked && sameAddress(asked.endpoint ?? HUB, endpoint);
  return { kind: 'hub', repo, revision, endpoint, token: trusted ? asked.token : undefined };
}

/** Without a format by size: what can be held in memory twice is opened as it is stored. */
export function formatFor(format: WeightFormat | undefined, config: QwenConfig): WeightFormat {
  return format ?? (fitsWasm(config) ? 'f32' : 'q4');
}
