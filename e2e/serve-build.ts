import type { FullConfig } from '@playwright/test';
import { preview } from 'vite';

/** Serves the built page on a free port while the tests run, in the process that runs them: it ends with it. The
 *  address goes to the tests by their environment. */
export default async function serveBuild({ rootDir }: FullConfig): Promise<() => Promise<void>> {
  const server = await preview({ root: `${rootDir}/..`, logLevel: 'warn', preview: { host: '127.0.0.1', port: 0 } });
  process.env.LENSLET_E2E_URL = server.resolvedUrls!.local[0]!;
  return () => server.close();
}
