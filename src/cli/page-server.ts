import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import send from 'send';
import { policyHeader } from '../../tools/vite/policy';
import { CommandError } from './command';

/** Serves the built page in `folder`, and nothing outside it: whole files with their length, ranges, 304, 404. It does
 *  not listen yet. Throws a CommandError if there is no built page.
 *
 *  An ETag of size and time would be wrong here: npm gives every file of a package the same time, and index.html has
 *  the same size in each build, because its hashes do. sw.js names the hash of every file, so its own hash identifies
 *  the build. */
export function pageServer(folder: string): Server {
  const worker = join(folder, 'sw.js');
  if (!existsSync(worker) || !existsSync(join(folder, 'index.html')))
    throw new CommandError(`There is no built page in ${folder}. Install lenslet again.`);
  const etag = `"${createHash('sha256').update(readFileSync(worker)).digest('base64url')}"`;

  return createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    send(request, path, { root: folder, etag: false, lastModified: false, cacheControl: false })
      .on('headers', () => {
        response.setHeader('etag', etag);
        // Browsers may keep files, but must ask each time whether they changed.
        response.setHeader('cache-control', 'no-cache');
        response.setHeader('x-content-type-options', 'nosniff');
        response.setHeader('content-security-policy', policyHeader(path));
      })
      .pipe(response);
  });
}
