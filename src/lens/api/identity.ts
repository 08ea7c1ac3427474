/** Names of models: parses what callers write, compares it with the store's entries, and makes keys. Page, worker and
 *  store share these pure functions of plain data. */

import { InvalidOptionError } from './errors';
import { HUB, hubFolder, hubPage, isHubName, modelRepository } from './hub-address';
import type { HubSource, KeptEntry, PickedFolder, SourceRequest } from './model';
import type { OpenOptions } from './open';
import { plainFolder } from './plain-folder';
import type { ModelRef, OpenRequest, SourceRef } from './request';

/** The arguments of the package's `openLens` as a request. A dictionary's repository has its own revision and never
 *  takes the model's. */
export function requestOf(model: string | SourceRequest, options: OpenOptions): OpenRequest {
  const { dictionary, sites, format, dictionaryFormat, provider, k, folders, verbalizer, hub = {} } = options;
  const { endpoint, token, revision, dictionaryRevision } = hub;
  if (typeof model === 'string' && hubPage(model)) modelRepository(model);
  return {
    model: parseModel(model, { endpoint, token, revision }),
    dictionary:
      dictionary === undefined ? undefined : parseModel(dictionary, { endpoint, token, revision: dictionaryRevision }),
    verbalizer:
      verbalizer === undefined ? undefined : [verbalizer].flat().map((each) => sourceRef(each, { endpoint, token })),
    sites,
    format: format === 'auto' ? undefined : format,
    dictionaryFormat,
    provider,
    k,
    folders: folders ?? (typeof dictionary === 'string' && hubPage(dictionary) ? foldersIn(dictionary) : undefined),
  };
}

/** Reads a text as a repository of the Hub if it names one or is the address of its page, else as the address of a
 *  folder. `hub` applies to a repository that a text names, before the revision in its address; its endpoint and token
 *  also apply to a kept entry. */
function parseModel(source: string | SourceRequest, hub: Omit<HubSource, 'repo'> = {}): ModelRef {
  if (typeof source === 'string') {
    const text = source.trim();
    const found = hubPage(text) ?? (isHubName(text) ? { repo: text } : null);
    if (!found) return { kind: 'url', url: text };
    return { kind: 'hub', ...hub, ...found, revision: hub.revision ?? found.revision };
  }
  if ('hub' in source) return { ...source.hub, kind: 'hub' };
  if ('picked' in source) return { kind: 'picked', folder: source.picked };
  if ('kept' in source) return { kind: 'kept', key: source.kept, endpoint: hub.endpoint, token: hub.token };
  return { kind: 'url', url: source.url };
}

/** The folder that the address of a dictionary's page shows, as `OpenRequest.folders`, where the address is read as a
 *  repository: another one names its folder itself. */
export function foldersIn(address: string): string[] | undefined {
  const folder = hubFolder(address);
  return folder === null ? undefined : [folder];
}

/** Of a pair, which the store does not keep. */
function sourceRef(source: string | SourceRequest, hub: Omit<HubSource, 'repo'>): SourceRef {
  const ref = parseModel(source, hub);
  if (ref.kind === 'kept')
    throw new InvalidOptionError('A verbalizer is not kept in this browser: name the folders that it comes from.');
  return ref;
}

/** Whether an entry of the store has the requested name. A request for a branch accepts the commit to which the branch
 *  pointed when the entry was kept. */
export function matches({ key, origin }: Pick<KeptEntry, 'key' | 'origin'>, ref: ModelRef): boolean {
  if (ref.kind === 'kept') return key === ref.key;
  if (ref.kind === 'url') return origin.kind === 'url' && sameAddress(origin.url, ref.url);
  // A picked folder with files at hand may be another folder of the same name; only installing it can tell. Without
  // files we know only the name.
  if (ref.kind === 'picked')
    return origin.kind === 'picked' && origin.name === ref.folder.name && ref.folder.files.length === 0;
  const { repo, revision = 'main', endpoint = HUB } = ref;
  return (
    origin.kind === 'hub' &&
    origin.repo === repo &&
    sameAddress(origin.endpoint, endpoint) &&
    (origin.asked === revision || origin.revision === revision.toLowerCase())
  );
}

/** Compares two addresses in their absolute form, without slashes at the end. */
export function sameAddress(a: string, b: string): boolean {
  return absolute(a) === absolute(b);
}

function absolute(address: string): string {
  const base = globalThis.location?.href;
  const url = URL.canParse(address, base) ? new URL(address, base).href : address;
  return url.replace(/\/+$/, '');
}

/** A stable id for a model's files, which browsers store as the key of the reader's consent. It leaves out the token and
 *  the storage format. */
export function identityOf({ model, dictionary, folders, verbalizer = [] }: OpenRequest): string {
  const beside = (ref: ModelRef) =>
    ref.kind === 'hub' && ref.endpoint === endpointOf(model) ? atRevision(ref) : keyOf(ref);
  return [
    keyOf(model),
    ...(dictionary ? [`+ ${beside(dictionary)}`] : []),
    // Ids of features do not carry over between two dictionaries of one source.
    ...(folders ? [`in ${writtenFolders(folders)}`] : []),
    ...verbalizer.map((half) => `& ${beside(half)}`),
  ].join(' ');
}

/** Each once and in one spelling: their order says nothing. */
const writtenFolders = (folders: readonly string[]): string =>
  [...new Set(folders.map((folder) => plainFolder(folder) || '.'))].sort().join(', ');

/** The Hub of a request's model, which is also the default for its dictionary; undefined means HUB. */
export const endpointOf = (model: ModelRef): string | undefined => (model.kind === 'hub' ? model.endpoint : undefined);

function keyOf(ref: ModelRef): string {
  if (ref.kind === 'hub') return `hub:${ref.endpoint === undefined ? '' : `${ref.endpoint} `}${atRevision(ref)}`;
  if (ref.kind === 'picked') return pickedAs(ref.folder);
  return ref.kind === 'kept' ? `kept:${ref.key}` : ref.url;
}

const atRevision = ({ repo, revision }: HubSource): string => (revision === undefined ? repo : `${repo}@${revision}`);

/** A key of the folder's name, number of files and bytes, since two folders may share a name. */
const pickedAs = ({ name, files }: PickedFolder): string =>
  `picked:${name} ${files.length} ${files.reduce((sum, { file }) => sum + file.size, 0)}`;

/** The first host other than this page's own that a first opening, or the first use of the pair, fetches from; null if it fetches from no other. */
export function foreignHost({ model, dictionary, verbalizer = [] }: OpenRequest, page: string): string | null {
  const own = new URL(page).origin;
  for (const ref of [model, dictionary, ...verbalizer]) {
    const address = ref?.kind === 'hub' ? (ref.endpoint ?? HUB) : ref?.kind === 'url' ? ref.url : page;
    const { origin, host } = new URL(address, page);
    if (origin !== own) return host;
  }
  return null;
}
