import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';

/** The built page. */
export const DIST = resolve(process.env.LENSLET_DIST ?? 'dist');

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
};

export interface Sent {
  path: string;
  status: number;
  bytes: number;
}

export interface StaticHost {
  origin: string;
  /** Every answer, in order. */
  sent: Sent[];
  /** Bytes of file bodies under `path`. */
  bytesOf(path: string): number;
  /** Takes the place of what lies under a path; null for the file itself again. */
  replace(path: string, body: Buffer | null): void;
  /** Sends so many bytes of a path's whole file, and then nothing more; null: no path stalls. */
  stall(path: string | null, after?: number): void;
  close(): Promise<void>;
}

/** A host like any that serves files and nothing more: ETags, ranges, 404; no header of ours. `cors`: other origins may
 *  read. */
export async function serve(folder: string, options: { cors?: boolean } = {}): Promise<StaticHost> {
  const sent: Sent[] = [];
  const replaced = new Map<string, Buffer>();
  let stalled: { path: string; after: number } | null = null;
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://host').pathname).replace(/\/$/, '/index.html');
    const file = join(folder, path);
    if (options.cors) {
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-allow-headers', 'range');
    }
    const answer = (status: number, body: Buffer) => {
      sent.push({ path, status, bytes: body.length });
      response.writeHead(status, status === 304 ? {} : { 'content-length': body.length }).end(body);
    };
    const nothing = Buffer.alloc(0);
    if (request.method === 'OPTIONS') return answer(204, nothing);
    const body = replaced.get(path) ?? (existsSync(file) && statSync(file).isFile() ? readFileSync(file) : null);
    if (!body) return answer(404, nothing);
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
    response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
    response.setHeader('etag', etag);
    response.setHeader('cache-control', 'no-cache');
    response.setHeader('accept-ranges', 'bytes');
    if (request.headers['if-none-match'] === etag) return answer(304, nothing);
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    if (!range && stalled?.path === path) {
      response.writeHead(200, { 'content-length': body.length }).write(body.subarray(0, stalled.after));
      return;
    }
    if (!range) return answer(200, body);
    const begin = Number(range[1]);
    const end = Math.min(range[2] ? Number(range[2]) + 1 : body.length, body.length);
    response.setHeader('content-range', `bytes ${begin}-${end - 1}/${body.length}`);
    answer(206, body.subarray(begin, end));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    bytesOf: (path) => sent.filter((one) => one.path === path).reduce((sum, { bytes }) => sum + bytes, 0),
    replace: (path, body) => (body ? replaced.set(path, body) : replaced.delete(path)),
    stall: (path, after = 0) => {
      stalled = path === null ? null : { path, after };
    },
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
