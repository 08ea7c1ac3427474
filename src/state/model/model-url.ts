import { InvalidOptionError } from '../../lens/api/errors';
import { HUB, type HubAddress, hubAddress, hubPage, modelRepository, writtenAddress } from '../../lens/api/hub-address';
import { endpointOf, foldersIn } from '../../lens/api/identity';
import type { Provider } from '../../lens/api/open';
import type { ModelRef, OpenRequest } from '../../lens/api/request';
import { folderName } from '../../lens/exchange/model-name';

export type ProviderChoice = 'auto' | Provider;

export const DEFAULT_MODEL = 'models/lenslet-mini/';

/** The folder at an address, as it is. */
export const atAddress = (url: string): OpenRequest => ({ model: { kind: 'url', url } });

/** The folder that `?model=` names, relative to the page; always ends in a slash. Throws InvalidOptionError for what is
 *  no http(s) address. */
export function modelUrl(parameter: string | null, page: string): string {
  const url = URL.parse(parameter?.trim() || DEFAULT_MODEL, page);
  if (!url) {
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
  return url.href;
}

/** The model that lies beside the page. */
export const ownModel = (page: string): OpenRequest => atAddress(modelUrl(null, page));

/** `?provider=`, `auto` for anything unknown. */
export function providerOf(parameter: string | null): ProviderChoice {
  return parameter === 'webgpu' || parameter === 'wasm' ? parameter : 'auto';
}

/** Reads an address's query: `?hub=Owner/name` or `?model=FOLDER`, with `dictionary` (a repository, or `./folder/`
 *  beside the page), `verbalizer`, `layer`, `format`, `revision`, `endpoint`, `folder`, `k`. Null if it names no model.
 *  Anybody may have written the link: throws InvalidOptionError, which names the part that cannot be read. */
export function fromQuery(query: URLSearchParams, page: string): OpenRequest | null {
  const text = (key: string) => query.get(key)?.trim() || undefined;
  const [hub, model, dictionary, verbalizer, layer] = ['hub', 'model', 'dictionary', 'verbalizer', 'layer'].map(text);
  if (!hub && !model) return null;
  if (layer && !/^\d{1,3}$/.test(layer)) throw refused('layer', layer, 'the number of a layer, such as 14');
  // A dictionary is on the model's Hub.
  const endpoint = hub ? parseEndpoint(text('endpoint')) : undefined;
  const repository = (key: string, typed: string, revision: string): ModelRef => {
    const at = parseRepo(key, typed);
    return {
      kind: 'hub',
      repo: at.repo,
      revision: parseRevision(revision, text(revision)) ?? at.revision,
      endpoint: endpoint ?? at.endpoint,
    };
  };
  const ofHub = hub ?? (hubPage(model!) ? model : undefined);
  return {
    model: ofHub ? repository('hub', ofHub, 'revision') : { kind: 'url', url: modelUrl(model!, page) },
    dictionary: dictionary
      ? (besideFrom(dictionary, page) ?? repository('dictionary', dictionary, 'dictionary-revision'))
      : undefined,
    verbalizer: verbalizer
      ?.split(',')
      .map((half) => ({ kind: 'hub' as const, endpoint, ...parseRepo('verbalizer', half) })),
    sites: layer ? [Number(layer)] : undefined,
    format: oneOf(query, 'format', ['auto', 'f32', 'f16', 'q8', 'q4'] as const),
    dictionaryFormat: oneOf(query, 'dictionary-format', ['f16', 'int8'] as const),
    folders: parseFolders(query.getAll('folder')) ?? foldersIn(dictionary ?? ''),
    k: parseK(text('k')),
  };
}

/** A folder beside the page, as a link names it, `./folder/`; null for what names none. Throws InvalidOptionError where
 *  it leads out of the page's own folder. */
function besideFrom(text: string, page: string): ModelRef | null {
  if (!text.startsWith('./')) return null;
  const url = modelUrl(text, page);
  if (!besideOf(url, page)) throw refused('dictionary', text, 'a folder beside the page');
  return { kind: 'url', url };
}

/** The address of a folder beside the page as a link names it, so that the link leads to that of any page;
 *  undefined for other addresses. */
function besideOf(url: string, page: string): string | undefined {
  const own = new URL('.', page).href;
  return url.startsWith(own) ? `./${url.slice(own.length)}` : undefined;
}

/** How many folders of dictionaries a link names, and how long the name of one may be. */
const MOST_FOLDERS = 8;
const LONGEST_FOLDER = 300;

/** `.` is the source's own folder. */
function parseFolders(asked: readonly string[]): string[] | undefined {
  if (asked.length === 0) return undefined;
  const bad = asked.find((folder, i) => i >= MOST_FOLDERS || !isFolder(folder));
  if (bad !== undefined)
    throw refused('folder', bad, `one of at most ${MOST_FOLDERS} folders of a dictionary's source`);
  return asked.map((folder) => (folder === '.' ? '' : folder));
}

const isFolder = (path: string): boolean =>
  path === '.' ||
  (path.length <= LONGEST_FOLDER &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no path has them
    !/[\\\u0000-\u001f\u007f?#]/.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'));

function parseK(text: string | undefined): number | undefined {
  if (text && !/^[1-9]\d{0,5}$/.test(text)) throw refused('k', text, 'a whole number of features, such as 50');
  return text ? Number(text) : undefined;
}

const refused = (key: string, value: string, wanted: string) =>
  new InvalidOptionError(
    `This link asks for ${key} “${value.slice(0, 80)}”, which is not ${wanted}. Correct it, or remove ?${key}= from the address.`,
  );

/** The word asked for; undefined if it is missing or is the first one, which is the default. */
function oneOf<T extends string, U extends string>(
  query: URLSearchParams,
  key: string,
  known: readonly [U, ...T[]],
): T | undefined {
  const asked = query.get(key);
  if (!asked || asked === known[0]) return undefined;
  const found = known.slice(1).find((one) => one === asked);
  if (!found) throw refused(key, asked, known.join(', '));
  return found as T;
}

/** `Owner/name` or the address of its page, else InvalidOptionError; `key` is where it was written. */
function parseRepo(key: string, text: string): HubAddress {
  try {
    return key === 'hub' ? modelRepository(text) : hubAddress(text);
  } catch {
    throw refused(key, text, 'the name of a repository, such as Qwen/Qwen3-1.7B-Base');
  }
}

function parseRevision(key: string, text: string | undefined): string | undefined {
  if (text && (!/^\w[\w./-]{0,127}$/.test(text) || text.includes('..')))
    throw refused(key, text, 'a branch, a tag or a commit');
  return text;
}

/** A mirror's address without the slash at its end; undefined for the Hub itself. */
export function parseEndpoint(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash)
    throw new InvalidOptionError(
      `“${text.slice(0, 80)}” is not the address of a mirror. Enter one that begins with https://.`,
    );
  const bare = url.href.replace(/\/+$/, '');
  return bare === HUB ? undefined : bare;
}

/** The query that asks for the request again: with `?` in front, empty for the model beside the page, null if no
 *  address can name it. No link holds the files of a picked folder. */
export function toQuery(request: OpenRequest, page: string, provider: ProviderChoice = 'auto'): string | null {
  const { model, dictionary, verbalizer, sites, format, dictionaryFormat, folders = [], k } = request;
  if (model.kind === 'picked' || model.kind === 'kept') return null;
  const elsewhere = (ref: ModelRef) => ref.kind !== 'hub' || ref.endpoint !== endpointOf(model);
  const beside = dictionary?.kind === 'url' ? besideOf(dictionary.url, page) : undefined;
  if (dictionary && !beside && elsewhere(dictionary)) return null;
  if (verbalizer?.some(elsewhere)) return null;
  if (folders.length > MOST_FOLDERS || !folders.every((folder) => folder === '' || isFolder(folder))) return null;
  const own = model.kind === 'url' && model.url === modelUrl(null, page);
  // What is asked of the model beside the page needs its name.
  const named = folders.length > 0 || k !== undefined ? DEFAULT_MODEL : undefined;
  const query = {
    ...(model.kind === 'hub'
      ? { hub: model.repo, revision: model.revision, endpoint: model.endpoint }
      : { model: own ? named : model.url }),
    dictionary: dictionary?.kind === 'hub' ? dictionary.repo : beside,
    'dictionary-revision': dictionary?.kind === 'hub' ? dictionary.revision : undefined,
    verbalizer: verbalizer?.map((half) => (half.kind === 'hub' ? writtenAddress(half) : '')).join(),
    layer: sites?.[0]?.toString(),
    format,
    'dictionary-format': dictionaryFormat === 'f16' ? undefined : dictionaryFormat,
    k: k?.toString(),
    folder: folders.map((folder) => folder || '.'),
    provider: provider === 'auto' ? undefined : provider,
  };
  const told = Object.entries(query).flatMap(([key, value = []]) =>
    [value].flat().map((one) => `${key}=${encodeURIComponent(one).replaceAll(/%2F|%3A|%2C|%40/g, decodeURIComponent)}`),
  );
  return told.length ? `?${told.join('&')}` : '';
}

/** The model's name as it is shown. */
export function requestName({ model }: OpenRequest): string {
  if (model.kind === 'hub') return model.repo.split('/')[1]!;
  if (model.kind === 'picked') return model.folder.name;
  return model.kind === 'kept' ? (model.name ?? model.key) : folderName(model.url);
}
