import { readFileSync } from 'node:fs';
import { expect, open, short, test } from './page';

interface Stored {
  effects: { prompt: string; edits: { layer: number; feature: number }[] }[];
}
const { effects } = JSON.parse(readFileSync('public/models/lenslet-mini/effects.json', 'utf8')) as Stored;
const { edits, prompt } = effects[0]!;
const { layer, feature } = edits[0]!;
const link = short(prompt, `&s=${layer}&f=${feature}`);

test('a feature’s card says its label with precision, where it fires and what is like it, as the library does', async ({
  page,
}) => {
  await open(page, link);
  const detail = page.getByRole('region', { name: /feature/i }).last();
  await expect(page.getByTestId('feature-label')).toContainText(
    /precision [01]\.\d\d · recall [01]\.\d\d on held-out text/,
  );
  const expected = await page.evaluate(([l, f]) => window.lenslet!.feature(l!, f!), [layer, feature]);
  await expect(page.getByTestId('feature-label')).toContainText(expected.label!.text);
  await expect(detail.getByText('written by the model').first()).toBeVisible();
  await expect(page.getByRole('list', { name: 'Similar here' }).getByRole('listitem')).toHaveCount(5);
  // Of the other sites one each, and one click leads there.
  const nearest = page.getByRole('list', { name: 'Nearest at other layers' }).getByRole('button');
  await expect(nearest).toHaveCount(2);
  const name = `${expected.nearest[0]!.layer}:${expected.nearest[0]!.id}`;
  await nearest.first().click();
  await expect(page.getByRole('heading', { name, exact: true })).toBeVisible();
});

test('a feature is copied under Neuronpedia’s names', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page, link);
  await page.getByTestId('copy').click();
  await page.getByTestId('copy-json').click();
  await expect(page.getByTestId('copy-json')).toHaveText('Copied');
  const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  expect(copied).toMatchObject({
    modelId: 'lenslet-mini',
    layer: `${layer}-res-2k`,
    index: String(feature),
    hookName: `blocks.${layer}.hook_resid_post`,
  });
  expect(copied.pos_str).toHaveLength(10);
  expect(copied.activations.length).toBeGreaterThan(4);
  const [{ tokens, values, maxValue, maxValueTokenIndex }] = copied.activations;
  expect(values).toHaveLength(tokens.length);
  expect(values[maxValueTokenIndex]).toBe(maxValue);
});

test('a feature is copied in every form, and its decoder row is a file that NumPy reads', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page, link);
  await page.getByTestId('copy').click();
  const forms = {
    id: `${layer}:${feature}`,
    neuronpedia: `lenslet-mini@${layer}-res-2k:${feature}`,
    hook: `blocks.${layer}.hook_resid_post`,
    hidden: `hidden_states[${layer + 1}]`,
    sdk: `lens.steer({ layer: ${layer}, feature: ${feature}, weight: 1 })`,
    saelens: `from sae_lens import SAE\nsae = SAE.load_from_disk("lenslet-mini/sae/blocks.${layer}.hook_resid_post")\nrow = sae.W_dec[${feature}]`,
  };
  for (const [form, text] of Object.entries(forms)) {
    await page.getByTestId(`copy-${form}`).click();
    await expect(page.getByTestId(`copy-${form}`)).toHaveText('Copied');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
  }
  // The forms lie over the card, and Esc folds them without unlocking the token.
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('copy-id')).toHaveCount(0);
  await expect(page.getByTestId('copy')).toBeFocused();
  await page.keyboard.press('Enter');
  const waiting = page.waitForEvent('download');
  await page.getByTestId('download-row').click();
  const file = await waiting;
  expect(file.suggestedFilename()).toBe(`lenslet-mini.${layer}.${feature}.decoder.npy`);
  const bytes = readFileSync((await file.path())!);
  expect(bytes.subarray(0, 6).toString('latin1')).toBe('\x93NUMPY');
  expect(bytes.toString('latin1')).toContain("'shape': (256,)");
  const row = new Float32Array(new Uint8Array(bytes.subarray(bytes.length - 4 * 256)).buffer);
  const expected = await page.evaluate(
    async ([l, f]) => Array.from(await window.lenslet!.decoderRow(l!, f!)),
    [layer, feature],
  );
  expect(Array.from(row)).toEqual(expected);
});

test('another site says that the id does not carry over, and names the nearest decoder row', async ({ page }) => {
  await open(page, link);
  const { nearest } = await page.evaluate(([l, f]) => window.lenslet!.feature(l!, f!), [layer, feature]);
  const there = nearest.find((one) => one.layer === 2)!;
  await page.getByRole('radio', { name: '2', exact: true }).check({ force: true });
  const note = page.getByTestId('site-note');
  await expect(note).toContainText(`${layer}:${feature} is a feature of layer ${layer}`);
  await expect(note).toContainText(`cosine ${there.cosine.toFixed(3)}`);
  await note.getByRole('button', { name: `2:${there.id}` }).click();
  await expect(page.getByRole('heading', { name: `2:${there.id}`, exact: true })).toBeVisible();
  await expect(note).toHaveCount(0);
});

test('an edit’s name opens its card', async ({ page }) => {
  await open(page, short(prompt, `&s=2&e=${layer}:${feature}a0`));
  await page
    .getByTestId('steer-row-0')
    .getByRole('button', { name: `${layer}:${feature}`, exact: true })
    .click();
  await expect(page.getByRole('heading', { name: `${layer}:${feature}`, exact: true })).toBeVisible();
});

test.describe('with files that are answered by the test', () => {
  test.use({ engine: 'own' });

  test('feature data is asked for in parts, and a page without it works as before', async ({ page }) => {
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('features.safetensors')) asked.push(request.headers().range ?? 'whole');
    });
    await open(page, link);
    await expect(page.getByTestId('feature-label')).toContainText('precision');
    expect(asked.length).toBeGreaterThan(3);
    expect(asked).not.toContain('whole');
    await page.route('**/features.safetensors', (route) => route.fulfill({ status: 404 }));
    await open(page, short('The old man'));
    await page.reload();
    await page.waitForFunction(() => document.documentElement.dataset.state === 'ready');
    await expect(page.getByTestId('feature-label')).toHaveCount(0);
    await expect(page.getByText('Promotes, logit per unit')).toBeVisible();
  });
});
