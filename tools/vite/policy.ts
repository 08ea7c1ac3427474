import type { Plugin } from 'vite';

/** Content-Security-Policy of the built page. It stands in the page itself, so that it holds on any static host; the
 *  preview server and `lenslet serve` also send it as a header, which a meta element cannot replace for
 *  `frame-ancestors` and for scripts that are opened as workers of their own.
 *
 *  Two pages are built from one index.html. The strict one connects to its own origin and to nothing else, so a prompt
 *  cannot leave it even by a mistake in a dependency. `open.html` is the same application for a model folder elsewhere:
 *  it may fetch from any site, because folders redirect to other hosts (Hugging Face's do), and it asks before it
 *  does. */

/** What the two pages share. `wasm-unsafe-eval` compiles the engine; `blob:` starts it (see src/worker/start.ts), and a
 *  worker from a blob is under its page's policy. */
const SHARED = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
];

export const STRICT = [...SHARED, "connect-src 'self'"].join('; ');
export const OPEN = [...SHARED, 'connect-src http: https:'].join('; ');
export const OPEN_PAGE = 'open.html';

/** The policy as a header, for servers that can send one, of what lies at a path without its query. */
export function policyHeader(path: string): string {
  return `${path.endsWith(`/${OPEN_PAGE}`) ? OPEN : STRICT}; frame-ancestors 'none'`;
}

const meta = (policy: string) => `<meta http-equiv="Content-Security-Policy" content="${policy}" />`;

/** The strict page, made of the page as it was built. Throws where there is no charset to stand behind: nothing may be
 *  fetched before the policy is read. */
export function strictPage(html: string): string {
  const policed = html.replace(/<meta charset="utf-8"\s*\/?>/, (charset) => `${charset}\n    ${meta(STRICT)}`);
  if (policed === html)
    throw new Error('index.html has no <meta charset="utf-8">, behind which its Content-Security-Policy stands.');
  return policed;
}

/** The page for models elsewhere, made of the strict one. `data-models` tells the script which of the two it runs
 *  in. */
export function openPage(strict: string): string {
  const page = strict.replace(meta(STRICT), meta(OPEN)).replace('<html ', '<html data-models="anywhere" ');
  if (!page.includes(meta(OPEN)) || !page.includes('data-models'))
    throw new Error('open.html could not be made of index.html.');
  return page;
}

export function policy(): Plugin {
  return {
    name: 'content-security-policy',
    enforce: 'post',
    // Built pages only: the development server's own scripts are inline.
    generateBundle(_, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset') return;
      page.source = strictPage(page.source.toString());
      this.emitFile({ type: 'asset', fileName: OPEN_PAGE, source: openPage(page.source) });
    },
    configurePreviewServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = request.url?.split('?', 1)[0] ?? '';
        response.setHeader('content-security-policy', policyHeader(path));
        next();
      });
    },
  };
}
