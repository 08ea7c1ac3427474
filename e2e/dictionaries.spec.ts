import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, open, settled, test } from './page';

test.use({ engine: 'own' });

const OWN = 'public/models/lenslet-mini/sae/blocks.2.hook_resid_post';

test('a folder with two dictionaries of a layer opens beside the open model: one is chosen, then the other', async ({
  page,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'lenslet-saes-'));
  try {
    for (const name of ['first', 'second'])
      for (const file of ['cfg.json', 'sae_weights.safetensors']) cpSync(join(OWN, file), join(folder, name, file));
    mkdirSync(join(folder, 'torn'));
    cpSync(join(OWN, 'sae_weights.safetensors'), join(folder, 'torn', 'sae_weights.safetensors'));
    writeFileSync(join(folder, 'torn', 'cfg.json'), '{');
    await open(page);
    await page.keyboard.press('m');
    await page.getByTestId('pick-folder').setInputFiles(folder);
    await expect(page.getByTestId('folder-says')).toContainText('which is opened with lenslet-mini');
    await page.getByTestId('confirm-open').click();
    const choice = page.getByTestId('choose-dictionary');
    await expect(choice.getByRole('row')).toHaveText([/folder/, /first2,048k 16/, /second2,048k 16/]);
    await page.getByTestId('left-out').locator('summary').click();
    await expect(page.getByTestId('left-out')).toContainText('Left out: torn/cfg.json');
    await page.getByRole('button', { name: 'Open the dictionary in second' }).click();
    await expect(page.getByTestId('models')).toHaveCount(0);
    await settled(page);
    const folders = () => page.evaluate(() => window.lenslet?.info.sites.map(({ about }) => about.folder));
    expect(await folders()).toEqual(['second']);
    await page.getByTestId('dictionary-facts').click();
    await expect(page.getByRole('button', { name: 'Open the dictionary in second' })).toBeDisabled();
    await page.getByRole('button', { name: 'Open the dictionary in first' }).click();
    await expect.poll(folders).toEqual(['first']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
