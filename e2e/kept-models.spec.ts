import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { type KeptInBrowser, putAll } from '../fixtures/kept/storage.mjs';
import { startHub } from '../tools/hub/server.mjs';
import {
  expectNumbers,
  foreignRequests,
  inBrowser,
  type KeptWindow,
  LONG,
  leave,
  paste,
  type ReadOut,
  readJson,
  settled,
  VERSION_1,
} from './kept';

interface Expected {
  kept: ReadOut;
  ofAddress: ReadOut;
  half: { endpoint: string; commit: string; resume: Record<string, { offset: number }> };
}

const kept = inBrowser();
const expected = readJson<Expected>('expected.json');

const entries = (page: Page) => page.getByTestId('kept-entry');
const originOf = (page: Page) => page.evaluate(() => (window as unknown as KeptWindow).lenslet?.info.origin);

async function openText(page: Page, text: string): Promise<void> {
  await paste(page, `p=${encodeURIComponent(text)}&g=0.7,0.95,16,3`);
  await expect(page.getByTestId('prompt')).toHaveValue(text, LONG);
  await settled(page);
}

test('models that are kept open without a network, by what the tab and the browser remember, and say what they said; they are listed and verified', async ({
  page,
}) => {
  const asked = foreignRequests(page);
  await leave(page, './?provider=webgpu#p=Before', kept);

  await test.step('a reload opens what no address names, with its view', async () => {
    await page.reload();
    await settled(page);
    expect(await originOf(page)).toMatchObject({ kind: 'url', url: expect.stringMatching(/\/models\/kept\/$/) });
    await expect(page.getByTestId('prompt')).toHaveValue(expected.kept.text);
    await expectNumbers(page, expected.ofAddress);
  });

  await test.step('a bare page opens what was opened last', async () => {
    await page.evaluate(putAll, { local: kept.local });
    await page.goto('about:blank');
    await page.goto('./?provider=webgpu');
    await settled(page);
    expect(new URL(page.url()).pathname).toBe('/');
    expect(await originOf(page)).toMatchObject({
      kind: 'hub',
      repo: 'Qwen/Qwen3-1.7B-Base',
      endpoint: 'https://huggingface.co',
      asked: 'main',
    });
    await expect(page.getByTestId('first-look')).toHaveCount(0);
    await openText(page, expected.kept.text);
    await expectNumbers(page, expected.kept);
  });

  await test.step('the list has all of them, and a lock of another tab holds', async () => {
    await page.getByTestId('open-models').click();
    const listed = [
      ['Qwen/Qwen3-1.7B-Base', 'q8', 'true'],
      ['Qwen/SAE-Res-Qwen3-1.7B-Base-W32K-L0_50', 'layer 2', 'true'],
      ['models/kept', 'q8', 'true'],
      ['models/kept', 'layer 2', 'true'],
      ['planted/half', 'q4', 'false'],
    ] as const;
    await expect(entries(page)).toHaveCount(listed.length);
    for (const [name, detail, complete] of listed)
      await expect(entries(page).filter({ hasText: name }).filter({ hasText: detail })).toHaveAttribute(
        'data-complete',
        complete,
      );
    const model = entries(page).filter({ hasText: 'Qwen/Qwen3-1.7B-Base' });
    await model.getByRole('button', { name: /^Verify/ }).click();
    await expect(model).toContainText('Every part is as it was written.', LONG);
    // An older page in another tab reads under this name.
    await page.evaluate(() => void navigator.locks.request('lenslet', { mode: 'shared' }, () => new Promise(() => {})));
    const half = entries(page).filter({ hasText: 'planted/half' });
    await half.getByRole('button', { name: /^Delete/ }).click();
    await half.getByRole('button', { name: /^Delete/ }).click();
    await expect(page.getByTestId('kept-models').getByTestId('error')).toHaveAttribute('data-error', 'StoreBusyError');
    await expect(half).toHaveCount(1);
  });
  expect(asked).toEqual([]);
});

/** Half of a model came from a mirror. Its look-alike here has another port, and calls the same files another commit:
 *  both names are put in place of those that are kept, and nothing else is changed. */
async function fromMirror({ url }: { url: string }): Promise<KeptInBrowser> {
  const { endpoint, commit } = expected.half;
  const { sha } = await (await fetch(`${url}/api/models/planted/half/revision/main`)).json();
  return JSON.parse(JSON.stringify(kept).replaceAll(endpoint, url).replaceAll(commit, sha)) as KeptInBrowser;
}

test('half a download is listed as that, and goes on where it stopped: what is there is not fetched again', async ({
  page,
}) => {
  const root = mkdtempSync(join(tmpdir(), 'lenslet-half-'));
  mkdirSync(join(root, 'planted'));
  cpSync(join(VERSION_1, 'folder'), join(root, 'planted/half'), { recursive: true });
  const hub = await startHub({ root });
  try {
    const { local: remembered, ...left } = await fromMirror(hub);
    const fragment = `#p=${encodeURIComponent(expected.kept.text)}&g=0.7,0.95,16,3`;
    // A page that waits for a word, so that no model is opened before this one.
    const { 'lenslet-last': _, ...local } = remembered;
    const address = `./?hub=Owner/not-here&provider=webgpu${fragment}`;
    await leave(page, address, { ...left, local, session: {} });
    await page.reload();
    await expect(page.getByTestId('ask-hub')).toBeVisible(LONG);
    await page.getByTestId('open-models').click();
    const entry = entries(page).filter({ hasText: 'planted/half' });
    await expect(entry).toHaveAttribute('data-complete', 'false', LONG);
    await expect(entry).toContainText(/interrupted at \d+/);
    await entry.getByRole('button', { name: /^Open/ }).click();
    await page.getByTestId('confirm-open').click();
    await page.waitForURL((url) => url.pathname === '/open.html', LONG);
    await settled(page);

    const [[path, { offset }], more] = Object.entries(expected.half.resume) as [[string, { offset: number }], unknown];
    expect([path, more]).toEqual(['model-00002-of-00003.safetensors', undefined]);
    // To plan, the beginning of each file is read. Of the first one nothing else; of the second from where it stopped
    // to its end; of the third all.
    const toTheEnd = (file: string) => {
      const { size } = statSync(join(VERSION_1, 'folder', file));
      const ranges = hub.log.flatMap(({ path: of, range }) =>
        of === `/cdn/planted/half/${file}` ? (/^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []) : [],
      );
      return Array.from({ length: ranges.length / 3 }, (_, i) => [
        Number(ranges[3 * i + 1]),
        Number(ranges[3 * i + 2]),
      ]).flatMap(([from, to]) => (to === size - 1 ? from : []));
    };
    expect([1, 2, 3].map((nth) => toTheEnd(`model-0000${nth}-of-00003.safetensors`))).toEqual([[], [offset], [0]]);
    expect(hub.log.filter(({ path: of }) => /tokenizer\.json$/.test(of))).toEqual([]);
    const found = await page.evaluate(() => (window as unknown as KeptWindow).lenslet!.info);
    expect(found).toMatchObject({
      format: 'q4',
      provider: 'webgpu',
      origin: { repo: 'planted/half', endpoint: hub.url },
    });
    expect(found.sites.map(({ layer }) => layer)).toEqual([2]);
    await page.getByTestId('open-models').click();
    await expect(entries(page).filter({ hasText: 'planted/half' }).filter({ hasText: 'q4' })).toHaveAttribute(
      'data-complete',
      'true',
      LONG,
    );
  } finally {
    await hub.close();
    rmSync(root, { recursive: true, force: true });
  }
});
