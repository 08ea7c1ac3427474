import { InvalidOptionError } from '../../lens/api/errors';
import type { DictionaryFormat, PickedFolder, SourceRequest, WeightFormat } from '../../lens/api/model';
import type { OpenOptions } from '../../lens/api/open';
import { folderName, isHubName } from '../../lens/exchange/model-name';

export { folderName } from '../../lens/exchange/model-name';

export const DEFAULT_MODEL = 'models/lenslet-mini/';
export const HUB = 'https://huggingface.co';

/** What of a model is opened, and how it is kept. */
export interface Choice {
  /** Where the dictionaries are: `Owner/name` of the same Hub, a picked folder, or null: in the model's own folder. */
  dictionary: string | { picked: PickedFolder } | null;
  dictionaryRevision: string | null;
  /** Null: the middle one that there is. */
  layer: number | null;
  format: 'auto' | WeightFormat;
  dictionaryFormat: DictionaryFormat;
}

/** What the page is asked to open. */
export type ModelRequest = Choice &
  (
    | { kind: 'address'; url: string }
    /** `token` lasts as long as the page: no text that is made of a request has it. */
    | { kind: 'hub'; repo: string; revision: string | null; endpoint: string | null; token?: string }
    | { kind: 'picked'; folder: PickedFolder }
    /** What this browser's store has under a key, where nothing else names it: a folder that was picked once. */
    | { kind: 'kept'; key: string; name: string }
  );

export const noChoice: Choice = {
  dictionary: null,
  dictionaryRevision: null,
  layer: null,
  format: 'auto',
  dictionaryFormat: 'f16',
};

/** The folder at an address, as it is. */
export const atAddress = (url: string): ModelRequest & { kind: 'address' } => ({ ...noChoice, kind: 'address', url });

/** The folder that `?model=` names, relative to the page; always ends in a slash. Throws InvalidOptionError for what is
 *  no http(s) address. `foreign` is true where opening it would fetch from another origin: the page asks first. */
export function modelUrl(parameter: string | null, page: string): { url: string; foreign: boolean } {
  let url: URL;
  try {
    url = new URL(parameter?.trim() || DEFAULT_MODEL, page);
  } catch {
    throw new InvalidOptionError(
      'The model address in this link is not a URL. Remove ?model= from the address, or give a folder.',
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new InvalidOptionError(
      `A model folder is opened over http or https, not ${url.protocol} Remove ?model= from the address, or give a folder.`,
    );
  }
  url.search = '';
  url.hash = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return { url: url.href, foreign: url.origin !== new URL(page).origin };
}

/** `?provider=`, `auto` for anything unknown. */
export function providerOf(parameter: string | null): 'auto' | 'webgpu' | 'wasm' {
  return parameter === 'webgpu' || parameter === 'wasm' ? parameter : 'auto';
}

/** What an address asks for: `?hub=Owner/name` or `?model=FOLDER`, with `dictionary`, `layer`, `format`, `revision`,
 *  `endpoint`. Null where it names no model. Whoever wrote the link may have written anything: InvalidOptionError says
 *  which part is none. */
export function requestOf(query: URLSearchParams, page: string): ModelRequest | null {
  const hub = query.get('hub')?.trim();
  const model = query.get('model')?.trim();
  if (!hub && !model) return null;
  const choice = choiceOf(query);
  if (!hub) return { ...choice, kind: 'address', url: modelUrl(model!, page).url };
  return {
    ...choice,
    kind: 'hub',
    repo: repoOf('hub', hub),
    revision: revisionOf(query, 'revision'),
    endpoint: endpointOf(query.get('endpoint')),
  };
}

function choiceOf(query: URLSearchParams): Choice {
  const dictionary = query.get('dictionary')?.trim();
  const layer = query.get('layer')?.trim() || null;
  if (layer !== null && !/^\d{1,3}$/.test(layer)) throw refused('layer', layer, 'the number of a layer, such as 14');
  return {
    dictionary: dictionary ? repoOf('dictionary', dictionary) : null,
    dictionaryRevision: revisionOf(query, 'dictionary-revision'),
    layer: layer === null ? null : Number(layer),
    format: oneOf(query, 'format', ['auto', 'f32', 'f16', 'q8', 'q4'] as const),
    dictionaryFormat: oneOf(query, 'dictionary-format', ['f16', 'int8'] as const),
  };
}

const refused = (key: string, value: string, wanted: string) =>
  new InvalidOptionError(`?${key}=${value.slice(0, 80)} in this address is not ${wanted}. Correct it, or remove it.`);

function oneOf<T extends string>(query: URLSearchParams, key: string, known: readonly [T, ...T[]]): T {
  const asked = query.get(key);
  if (!asked) return known[0];
  const found = known.find((one) => one === asked);
  if (!found) throw refused(key, asked, known.join(', '));
  return found;
}

/** `Owner/name`, or InvalidOptionError; `key` is where it was written. */
export function repoOf(key: string, text: string): string {
  if (!isHubName(text)) throw refused(key, text, 'the name of a repository, such as Qwen/Qwen3-1.7B-Base');
  return text;
}

function revisionOf(query: URLSearchParams, key: string): string | null {
  const text = query.get(key)?.trim();
  if (!text) return null;
  if (!/^\w[\w./-]{0,127}$/.test(text) || text.includes('..')) throw refused(key, text, 'a branch, a tag or a commit');
  return text;
}

/** A mirror's address without the slash at its end; null for the Hub itself. */
export function endpointOf(text: string | null): string | null {
  if (!text?.trim()) return null;
  const url = URL.parse(text.trim());
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash)
    throw refused('endpoint', text, 'an http or https address');
  const bare = url.href.replace(/\/+$/, '');
  return bare === HUB ? null : bare;
}

