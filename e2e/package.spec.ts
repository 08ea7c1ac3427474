import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNode } from '../scripts/run/run-command.mjs';
import { keptOf } from '../tools/vite/precache';
import { expect, OLD_MAN, short, test } from './page';
import { type Served, served } from './served';

/** The package as somebody has it who knows nothing of this repository: packed, installed into an empty folder
 *  elsewhere without what is for development, and run. */

test.use({ engine: 'own' });
test.describe.configure({ mode: 'serial' });

const root = fileURLToPath(new URL('..', import.meta.url));
const MINUTE = 60_000;
const NO_REGISTRY = /ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ENOTCACHED|ECONNRESET|ENETUNREACH/;

let user: string;
let host: Served;

const inside = (path: string) => join(user, 'node_modules', path);
const home = (path: string) => inside(`lenslet/${path}`);
const manifestOf = (name: string) =>
  JSON.parse(readFileSync(inside(`${name}/package.json`), 'utf8')) as {
    dependencies?: Record<string, string>;
    bin?: Record<string, string>;
  };

/** npm's own program, which needs no shell: the one that started the tests, or the one beside this Node. */
function npm(): string {
  const beside = [
    '../lib/node_modules/npm/bin/npm-cli.js',
    'node_modules/npm/bin/npm-cli.js',
    '../share/nodejs/npm/bin/npm-cli.js',
  ];
  const found = [process.env.npm_execpath ?? '', ...beside.map((path) => join(process.execPath, '..', path))].find(
    (path) => /npm-cli\.js$/.test(path) && existsSync(path),
  );
  if (!found) throw new Error('npm was not found beside Node. Run the tests with “npm test” or “npm run e2e”.');
  return found;
}

async function node(args: string[], cwd: string): Promise<string> {
  const { status, output } = await runNode(args, { cwd, idle: 600, capture: true });
  expect(status, output).toBe(0);
  return output;
}

test.afterAll(() => {
  host?.kill();
  if (user) rmSync(user, { recursive: true, force: true });
});

/** Names of what is installed at the top, where npm puts everything that does not contradict. */
function installed(): string[] {
  return readdirSync(inside(''))
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => (name.startsWith('@') ? readdirSync(inside(name)).map((inner) => `${name}/${inner}`) : name))
    .sort();
}

test('it is built, packed, installed and started', async () => {
  user = mkdtempSync(join(tmpdir(), 'lenslet-package-'));
  // The page that these tests are served: building it anew would take it away from under them.
  await node(['scripts/package/sdk.mjs', '--built'], root);
  await node([npm(), 'pack', './dist-sdk', '--pack-destination', user], root);
  const [tarball] = readdirSync(user);
  const { status, output } = await runNode(
    [
      npm(),
      'install',
      '--prefix',
      user,
      '--prefer-offline',
      '--ignore-scripts',
      '--omit=dev',
      '--no-audit',
      '--no-fund',
      join(user, tarball!),
    ],
    { cwd: user, idle: 600, capture: true },
  );
  if (status !== 0 && NO_REGISTRY.test(output))
    throw new Error(
      `npm reached no registry and has no onnxruntime-web in its cache. This test needs one or the other. npm says:\n${output}`,
    );
  expect(status, output).toBe(0);
  host = await served([home(manifestOf('lenslet').bin!.lenslet!), 'serve', '--port', '0'], user);
});

