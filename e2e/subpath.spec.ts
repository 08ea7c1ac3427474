import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, OLD_MAN, settled, short, test } from './page';
import { DIST, serve } from './static-host';

test.use({ engine: 'own', serviceWorkers: 'allow' });

const BELOW = '/some/sub/path/';

test('under a path of a host that serves files and nothing more, the page opens, reads, and is kept for offline use under that path alone', async ({
  page,
  context,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'lenslet-subpath-'));
  mkdirSync(join(folder, 'some/sub'), { recursive: true });
  symlinkSync(DIST, join(folder, 'some/sub/path'), 'junction');
  const host = await serve(folder);
  const failed: string[] = [];
  context.on('requestfailed', (request) => failed.push(request.url()));
  try {
    await page.goto(`${host.origin}${BELOW}?provider=wasm${short(OLD_MAN)}`);
    await settled(page);
    await expect(page.getByTestId('chip-1')).toContainText('old');
    await expect(page.locator('html')).toHaveAttribute('data-offline', 'ready');
    const scope = await page.evaluate(() => navigator.serviceWorker.ready.then((registration) => registration.scope));
    expect(scope).toBe(`${host.origin}${BELOW}`);
    // Nothing was asked for beside the folder, and all that was asked for was there.
    expect(host.sent.filter(({ path, status }) => !path.startsWith(BELOW) || status >= 400)).toEqual([]);

    await context.setOffline(true);
    await host.close();
    await (await context.newCDPSession(page)).send('Network.clearBrowserCache');
    await page.reload();
    await settled(page);
    await page.getByTestId('prompt').fill('The king said to his son');
    await expect(page.getByTestId('chip-1')).toContainText('king');
    expect(failed).toEqual([]);
  } finally {
    await host.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
