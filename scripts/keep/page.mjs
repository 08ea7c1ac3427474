/** What a session of scripts/keep/keep.mjs does with a page, whatever it is about.
 *  @import { Locator, Page } from 'playwright'
 *  @typedef {(path: string, content: string | Buffer | object) => void} Write Writes a file of what is kept; objects as
 *    JSON. */

export const settled = (/** @type {Page} */ page) =>
  page.waitForFunction(() => document.documentElement.dataset.state === 'ready', undefined, { timeout: 300_000 });

/** Waits until a locator's text holds these words. */
export async function says(/** @type {Locator} */ locator, /** @type {string | RegExp} */ words) {
  const deadline = Date.now() + 300_000;
  for (;;) {
    const text = (await locator.first().textContent()) ?? '';
    if (typeof words === 'string' ? text.includes(words) : words.test(text)) return;
    if (Date.now() > deadline) throw new Error(`“${text}” does not say ${words}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export async function ran(/** @type {Page} */ page) {
  await page.locator('[data-testid="run"][data-status="done"]').waitFor();
  await settled(page);
}

/** The text of what a click downloads. */
export async function saved(/** @type {Page} */ page, /** @type {string} */ testId) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(testId).click()]);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

export const file = (/** @type {string} */ name, /** @type {string} */ text) => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.from(text),
});
