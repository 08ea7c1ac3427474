import { StoreUnavailableError } from '../api/errors';
import type { Origin, SourceRequest, WeightFormat } from '../api/model';
import type { OpenOptions } from '../api/open';
import { isHubName } from '../exchange/model-name';
import type { QwenConfig } from '../folders/config';
import { fitsWasm } from '../sizes';
import { HUB } from '../sources/hub';
import type { OpenableRequest } from '../sources/open-source';
import { sameAddress } from '../store/answers';

/** What is asked for: a repository where the text is a name of the Hub, else the folder at that address. */
export function requestOf(
  model: string | SourceRequest,
  { revision, endpoint, token }: NonNullable<OpenOptions['hub']> = {},
): SourceRequest {
  if (typeof model !== 'string') return model;
  return isHubName(model) ? { hub: { repo: model, revision, endpoint, token } } : { url: model };
}

/** The same of a dictionary. Its repository has revisions of its own: none where none is said, and never the
 *  model's. */
export function dictionaryRequestOf(dictionary: string | SourceRequest, hub: OpenOptions['hub'] = {}): SourceRequest {
  return requestOf(dictionary, { ...hub, revision: hub.dictionaryRevision });
}

/** Where a kept entry came from, at the very commit; with a token that was given for that Hub, in `hub` or with what
 *  was `asked` for, and with none that was given for another. Throws StoreUnavailableError for a picked folder, which
 *  is not at hand any more. */
export function requestOfOrigin(origin: Origin, hub: OpenOptions['hub'], asked: SourceRequest): OpenableRequest {
  if (origin.kind === 'url') return { url: origin.url };
  if (origin.kind === 'picked')
    throw new StoreUnavailableError(`The folder ${origin.name} is not at hand. Choose it again.`, {
      folder: origin.name,
    });
  const { repo, revision, endpoint } = origin;
  const given = ['hub' in asked ? asked.hub : undefined, hub].find(
    (each) => each?.token && sameAddress(each.endpoint ?? HUB, endpoint),
  );
  return { hub: { repo, revision, endpoint, token: given?.token } };
}

/** `auto` by size: what can be held in memory twice is opened as it is stored. */
export function formatFor(format: OpenOptions['format'], config: QwenConfig): WeightFormat {
  if (format !== undefined && format !== 'auto') return format;
  return fitsWasm(config) ? 'f32' : 'q4';
}
