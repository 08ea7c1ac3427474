// A look-alike of the Hugging Face Hub over a local folder ROOT/Owner/name/…: its addresses, redirects, ranges and CORS
// headers, and faults on demand. node tools/hub/server.mjs --root DIR [--port N] [--cdn-port N]

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Faults } from './faults.mjs';
import { fileBytes, Repos } from './repos.mjs';

const EXPOSED =
  'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-Hash';
/** @type {Record<string, string>} */
const TYPES = { json: 'application/json', txt: 'text/plain; charset=utf-8', md: 'text/plain; charset=utf-8' };
const LOGIN = '<!doctype html><title>Log in to this network</title>';

/** @import { IncomingMessage, Server, ServerResponse } from 'node:http'
 *  @import { Fault, Fields } from './faults.mjs'
 *  @import { Entry, Files } from './repos.mjs'
 *
 *  @typedef {{ method: string, path: string, range: string | null, authorized: boolean, status: number, sent: number,
 *    seconds?: number }} Logged `status` and `sent` (bytes that went to the client, headers included) are 0 while it is
 *    being answered; `seconds`: from the request to the last byte, or to where the connection ended.
 *  @typedef {Awaited<ReturnType<typeof startHub>>} LookAlike
 *
 *  @typedef {{ gated: string[], hidden: string[], tokens: string[], page: number, url: string, cdn: string }} Settings
 *  @typedef {{ repos: Repos, faults: Faults, log: Logged[], links: Map<string, { repo: string, entry: Entry }> }} Held
 *    `links`: what a signed address of the CDN stands for.
 *  @typedef {{ request: IncomingMessage, response: ServerResponse, url: URL }} Asked
 *  @typedef {Asked & { state: Settings & Held, path: string }} Exchange `path`: as faults name it. */

/** Serves until `close()`. `root` holds Owner/name/…; `cdnPort`: large files from a server of their own, 0 for any
 *  port; without it from the same one. `gated`: repositories that want one of `tokens`; `private`: those that without
 *  one are not there at all. `page`: files a page of a listing.
 *  @param {{ root: string, port?: number, cdnPort?: number, gated?: string[], private?: string[], tokens?: string[],
 *    page?: number }} options */
