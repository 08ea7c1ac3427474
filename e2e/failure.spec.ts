import { expect, OLD_MAN, open, type Page, settled, short, test } from './page';

test.use({ engine: 'own' });

const folder = '**/models/lenslet-mini/';

async function failed(page: Page, name: string): Promise<void> {
  await page.waitForFunction(() => document.documentElement.dataset.state === 'error');
  await expect(page.getByTestId('error')).toHaveAttribute('data-error', name);
  // Nothing is lost: the text stands, and there is one thing to do.
  await expect(page.getByTestId('prompt')).toHaveValue(OLD_MAN);
  await expect(page.getByTestId('restart')).toBeVisible();
}

async function start(page: Page, query = '?provider=wasm'): Promise<void> {
  await page.goto(`./${query}${short(OLD_MAN)}`);
}

test('a folder without a model', async ({ page }) => {
  await start(page, '?provider=wasm&model=models/nothing/');
  await failed(page, 'MissingFileError');
});

test('a family that does not open', async ({ page }) => {
  await page.route(`${folder}config.json`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({
      json: { ...(await response.json()), model_type: 'llama4', architectures: ['Llama4ForCausalLM'] },
    });
  });
  await start(page);
  await failed(page, 'UnsupportedModelError');
  await expect(page.getByTestId('error')).toContainText('llama4');
});

test('truncated weights, then whole ones: the same page goes on', async ({ page }) => {
  await page.route(`${folder}model.safetensors`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({
      body: (await response.body()).subarray(0, 1_000_000),
      headers: { 'content-type': 'application/octet-stream' },
    });
  });
  await start(page);
  await failed(page, 'CorruptFileError');
  await page.unroute(`${folder}model.safetensors`);
  await page.getByTestId('restart').click();
  await settled(page);
  await expect(page.getByTestId('chip-1')).toBeVisible();
});

test('a header that lies about its offsets', async ({ page }) => {
  await page.route(`${folder}model.safetensors`, async (route) => {
    const body = Buffer.from(await (await route.fetch()).body());
    const length = Number(body.readBigUInt64LE(0));
    const header = body
      .toString('utf8', 8, 8 + length)
      .replace(
        /"data_offsets":\[(\d+),(\d+)\]/,
        (_, a: string, b: string) => `"data_offsets":[${a},${'9'.repeat(b.length)}]`,
      );
    body.write(header, 8);
    await route.fulfill({ body, headers: { 'content-type': 'application/octet-stream' } });
  });
  await start(page);
  await failed(page, 'CorruptFileError');
});

test('weights of another shape; a dictionary of another width, which does not stop the model', async ({ page }) => {
  const patch = async (file: string, change: (json: Record<string, unknown>) => Record<string, unknown>) => {
    await page.route(`${folder}${file}`, async (route) =>
      route.fulfill({ json: change((await (await route.fetch()).json()) as Record<string, unknown>) }),
    );
  };
  await patch('config.json', (json) => ({ ...json, intermediate_size: 512 }));
  await start(page);
  await failed(page, 'ShapeMismatchError');
  await page.unroute(`${folder}config.json`);
  await patch('sae/blocks.3.hook_resid_post/cfg.json', (json) => ({ ...json, d_in: 128 }));
  await page.getByTestId('restart').click();
  await settled(page);
  await expect(page.getByRole('complementary', { name: 'Notices' })).toContainText(
    'Left out: sae/blocks.3.hook_resid_post/cfg.json is of layer 3 of a model 128 wide',
  );
});

test('a text longer than the context is named, and the last trace is kept', async ({ page }) => {
  await open(page);
  await page.getByTestId('prompt').fill('word '.repeat(1100));
  await expect(page.getByTestId('error').first()).toHaveAttribute('data-error', 'ContextOverflowError');
  await expect(page.getByTestId('error')).toHaveText(
    /The text has 1,\d{3} tokens, the model’s context holds 512\. Shorten it by \d+ tokens\. The text and the last trace are kept\.$/,
  );
  await expect(page.getByTestId('chip-1')).toBeVisible();
  await page.getByTestId('prompt').fill('short again');
  await settled(page);
  await expect(page.getByTestId('error')).toHaveCount(0);
});

test('a model from elsewhere is asked for first', async ({ page }) => {
  const asked: string[] = [];
  await page.route('https://models.example/**', (route) => {
    asked.push(route.request().url());
    return route.abort();
  });
  await start(page, '?model=https://models.example/other/');
  await expect(page.getByTestId('ask-foreign')).toContainText('models.example');
  expect(asked).toEqual([]);
});

test('opening can be cancelled', async ({ page }) => {
  await page.route(`${folder}model.safetensors`, () => {});
  await start(page);
  await expect(page.getByTestId('opening')).toContainText('Tokenizer');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await failed(page, 'AbortedError');
  await page.unroute(`${folder}model.safetensors`);
  await page.getByTestId('restart').click();
  await settled(page);
});
