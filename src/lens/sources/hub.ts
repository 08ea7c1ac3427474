import {
  AccessDeniedError,
  CorruptFileError,
  InvalidOptionError,
  LensError,
  MissingFileError,
  throwIfAborted,
} from '../api/errors';
import { HUB } from '../api/hub-address';
import type { HubSource, Origin } from '../api/model';
import { Connection } from './connection';
import { checkPath, noFile, sourceOf } from './reads';
import { refuse, remoteBytes } from './remote';
import { type ConnectionOptions, patiently } from './retry';
import type { Source, SourceFile } from './source';

/** Few attempts for the first requests: a mistyped name should fail soon. */
const FIRST_ATTEMPTS = 3;
const MOST_FILES = 10_000;
const MOST_REQUESTS = 1000;
const LARGEST_ANSWER = 16 << 20;

interface Listed extends SourceFile {
  /** git's name of the blob; null for a file in LFS, where git names only the pointer. */
  git: string | null;
}

/** A repository at one commit: it first resolves the revision, then reads everything at that commit. Throws
 *  AccessDeniedError, RateLimitedError, MissingFileError, CorruptFileError (the server does not answer as a Hub),
 *  InvalidOptionError (an impossible name). */
export async function hubSource(hub: HubSource, options: ConnectionOptions = {}): Promise<Source> {
  const place = checked(hub);
  const { endpoint, repo } = place;
  const api = apiFetch(place, { ...options, attempts: FIRST_ATTEMPTS });
  const { commit, licence } = await resolveRevision(place, api);
  const files = await listAll(place, commit, api);
  const origin: Origin = { kind: 'hub', endpoint, repo, revision: commit, asked: place.revision };

  const checksum = ({ path, sha256 }: SourceFile) => {
    if (sha256) return { kind: 'sha256', hex: sha256 } as const;
    const git = files.get(path)?.git;
    return git ? ({ kind: 'git', hex: git } as const) : null;
  };
  return sourceOf(
    {
      name: repo,
      origin,
      licence,
      async stat(path, { signal } = {}) {
        throwIfAborted(signal);
        const file = files.get(checkPath(path, repo));
        return file ? { path, size: file.size, sha256: file.sha256 } : null;
      },
      async *stream(path, begin, end, { signal } = {}) {
        throwIfAborted(signal);
        const file = files.get(checkPath(path, repo));
        if (!file) throw noFile(path, repo);
        const url = `${endpoint}/${repo}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
        const remote = {
          url,
          headers: authorization(place),
          size: file.size,
          refusal: (response: Response) => refusalOf(response, place, path),
        };
        yield* remoteBytes(remote, begin, end, { ...options, signal });
      },
      async list({ signal } = {}) {
        throwIfAborted(signal);
        return [...files.keys()];
      },
    },
    checksum,
  );
}

type Place = Required<Omit<HubSource, 'token'>> & { token: string | undefined };

function checked({ repo, revision = 'main', endpoint = HUB, token }: HubSource): Place {
  if (!/^[\w.-]+\/[\w.-]+$/.test(repo) || repo.includes('..') || repo.length > 200)
    throw new InvalidOptionError(`${JSON.stringify(repo)} is no name of a repository: Owner/name is asked for.`, {
      repo,
    });
  if (!/^[\w.-]+(\/[\w.-]+)*$/.test(revision) || revision.includes('..') || revision.length > 200)
    throw new InvalidOptionError(`${JSON.stringify(revision)} is no branch, tag or commit.`, { revision });
  let url: URL;
  try {
    url = new URL(endpoint);
  } catch {
    throw new InvalidOptionError(`${JSON.stringify(endpoint)} is no address of a Hub.`, { endpoint });
  }
  if (!/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new InvalidOptionError(
      `${url.protocol}//${url.host} cannot be a Hub's address: http or https, no password, no “?” and no “#”.`,
      { host: url.host },
    );
  if (token && /[^\u0021-\u007e]/.test(token))
    throw new InvalidOptionError('The token has a character that no token has. Copy it again.');
  if (token && url.protocol === 'http:' && !/^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname))
    throw new InvalidOptionError(
      `${url.host} is asked without encryption, and everybody on the way would read the token. Use https.`,
      { host: url.host },
    );
  return { repo, revision, endpoint: url.origin + url.pathname.replace(/\/+$/, ''), token: token || undefined };
}

/** Browsers and Node drop this header on a redirect to another origin (Fetch standard, "HTTP-redirect fetch"). */
function authorization({ token }: Place): Record<string, string> {
  return token ? { authorization: `Bearer ${token}` } : {};
}

async function resolveRevision(place: Place, api: typeof fetch): Promise<{ commit: string; licence: string | null }> {
  const { repo, revision, endpoint } = place;
  const { modelInfo } = await import('@huggingface/hub');
  const info = await understood(endpoint, () =>
    modelInfo({ name: repo, revision, hubUrl: endpoint, fetch: api, additionalFields: ['sha', 'cardData', 'tags'] }),
  );
  const commit: unknown = info.sha;
  if (
    typeof commit !== 'string' ||
    !/^[0-9a-f]{40}$/.test(commit) ||
    (/^[0-9a-f]{40}$/.test(revision) && commit !== revision)
  )
    throw new CorruptFileError(
      `${endpoint} names no commit for ${repo} at ${revision}. Check that it is a Hub's address.`,
      { endpoint, repo, revision },
    );
  return { commit, licence: licenceOf(info.cardData, info.tags) };
}

async function listAll(place: Place, commit: string, api: typeof fetch): Promise<Map<string, Listed>> {
  const { repo, endpoint } = place;
  const { listFiles } = await import('@huggingface/hub');
  return understood(endpoint, async () => {
    const files = new Map<string, Listed>();
    let entries = 0;
    for await (const { type, path, size, oid, lfs } of listFiles({
      repo,
      revision: commit,
      recursive: true,
      hubUrl: endpoint,
      fetch: api,
    })) {
      if (++entries > MOST_FILES)
        throw new CorruptFileError(`${repo} lists more than ${MOST_FILES} files. It is no model's repository.`, {
          repo,
        });
      if (type !== 'file' || !isPath(path, repo)) continue;
      const bytes: unknown = lfs?.size ?? size;
      if (!Number.isSafeInteger(bytes) || (bytes as number) < 0)
        throw new CorruptFileError(`${endpoint} says of ${path} in ${repo} that it has ${String(bytes)} bytes.`, {
          endpoint,
          repo,
          path,
        });
      const sha256 = hex(lfs?.oid, 64);
      files.set(path, { path, size: bytes as number, sha256, git: lfs ? null : hex(oid, 40) });
    }
    return files;
  });
}

function isPath(path: unknown, repo: string): boolean {
  if (typeof path !== 'string') return false;
  try {
    return checkPath(path, repo) === path;
  } catch {
    return false;
  }
}

function hex(text: unknown, digits: number): string | null {
  return typeof text === 'string' && text.length === digits && /^[0-9a-f]+$/.test(text) ? text : null;
}

/** For the licence `other`, the name beside it says more. */
function licenceOf(card: unknown, tags: unknown): string | null {
  const { license, license_name: named } = (typeof card === 'object' && card !== null ? card : {}) as Record<
    string,
    unknown
  >;
  const stated = [license].flat().filter((name) => typeof name === 'string' && name !== '');
  if (stated.length) return stated.includes('other') && typeof named === 'string' && named ? named : stated.join(', ');
  const tag = Array.isArray(tags)
    ? tags.find((each) => typeof each === 'string' && each.startsWith('license:'))
    : undefined;
  return tag === undefined ? null : tag.slice('license:'.length) || null;
}

/** An answer that the Hub's client fails on did not come from a Hub. */
async function understood<T>(endpoint: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof LensError) throw error;
    throw new CorruptFileError(`${endpoint} did not answer as a Hub does (${String(error)}). Check its address.`, {
      endpoint,
    });
  }
}