export async function startHub({
  root,
  port = 0,
  cdnPort,
  gated = [],
  private: hidden = [],
  tokens = [],
  page = 1000,
}) {
  const repos = new Repos(root);
  const faults = new Faults();
  const log = /** @type {Logged[]} */ ([]);
  const state = { repos, faults, log, links: new Map(), gated, hidden, tokens, page, url: '', cdn: '' };

  const hub = await listen(state, port);
  const cdn = cdnPort === undefined ? hub : await listen(state, cdnPort);
  state.url = addressOf(hub);
  state.cdn = addressOf(cdn);
  return {
    url: state.url,
    cdn: state.cdn,
    log,
    fault: (/** @type {Fault[]} */ ...list) => {
      for (const fault of list) faults.add(fault);
    },
    clearFaults: () => faults.clear(),
    /** Moves a branch of a repository to what a folder holds now; resolves to the commit. Older commits are served as
     *  before. */
    publish: (/** @type {string} */ repo, /** @type {string} */ directory, branch = 'main') =>
      repos.publish(repo, directory, branch),
    /** Takes the hashes of a repository's files, so that its first listing does not wait for them. */
    async prepare(/** @type {string} */ repo) {
      const found = await repos.at(repo, 'main');
      for (const entry of found?.files?.values() ?? []) await repos.oid(entry);
    },
    async close() {
      for (const server of new Set([hub, cdn])) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

async function listen(/** @type {Exchange['state']} */ state, /** @type {number} */ port) {
  const server = createServer((request, response) => {
    route(state, request, response).catch((error) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(String(error));
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const addressOf = (/** @type {Server} */ server) =>
  `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;

/** @param {Exchange['state']} state
 *  @param {IncomingMessage} request
 *  @param {ServerResponse} response */
async function route(state, request, response) {
  const url = new URL(request.url ?? '', state.url);
  const link = url.pathname.startsWith('/cdn/') ? (state.links.get(url.search) ?? null) : null;
  const path = link ? `/cdn/${link.repo}/${link.entry.path}` : decodeURIComponent(url.pathname);
  const exchange = { state, request, response, url, path };
  if (path === '/_fault' || path === '/_log') return control(exchange);

  const cdn = url.pathname.startsWith('/cdn/');
  response.setHeader('access-control-allow-origin', cdn ? '*' : (request.headers.origin ?? 'https://huggingface.co'));
  response.setHeader('access-control-expose-headers', cdn ? 'Accept-Ranges,Content-Range,ETag' : EXPOSED);
  if (!cdn) response.setHeader('vary', 'Origin');
  /** @type {Logged} */
  const entry = {
    method: request.method ?? '',
    path,
    range: request.headers.range ?? null,
    authorized: request.headers.authorization !== undefined,
    status: 0,
    sent: 0,
  };
  const began = performance.now();
  const before = request.socket.bytesWritten;
  state.log.push(entry);
  response.once('close', () => {
    entry.status = response.statusCode;
    entry.sent = request.socket.bytesWritten - before;
    entry.seconds = (performance.now() - began) / 1000;
  });
  if (request.method === 'OPTIONS') {
    response.writeHead(204, {
      'access-control-allow-methods': 'GET, HEAD, OPTIONS',
      'access-control-allow-headers': 'Authorization, Range, Content-Type',
      'access-control-max-age': '86400',
    });
    return response.end();
  }
  const status = state.faults.take('status', path);
  if (status) {
    if (status.retryAfter !== undefined) response.setHeader('retry-after', status.retryAfter);
    return refuse(response, status.status ?? 500, status.code);
  }
  if (state.faults.take('page', path))
    return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(LOGIN);
  if (cdn) {
    // The real storage refuses a request that is signed and has a token too.
    if (!link) return refuse(response, 403);
    if (entry.authorized) return refuse(response, 400);
    return sendFile(exchange, link.entry);
  }
  const api = /^\/api\/models\/([^/]+\/[^/]+)(?:\/(revision|tree)\/(.+?))?$/.exec(url.pathname);
  if (api) return answerApi(exchange, api);
  const cached = /^\/api\/resolve-cache\/models\/([^/]+\/[^/]+)\/([^/]+)\/(.+)$/.exec(url.pathname);
  const resolve = cached ?? /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
  if (resolve) return answerFile(exchange, resolve, cached !== null);
  return refuse(response, 404);
}

/** GET /_log, POST /_fault with one fault or several, DELETE /_fault. */
async function control(/** @type {Exchange} */ { state: { faults, log }, request, response, path }) {
  if (path === '/_log') return json(response, log);
  if (request.method === 'DELETE') faults.clear();
  if (request.method === 'POST') {
    let text = '';
    for await (const chunk of request) text += chunk;
    try {
      for (const fault of [JSON.parse(text)].flat()) faults.add(fault);
    } catch (error) {
      return response.writeHead(400).end(String(error));
    }
  }
  return json(response, {});
}

/** The repository at a revision, or null once the refusal is sent. Listings of gated repositories are public.
 *  @param {Exchange} exchange
 *  @param {string} repo
 *  @param {string} revision
 *  @param {boolean} isFile */
async function admitted({ state, request, response }, repo, revision, isFile) {
  const known = state.tokens.includes(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
  const found = await state.repos.at(repo, revision);
  if (!found || (state.hidden.includes(repo) && !known)) {
    // The Hub does not tell strangers whether a repository is private or missing.
    refuse(response, known ? 404 : 401, 'RepoNotFound');
    return null;
  }
  if (isFile && state.gated.includes(repo) && !known) {
    refuse(response, request.headers.authorization ? 403 : 401, 'GatedRepo');
    return null;
  }
  if (found.commit === null) {
    refuse(response, 404, 'RevisionNotFound');
    return null;
  }
  return found;
}

async function answerApi(/** @type {Exchange} */ exchange, /** @type {string[]} */ [, repo, what, rest]) {
  const { state, response, url } = exchange;
  const revision = decodeURIComponent(what === 'tree' ? rest.split('/')[0] : (rest ?? 'main'));
  const found = await admitted(exchange, repo, revision, false);
  if (!found) return;
  const { commit, files } = found;
  response.setHeader('x-repo-commit', commit);
  if (what !== 'tree') {
    const cardData = await state.repos.card(files);
    const about = {
      _id: commit.slice(0, 24),
      id: repo,
      private: state.hidden.includes(repo),
      gated: state.gated.includes(repo) ? 'auto' : false,
    };
    const tags = cardData.license ? [`license:${cardData.license}`] : [];
    const siblings = Array.from(files.keys(), (rfilename) => ({ rfilename }));
    return json(response, {
      ...about,
      sha: commit,
      cardData,
      tags,
      siblings,
      downloads: 0,
      likes: 0,
      lastModified: '2026-10-07T00:00:00.000Z',
    });
  }
  const from = Number(url.searchParams.get('cursor') ?? 0);
  const all = listing(files, url.searchParams.get('recursive') === 'true');
  const items = [];
  for (const item of all.slice(from, from + state.page)) {
    if (item.file === null) items.push({ type: 'directory', oid: '0'.repeat(40), size: 0, path: item.path });
    else items.push(await treeEntry(state.repos, item));
  }
  if (from + state.page < all.length) {
    url.searchParams.set('cursor', String(from + state.page));
    response.setHeader('link', `<${url.href}>; rel="next"`);
  }
  return json(response, items);
}

/** Folders are listed among the files; those in them with `recursive` only. */
function listing(/** @type {Files} */ files, /** @type {boolean} */ recursive) {
  const folders = /** @type {Set<string>} */ (new Set());
  for (const path of files.keys())
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at));
  /** @type {(Entry | { path: string, file: null })[]} */
  const all = [...Array.from(folders, (path) => ({ path, file: null })), ...files.values()];
  return recursive ? all : all.filter(({ path }) => !path.includes('/'));
}

async function treeEntry(/** @type {Repos} */ repos, /** @type {Entry} */ entry) {
  const { path, size, lfs } = entry;
  const oid = await repos.oid(entry);
  if (!lfs) return { type: 'file', oid, size, path };
  const sha256 = await repos.sha256(entry);
  return { type: 'file', oid, size, lfs: { oid: sha256, size, pointerSize: 130 }, path };
}

/** @param {Exchange} exchange
 *  @param {string[]} asked
 *  @param {boolean} cached */
async function answerFile(exchange, [, repo, revision, file], cached) {
  const { state, response } = exchange;
  const found = await admitted(exchange, repo, decodeURIComponent(revision), true);
  if (!found) return;
  const { commit, files } = found;
  const entry = files.get(decodeURIComponent(file));
  if (!entry) return refuse(response, 404, 'EntryNotFound');
  response.setHeader('x-repo-commit', commit);
  if (cached) return sendFile(exchange, entry);
  if (!entry.lfs) {
    // Small files: a redirect on the same host, to where they are cached.
    return response.writeHead(307, { location: `/api/resolve-cache/models/${repo}/${commit}/${file}` }).end();
  }
  const sha256 = await state.repos.sha256(entry);
  const search = `?Expires=4102444800&Signature=${randomBytes(16).toString('hex')}`;
  state.links.set(search, { repo, entry });
  return response
    .writeHead(302, {
      location: `${state.cdn}/cdn/${sha256}${search}`,
      'x-linked-size': entry.size,
      'x-linked-etag': `"${sha256}"`,
      'accept-ranges': 'bytes',
    })
    .end();
}

/** The file or the asked part of it, with whatever fault is due. */
async function sendFile(/** @type {Exchange} */ { state, request, response, path }, /** @type {Entry} */ entry) {
  const { faults, repos } = state;
  const { size, file } = entry;
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const ranged = asked !== null && !faults.take('whole', path);
  let begin = ranged ? Number(asked[1]) : 0;
  let end = ranged && asked[2] !== '' ? Math.min(size, Number(asked[2]) + 1) : size;
  const type = TYPES[file.replace(/.*\./, '')] ?? 'application/octet-stream';
  /** @type {import('node:http').OutgoingHttpHeaders} */
  const headers = {
    'content-type': type,
    'accept-ranges': 'bytes',
    etag: `"${entry.lfs ? await repos.sha256(entry) : await repos.oid(entry)}"`,
  };
  if (ranged && begin >= size) return response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
  const { by = 0, silent } = (ranged && faults.take('shift', path)) || {};
  begin = Math.min(begin + by, size);
  end = Math.min(end + by, size);
  const stated = silent ? begin - by : begin;
  if (ranged && !faults.take('hidden', path))
    headers['content-range'] = `bytes ${stated}-${stated + end - begin - 1}/${size}`;
  headers['content-length'] = end - begin + (faults.take('length', path)?.by ?? 0);
  response.writeHead(ranged ? 206 : 200, { ...headers, connection: 'close' });
  if (request.method === 'HEAD') return response.end();

  const place = (/** @type {Fields} */ { at, after = 0 }) => at ?? begin + after;
  const within = (/** @type {Fields} */ { at, after = 0 }) =>
    at === undefined ? after <= end - begin : begin <= at && at < end;
  const cut = faults.take('cut', path, within);
  const stall = cut ? null : faults.take('stall', path, within);
  const altered = faults.take('alter', path, within)?.at;
  const rate = faults.take('slow', path)?.rate;
  const stop = cut ?? stall;
  let at = begin;
  for await (const chunk of fileBytes(
    file,
    begin,
    stop ? Math.min(end, place(stop)) : end,
    rate ? Math.max(1, Math.floor(rate / 50)) : undefined,
  )) {
    if (altered !== undefined && altered >= at && altered < at + chunk.length) chunk[altered - at] ^= 0x40;
    at += chunk.length;
    if (response.destroyed) return;
    if (!response.write(chunk)) await drained(response);
    if (rate) await new Promise((resolve) => setTimeout(resolve, (1000 * chunk.length) / rate));
  }
  if (stall) return;
  // Ended after its last bytes are out, and not before.
  if (cut) response.socket?.end();
  else response.end();
}

/** Or closed. */
async function drained(/** @type {ServerResponse} */ response) {
  const heard = new AbortController();
  const events = ['drain', 'close'].map((event) => once(response, event, { signal: heard.signal }));
  await Promise.race(events);
  for (const event of events) event.catch(() => undefined);
  heard.abort();
}

function json(/** @type {ServerResponse} */ response, /** @type {unknown} */ value) {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}

function refuse(/** @type {ServerResponse} */ response, /** @type {number} */ status, code = '') {
  const headers = { 'content-type': 'application/json; charset=utf-8', ...(code ? { 'x-error-code': code } : {}) };
  response.writeHead(status, headers).end(JSON.stringify({ error: code || `status ${status}` }));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: { root: { type: 'string' }, port: { type: 'string' }, 'cdn-port': { type: 'string' } },
  });
  if (!values.root) {
    console.error('node tools/hub/server.mjs --root DIR [--port N] [--cdn-port N]');
    process.exit(2);
  }
  const cdnPort = values['cdn-port'] === undefined ? undefined : Number(values['cdn-port']);
  const hub = await startHub({ root: values.root, port: Number(values.port ?? 8088), cdnPort });
  console.log(`${values.root} as a Hub: ${hub.url}${hub.cdn === hub.url ? '' : `, large files from ${hub.cdn}`}`);
}
