import { readFileSync } from 'node:fs';
import { serious } from './axe';
import { expect, open, type Page, ran, settled, short, steerFirst, test } from './page';

const turns = (page: Page) => page.getByTestId('turn').getByRole('textbox');
const said = (page: Page) => turns(page).evaluateAll((all) => all.map((box) => (box as HTMLTextAreaElement).value));
/** Waits for a run of what is on show now. */
async function answered(page: Page): Promise<void> {
  await expect(page.getByTestId('run')).toHaveAttribute('data-stale', 'false');
  await ran(page);
}

test('a conversation is written, steered, kept, gone on with, branched, undone, reloaded, and taken away as a file', async ({
  page,
}) => {
  const FIRST = 'How many apples are 3 and 4?';
  await open(page, short(FIRST));
  await page.getByTestId('prompt-kind').getByRole('radio', { name: 'Conversation' }).check();
  await expect(turns(page)).toHaveCount(1);
  await settled(page);
  await steerFirst(page);
  await answered(page);

  // The steered answer, as it stands in the conversation, becomes the turn, and the next one is written behind it.
  const steered = (await page.getByTestId('run-steered').textContent())!.replace('[end]', '').replace(/\ufffd$/, '');
  expect(steered.trim()).not.toBe('');
  await expect(page.getByTestId('answer-steered')).toContainText(steered.trim().slice(0, 20));
  await page.getByTestId('take-steered').click();
  await expect(turns(page)).toHaveCount(2);
  await expect(page.getByTestId('answers')).toHaveCount(0);
  const kept = (await said(page))[1]!;
  expect(kept).toBe(steered);
  await expect(page.getByTestId('composer')).toBeFocused();
  await expect(page.getByTestId('generate')).toBeDisabled();
  await page.keyboard.type('And 2 more?');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('Say it.');
  await page.keyboard.press('Enter');
  await expect(turns(page)).toHaveCount(3);
  const whole = [FIRST, kept, 'And 2 more?\nSay it.'];
  expect(await said(page)).toEqual(whole);
  await answered(page);

  // Another token in a place of the answer begins a branch; the conversation that it left is kept.
  await page.getByTestId('run-baseline').getByRole('option').nth(1).click();
  await page.getByTestId('alternatives').locator('button:not([aria-current], [aria-disabled])').first().click();
  await expect(turns(page)).toHaveCount(4);
  const branched = await said(page);
  expect(branched.slice(0, 3)).toEqual(whole);
  await answered(page);
  await page.getByTestId('branches').click();
  await expect(page.getByTestId('branch')).toHaveCount(2);
  await expect(page.locator('[data-testid="branch"][data-shown="true"]')).toContainText('from turn 3, token 2');
  expect(await serious(page)).toEqual([]);
  await page
    .locator('[data-testid="branch"][data-shown="false"]')
    .getByRole('button', { name: /^Return/ })
    .click();
  await expect(turns(page)).toHaveCount(3);
  expect(await said(page)).toEqual(whole);

  // What is kept has a name, and is there after a reload.
  await page.locator('[data-testid="branch"][data-shown="true"]').getByRole('textbox').fill('Apples');
  await page.keyboard.press('Escape');
  await page.getByTestId('new-chat').click();
  await expect(turns(page)).toHaveCount(1);
  expect(await said(page)).toEqual(['']);
  await page.reload();
  await settled(page);
  await page.getByTestId('branches').click();
  await page.getByRole('button', { name: 'Return to “Apples”' }).click();
  await expect(turns(page)).toHaveCount(3);
  expect(await said(page)).toEqual(whole);
  await expect(page.locator('[data-testid="branch"][data-shown="true"]').getByRole('textbox')).toHaveValue('Apples');
  await page.keyboard.press('Escape');

  // Undo, and the way back to the text. What is written while a step is under way belongs to it.
  await settled(page);
  await turns(page).nth(0).fill('Other words');
  await expect(page.getByTestId('undo')).toBeEnabled();
  await turns(page).nth(0).press('Control+z');
  await expect(turns(page).nth(0)).toHaveValue(FIRST);
  await page.getByTestId('prompt-kind').getByRole('radio', { name: 'Text' }).check();
  await expect(page.getByTestId('prompt')).toHaveValue(FIRST);
  await page.getByTestId('prompt-kind').getByRole('radio', { name: 'Conversation' }).check();
  await expect(turns(page)).toHaveCount(3);

  // As a file, and from one.
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('chat-export').click()]);
  const file = readFileSync(await download.path(), 'utf8');
  expect(JSON.parse(file).messages.map(({ content }: { content: string }) => content)).toEqual(whole);
  const from = (text: string) =>
    page
      .getByTestId('chat-file')
      .setInputFiles({ name: 'chat.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  await from('[\n{"role": "user", "content": "a"},\n{"role": "tool", "content": "b"}]');
  await expect(page.getByTestId('error')).toContainText('chat.json: line 3, turn 1 has the role “tool”');
  expect(await said(page)).toEqual(whole);
  await from(file.replace(FIRST, 'From a file'));
  await expect(turns(page).nth(0)).toHaveValue('From a file');
  await settled(page);
});