test('what is installed is Lenslet, onnxruntime-web and what that one needs, and nothing of this repository’s development', () => {
  expect(manifestOf('lenslet').dependencies).toEqual({ 'onnxruntime-web': expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  const needed = new Set<string>();
  const visit = (name: string) => {
    if (needed.has(name)) return;
    needed.add(name);
    for (const dependency of Object.keys(manifestOf(name).dependencies ?? {})) visit(dependency);
  };
  visit('lenslet');
  expect(installed()).toEqual([...needed].sort());
  for (const name of ['vite', 'typescript', 'playwright', 'react', 'send', '@huggingface/transformers'])
    expect(needed.has(name)).toBe(false);
});

test('the package holds the whole page, byte for byte, without what no browser asks for', () => {
  const page = home('page');
  const whole = keptOf(join(root, 'dist'));
  expect(whole.length).toBeGreaterThan(130);
  expect(keptOf(page)).toEqual(whole);
  expect(statSync(join(page, 'open.html')).size).toBeGreaterThan(0);
  expect(readdirSync(page, { recursive: true }).filter((name) => /\.(?:woff|map|ts)$/.test(String(name)))).toEqual([]);
});

test('licences of what is bundled go with it: the tokenizer’s, which took others in, the server’s, the engine’s and the fonts’', () => {
  for (const name of ['LICENSE', 'README.md']) expect(statSync(home(name)).size).toBeGreaterThan(500);
  const library = readFileSync(home('THIRD-PARTY.txt'), 'utf8');
  const page = readFileSync(home('page/THIRD-PARTY.txt'), 'utf8');
  const list = (text: string) => Array.from(text.matchAll(/^ {2}(\S+)@\S+ \(.+\)$/gm), ([, name]) => name);
  expect(list(library)).toEqual(
    expect.arrayContaining([
      '@huggingface/jinja',
      '@huggingface/tokenizers',
      '@huggingface/transformers',
      'mime-db',
      'send',
      'yaml',
    ]),
  );
  expect(list(library)).not.toContain('react');
  const fonts = [
    '@fontsource-variable/ibm-plex-sans',
    '@fontsource-variable/noto-sans-sc',
    '@fontsource-variable/source-serif-4',
    '@fontsource/ibm-plex-mono',
  ];
  expect(list(page)).toEqual(
    expect.arrayContaining([
      ...fonts,
      '@huggingface/transformers',
      'onnxruntime-web',
      'react',
      'react-dom',
      'workbox-precaching',
      'zustand',
    ]),
  );
  for (const name of ['vite', 'send', 'vitest', 'onnxruntime-node', 'sharp']) expect(list(page)).not.toContain(name);
  expect(library).toContain('Apache License');
  for (const text of [
    'Apache License',
    'SIL OPEN FONT LICENSE',
    'Copyright (c) Microsoft Corporation',
    'THIRD PARTY SOFTWARE NOTICES AND INFORMATION',
  ])
    expect(page).toContain(text);
});

test('the program is on the path of the package’s user, and says its version', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(await node([npm(), 'exec', '--no', '--prefix', user, '--', 'lenslet', '--version'], user)).toBe(
    `${version}\n`,
  );
});

/** Asks for a path as it stands. */
function ask(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; type: string | undefined; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const asked = request(host.address, { path, headers, timeout: 2 * MINUTE }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode!, type: response.headers['content-type'], body: Buffer.concat(parts) }),
      );
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('it serves the page, parts of the weights and the engine, and nothing outside the page', async () => {
  const page = await ask('/');
  expect([page.status, page.type]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.body.equals(readFileSync(home('page/index.html')))).toBe(true);
  const weights = '/models/lenslet-mini/model.safetensors';
  const part = await ask(weights, { range: 'bytes=1000-1999' });
  expect(part.status).toBe(206);
  expect(part.body.equals(readFileSync(home(`page${weights}`)).subarray(1000, 2000))).toBe(true);
  const engines = readdirSync(home('page/assets')).filter((name) => name.endsWith('.wasm'));
  expect(engines).toHaveLength(2);
  for (const engine of engines)
    expect(await ask(`/assets/${engine}`, { range: 'bytes=0-3' })).toMatchObject({
      status: 206,
      type: 'application/wasm',
    });
  for (const path of ['/../package.json', '/%2e%2e/package.json', '/..%2f..%2fonnxruntime-web/package.json']) {
    const { status, body } = await ask(path);
    expect([403, 404]).toContain(status);
    expect(body.toString()).not.toContain('dependencies');
  }
});

