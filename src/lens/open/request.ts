import { StoreUnavailableError } from '../api/errors';
import { HUB } from '../api/hub-address';
import { sameAddress } from '../api/identity';
import type { Origin } from '../api/model';
import type { ModelRef, SourceRef } from '../api/request';

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
