import { StoreUnavailableError } from '../api/errors';
import { HUB } from '../api/hub-address';
import { sameAddress } from '../api/identity';
import type { Origin, WeightFormat } from '../api/model';
import type { ModelRef, SourceRef } from '../api/request';
import type { DecoderConfig } from '../folders/config';
import { fitsWasm, LARGE_FORMAT } from '../sizes';

/** Where to fetch a kept entry again, at the commit it was fetched at. Passes on the token of `asked` only if it was
 *  given for the same Hub. Throws StoreUnavailableError for a picked folder: the page no longer has access to it. */
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

/** The default format depends on size: f32 if the model fits into memory twice, else `LARGE_FORMAT`. */
export function formatFor(format: WeightFormat | undefined, config: DecoderConfig): WeightFormat {
  return format ?? (fitsWasm(config) ? 'f32' : LARGE_FORMAT);
}