/** A `fetch` for the Hub's client: it adds the token, names failures, retries, and reads bodies whole. It asks the
 *  endpoint for further pages of a listing too, whatever host the answer names: a mirror may pass on the Hub's own
 *  links, and the token is for the endpoint alone. */
function apiFetch(place: Place, options: ConnectionOptions): typeof fetch {
  const { endpoint } = place;
  const folder = new URL(endpoint).pathname.replace(/\/$/, '');
  let requests = 0;
  return async (input) => {
    if (++requests > MOST_REQUESTS)
      throw new CorruptFileError(`${endpoint} lists ${place.repo} without an end. Check that it is a Hub's address.`, {
        endpoint,
      });
    const { pathname, search } = new URL(String(input));
    const path = pathname.startsWith(`${folder}/api/`)
      ? pathname.slice(folder.length)
      : pathname.slice(pathname.indexOf('/api/'));
    const url = endpoint + path + search;
    return patiently(url, options, async () => {
      const connection = await Connection.open(
        url,
        { headers: { accept: 'application/json', ...authorization(place) } },
        options,
      );
      try {
        const { response } = connection;
        refuse(response, { url, refusal: (refused) => refusalOf(refused, place, null) });
        const link = response.headers.get('link');
        return new Response(await body(connection, url), {
          headers: { 'content-type': 'application/json', ...(link ? { link } : {}) },
        });
      } finally {
        connection.close();
      }
    });
  };
}

async function body(connection: Connection, url: string): Promise<Blob> {
  const chunks: BlobPart[] = [];
  let size = 0;
  for (let chunk = await connection.next(); chunk; chunk = await connection.next()) {
    size += chunk.length;
    if (size > LARGEST_ANSWER)
      throw new CorruptFileError(
        `${url} answers with more than ${LARGEST_ANSWER} bytes. Check that it is a Hub's address.`,
        { url },
      );
    chunks.push(chunk as Uint8Array<ArrayBuffer>);
  }
  return new Blob(chunks);
}

/** The Hub answers 401 both for a missing and for a private repository; X-Error-Code tells more. */
function refusalOf(response: Response, place: Place, path: string | null): LensError | null {
  const { status } = response;
  const { endpoint, repo, revision, token } = place;
  const code = response.headers.get('x-error-code');
  const page = `${endpoint}/${repo}`;
  const fields = { endpoint, repo, page, status, code };
  if (status === 401 || status === 403) {
    if (code === 'GatedRepo')
      return new AccessDeniedError(
        token
          ? `${repo} is given only to those who accepted its conditions, and this token's account did not, or the token may not read it. Accept them on ${page}.`
          : `${repo} is given only to those who accept its conditions. Accept them on ${page}, then give a token of that account.`,
        fields,
      );
    if (token)
      return new AccessDeniedError(
        `${repo} refuses this token (${status}). Check the name and the token, and accept the conditions on ${page}, if it has some.`,
        fields,
      );
    return new AccessDeniedError(
      `${repo} is not public, or there is no such repository (${status}). Check the name; if it is right, accept its conditions on ${page} and give a token.`,
      fields,
    );
  }
  if (status !== 404 && status !== 410) return null;
  if (path !== null)
    return new MissingFileError(`There is no ${path} in ${repo} any more. Open it again.`, { ...fields, path });
  const what =
    code === 'RevisionNotFound'
      ? `${repo} has no revision ${revision}`
      : `${endpoint} has no repository ${repo}, or none with a revision ${revision}`;
  return new MissingFileError(`${what}. Check the name on ${endpoint}.`, fields);
}
