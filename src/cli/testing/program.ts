import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../main';

/** A small package folder like the one of `npm run sdk`: a page with a weight file, a module and a wasm, and beside the
 *  page a file that must stay private. */
export function packageFolder(): { home: string; put(name: string, body: string | Uint8Array): void; remove(): void } {
  const home = mkdtempSync(join(tmpdir(), 'lenslet-cli-'));
  const put = (name: string, body: string | Uint8Array) => {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), body);
  };
  put('package.json', '{ "version": "1.2.3" }');
  put('page/index.html', '<title>Lenslet</title>');
  put('page/open.html', '<title>Lenslet</title>');
  put('page/sw.js', 'const KEPT = ["one"];');
  put('page/assets/a.wasm', new Uint8Array([0, 97, 115, 109]));
  put('page/assets/b.mjs', 'export {};');
  put(
    'page/models/m/model.safetensors',
    Uint8Array.from({ length: 100_000 }, (_, i) => i % 251),
  );
  return { home, put, remove: () => rmSync(home, { recursive: true }) };
}

/** A run of the program in this process. `line` resolves to the n-th line that it writes, on either stream. */
export function program(home: string, ...args: string[]) {
  const ended = new AbortController();
  const said: string[] = [];
  const complained: string[] = [];
  const waiting: { lines: number; done: () => void }[] = [];
  const note = (lines: string[]) => (line: string) => {
    lines.push(line);
    for (const { lines: wanted, done } of waiting) if (said.length + complained.length >= wanted) done();
  };
  const exit = run(args, { home, say: note(said), complain: note(complained), signal: ended.signal });
  return {
    said,
    complained,
    exit,
    end: () => ended.abort(),
    /** Rejects if the program ends earlier. */
    async lines(count: number): Promise<void> {
      if (said.length + complained.length >= count) return;
      const early = exit.then((code) =>
        Promise.reject(new Error(`The program ended with ${code}: ${complained.join(' ')}`)),
      );
      await Promise.race([early, new Promise<void>((done) => waiting.push({ lines: count, done }))]);
    },
  };
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** Requests a path literally; `fetch` would normalise it first. */
export function ask(
  address: string,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, headers, method }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }),
      );
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}