/** The same text for the same files: what is known of one does not count for another. Without a token, and without how
 *  it is kept. */
export function identityOf(request: ModelRequest): string {
  const { dictionary, dictionaryRevision } = request;
  const at = (revision: string | null) => (revision === null ? '' : `@${revision}`);
  let bare: string;
  if (request.kind === 'hub')
    bare = `hub:${request.endpoint === null ? '' : `${request.endpoint} `}${request.repo}${at(request.revision)}`;
  else if (request.kind === 'picked') bare = pickedAs(request.folder);
  else bare = request.kind === 'kept' ? `kept:${request.key}` : request.url;
  if (dictionary === null) return bare;
  return `${bare} + ${typeof dictionary === 'string' ? dictionary : pickedAs(dictionary.picked)}${at(dictionaryRevision)}`;
}

/** By name, and by how much there is in it: two folders of one name are two models. */
const pickedAs = ({ name, files }: PickedFolder): string =>
  `picked:${name} ${files.length} ${files.reduce((sum, { file }) => sum + file.size, 0)}`;

/** The query that asks for it again, with `?` in front or empty for the model beside the page; null where no address
 *  can: a picked folder's files are in no link. */
export function queryOf(
  request: ModelRequest,
  page: string,
  provider: 'auto' | 'webgpu' | 'wasm' = 'auto',
): string | null {
  if (
    request.kind === 'picked' ||
    request.kind === 'kept' ||
    (request.dictionary !== null && typeof request.dictionary !== 'string')
  )
    return null;
  const query: [string, string | number | null][] =
    request.kind === 'hub'
      ? [
          ['hub', request.repo],
          ['revision', request.revision],
          ['endpoint', request.endpoint],
        ]
      : [['model', request.url === modelUrl(null, page).url ? null : request.url]];
  query.push(
    ['dictionary', request.dictionary],
    ['dictionary-revision', request.dictionaryRevision],
    ['layer', request.layer],
  );
  query.push(
    ['format', request.format === 'auto' ? null : request.format],
    ['dictionary-format', request.dictionaryFormat === 'f16' ? null : 'int8'],
  );
  query.push(['provider', provider === 'auto' ? null : provider]);
  const told = query
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key}=${encodeURIComponent(value!).replaceAll('%2F', '/').replaceAll('%3A', ':')}`);
  return told.length ? `?${told.join('&')}` : '';
}

/** What `openLens` is called with. */
export function openArguments(request: ModelRequest): { model: string | SourceRequest; options: OpenOptions } {
  const { dictionary, dictionaryRevision, layer, format, dictionaryFormat } = request;
  const hub: OpenOptions['hub'] = {};
  if (dictionaryRevision !== null) hub.dictionaryRevision = dictionaryRevision;
  if (request.kind === 'hub') {
    if (request.revision !== null) hub.revision = request.revision;
    if (request.endpoint !== null) hub.endpoint = request.endpoint;
    if (request.token) hub.token = request.token;
  }
  const options: OpenOptions = {};
  if (dictionary !== null) options.dictionary = dictionary;
  if (layer !== null) options.sites = [layer];
  if (format !== 'auto') options.format = format;
  if (dictionaryFormat !== 'f16') options.dictionaryFormat = dictionaryFormat;
  if (Object.keys(hub).length) options.hub = hub;
  return { model: sourceOf(request), options };
}

function sourceOf(request: ModelRequest): string | SourceRequest {
  if (request.kind === 'hub') return request.repo;
  if (request.kind === 'picked') return { picked: request.folder };
  return request.kind === 'kept' ? { kept: request.key } : request.url;
}

/** The host that opening it for the first time fetches from, where that is not this page's own; null where none is
 *  asked. */
export function foreignHost(request: ModelRequest, page: string): string | null {
  const own = new URL(page).origin;
  const asked = request.kind === 'hub' ? (request.endpoint ?? HUB) : request.kind === 'address' ? request.url : null;
  const hosts = [asked, typeof request.dictionary === 'string' && request.kind !== 'hub' ? HUB : null];
  const other = hosts.find((address) => address !== null && new URL(address, page).origin !== own);
  return other ? new URL(other).host : null;
}

/** The model's name as it is shown. */
export function requestName(request: ModelRequest): string {
  if (request.kind === 'hub') return request.repo.split('/')[1]!;
  if (request.kind === 'picked') return request.folder.name;
  return request.kind === 'kept' ? request.name : folderName(request.url);
}
