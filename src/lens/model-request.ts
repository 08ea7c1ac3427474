import type { QwenConfig } from './artifacts/config';
import type { OpenableRequest } from './artifacts/open-source';
import { parameters, WASM_PARAMETERS } from './engine/probe';
import { StoreUnavailableError } from './errors';
import { isHubName } from './model-name';
import type { OpenOptions, Origin, SourceRequest, WeightFormat } from './types';

/** What is asked for: a repository where the text is a name of the Hub, else the folder at that address. */
export function requestOf(model: string | SourceRequest, hub: OpenOptions['hub'] = {}, revision = hub.revision): SourceRequest {
  if (typeof model !== 'string') return model;
  if (!isHubName(model)) return { url: model };
  return { hub: { repo: model, revision, endpoint: hub.endpoint, token: hub.token } };
}

/** Where a kept entry came from, at the very commit. Throws StoreUnavailableError for a picked folder, which is not at hand any more. */
export function requestOfOrigin(origin: Origin, token?: string): OpenableRequest {
  if (origin.kind === 'url') return { url: origin.url };
  if (origin.kind === 'hub') return { hub: { repo: origin.repo, revision: origin.revision, endpoint: origin.endpoint, token } };
  throw new StoreUnavailableError(`The folder ${origin.name} is not at hand. Choose it again.`, { folder: origin.name });
}

/** `auto` by size: what can be held in memory twice is opened as it is stored. */
export function formatFor(format: OpenOptions['format'], config: QwenConfig): WeightFormat {
  if (format !== undefined && format !== 'auto') return format;
  return parameters(config) > WASM_PARAMETERS ? 'q4' : 'f32';
}