test('`lenslet/node` reads a text with the installed model as PyTorch did', async () => {
  const golden = JSON.parse(readFileSync(join(root, 'public/models/lenslet-mini/golden.json'), 'utf8')) as {
    texts: { text: string; ids: number[]; codes: Record<string, number[]> }[];
    k: number;
  };
  const shortest = golden.texts.filter(({ ids }) => ids.length > 3).sort((a, b) => a.ids.length - b.ids.length)[0]!;
  writeFileSync(
    join(user, 'read.mjs'),
    `import { openDirectory } from 'lenslet/node';
     const lens = await openDirectory('node_modules/lenslet/page/models/lenslet-mini');
     const trace = await lens.trace(${JSON.stringify(shortest.text)});
     const { ids, k } = trace.site(2);
     const first = trace.tokens.map(({ position }) => ids[position * k]);
     const chat = { messages: [{ role: 'user', content: trace.text }] };
     const asked = await lens.trace(chat);
     const when = '2:' + asked.site(2).ids[(asked.tokens.length - 1) * k] + ' > 0 in turn';
     const edit = { layer: 3, feature: 11, mode: 'add', strength: 50, where: 'assistant', when };
     const rows = [];
     const run = lens.generate(chat, { variants: [[edit]], maxTokens: 2 });
     for await (const { rows: [row] } of run) rows.push({ gates: row.gates, acted: row.acted, section: row.section });
     console.log(JSON.stringify({ tokens: trace.tokens.map(({ id }) => id), first, k, rows }));
     await lens.close();`,
  );
  const first = shortest.ids.map((_, position) => shortest.codes['2']![position * golden.k]);
  const { rows, ...read } = JSON.parse(await node(['read.mjs'], user));
  expect(read).toEqual({ tokens: shortest.ids, first, k: golden.k });
  const open = { gates: [true], acted: 1, section: 'content' };
  expect(rows).toEqual([open, open]);
});

test('the types hold for a strict user who has nothing else', async () => {
  writeFileSync(
    join(user, 'use.ts'),
    `import { type Lens, openLens } from 'lenslet';
     import { openDirectory } from 'lenslet/node';
     import { openLens as inWorker } from 'lenslet/worker';
     export const all: Promise<Lens>[] = [openDirectory('m'), openLens('m/', { provider: 'wasm' }), inWorker('m/')];
     // @ts-expect-error
     openDirectory(7);`,
  );
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2023',
    lib: ['es2023', 'dom'],
    types: [],
    module: 'nodenext',
  };
  writeFileSync(join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
  expect(await node([join(root, 'node_modules/typescript/bin/tsc'), '-p', user], user)).toBe('');
});

test('the page from the package opens in a browser, and nothing that it asks for fails', async ({ page }) => {
  const failed: string[] = [];
  page.on('requestfailed', (asked) => failed.push(`${asked.url()} ${asked.failure()?.errorText}`));
  page.on('response', (answer) => {
    if (answer.status() >= 400) failed.push(`${answer.url()} ${answer.status()}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') failed.push(message.text());
  });
  await page.goto(`${host.address}?provider=wasm${short(OLD_MAN)}`);
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready', undefined, {
    timeout: 4 * MINUTE,
  });
  await expect(page.getByTestId('chip-1')).toContainText('old');
  await expect(page.locator('[data-testid^="feature-row-"]').first()).toBeVisible();
  expect(failed).toEqual([]);
});

test('Ctrl-C ends it cleanly', async () => {
  expect(await host.interrupt()).toEqual([0, null]);
  expect(host.output()).toBe(`Lenslet is at ${host.address}  (Ctrl-C stops it)\n`);
  await expect(ask('/')).rejects.toThrow('ECONNREFUSED');
});
